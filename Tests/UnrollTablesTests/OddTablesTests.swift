import Foundation
import TestSupport
import Testing
import UnrollTables

/// A table that Tests/Fixtures/odd_tables.py wrote, and what is to be read out of it.
struct OddTable: Decodable, CustomStringConvertible {
  /// A cell: a number or its absence, or a text.
  enum Cell: Decodable, Equatable {
    case number(Double)
    case missing
    case text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .missing
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }
  }

  enum Header: Decodable {
    case word(String)
    case names([String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let names = try? container.decode([String].self) {
        self = .names(names)
      } else {
        self = .word(try container.decode(String.self))
      }
    }
  }

  let name: String
  let bytes: Data
  let delimiter: String?
  let quote: String?
  let decimal: String?
  let grouping: String?
  let header: Header?
  let skip: Int?
  let footer: Int?
  let comment: String?
  let missing: [String]?
  let numbers: [String]?
  let policy: String?
  let columns: [String]?
  let rows: [[Cell]]?
  let line: Int?
  let says: String?

  var description: String { name }

  static let all: [OddTable] = {
    let url = Golden.fixtures.appendingPathComponent("odd_tables.json")
    do {
      return try JSONDecoder().decode([OddTable].self, from: Data(contentsOf: url))
    } catch {
      fatalError("\(error)")
    }
  }()

  /// How it is to be read, with columns that are described so.
  func table(_ columns: [TableColumn]) -> TableDescription {
    var table = TableDescription(columns: columns)
    func scalar(_ text: String?) -> Unicode.Scalar? { text?.unicodeScalars.first }
    table.delimiter = scalar(delimiter) ?? ","
    if let quote { table.quote = scalar(quote) }
    table.decimalSign = decimal.flatMap(TableDescription.DecimalSign.init) ?? .point
    table.digitGrouping = scalar(grouping)
    switch header {
    case .names(let names): table.header = .names(names)
    case .word("none"): table.header = .none
    default: table.header = .firstRow
    }
    table.skippedLines = skip ?? 0
    table.footerLines = footer ?? 0
    table.comment = scalar(comment)
    if let missing { table.missing = Set(missing) }
    return table
  }
}

@Suite("Odd tables, beside Python's csv")
struct OddTablesTests {
  @Test("There are many")
  func many() {
    #expect(OddTable.all.count > 100)
  }

  @Test("A table is read as Python reads it, or refused as it should be", arguments: OddTable.all)
  func table(odd: OddTable) throws {
    try withFile(odd.bytes) { path throws in
      if let line = odd.line, let says = odd.says {
        let error = #expect(throws: (any Error).self) { try rows(of: odd, path) }
        let message = error.map { "\($0)" } ?? ""
        #expect(message.contains(says), "\(message)")
        #expect(message.hasPrefix(path + (line > 0 ? ", line \(line)" : "")), "\(message)")
        #expect(!message.contains { $0.isNewline })
      } else {
        let (columns, rows) = try rows(of: odd, path)
        #expect(columns == odd.columns)
        #expect(rows == odd.rows)
      }
    }
  }

  /// The columns of a table and its rows, each with its line first.
  private func rows(
    of odd: OddTable, _ path: String
  ) throws -> (columns: [String], rows: [[OddTable.Cell]]) {
    let policy = odd.policy.flatMap(MissingNumbers.init) ?? .error
    let numbers = (odd.numbers ?? []).map { TableColumn($0, .number, missing: policy) }
    // What is text is known when the header has been read. Each column is read if it can be told by its name.
    let columns = try TableReader(path, odd.table(numbers)).rows().columns
    let texts = Set(columns).count == columns.count ? columns : []
    let others = texts.filter { column in !numbers.contains { $0.name == column } }
      .map { TableColumn($0, .text) }
    var rows: [[OddTable.Cell]] = []
    try TableReader(path, odd.table(numbers + others)).forEachRow { row in
      rows.append(
        [.number(Double(row.line))]
          + columns.map { column in
            if let index = row.numberColumns.firstIndex(of: column) {
              return row.number(index).isNaN ? .missing : .number(row.number(index))
            }
            return .text(row.textColumns.firstIndex(of: column).map(row.text) ?? "")
          })
    }
    return (columns, rows)
  }
}
