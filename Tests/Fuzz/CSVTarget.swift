import Foundation
import UnrollFiles
import UnrollSeries
import UnrollTables

private let path = FileManager.default.temporaryDirectory
  .appendingPathComponent("table.csv").path

/// A table of any bytes is read or refused. The first byte says how it is read, the rest is the
/// file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard count > 0, let bytes else { return 0 }
  let choice = bytes[0]
  let file = Data(UnsafeBufferPointer(start: bytes + 1, count: count - 1))
  guard (try? file.write(to: URL(fileURLWithPath: path))) != nil else { return 0 }
  let reader = CSVReader(
    path, dialect: [.csv, .tsv, CSVDialect(delimiter: ";")][Int(choice & 3) % 3],
    header: choice & 4 == 0 ? .firstRow : .none, fieldLimit: choice & 8 == 0 ? 16 << 20 : 5)
  do {
    let table = try CSVTable(reader)
    let columns = try reader.columns()
    precondition(table.columns == columns)
    var rows = 0
    try reader.forEachRow { row in
      precondition(row.fields.count == table.columns.count && row.line == table.lines[rows])
      rows += 1
    }
    precondition(rows == table.count)
    var all: [CSVRow] = []
    try reader.forEachRow { all.append($0) }
    try readTable(choice, columns: columns, rows: all)
    for column in Set(table.columns) {
      let missing: CSVMissing = [.error, .nan, .skip, .nan][Int(choice >> 4 & 3)]
      guard let cells = try? table.strings(column) else { continue }
      precondition(cells.count == rows)
      do {
        let numbers = try table.numbers(column, missing: missing)
        precondition(numbers.count == rows || missing == .skip)
      } catch let error as CSVError {
        checkLine(error.description)
      }
    }
  } catch let error as CSVError {
    checkLine(error.description)
  } catch let error as FileError {
    checkLine("\(error)")
  } catch {
    preconditionFailure("\(error)")
  }
  return 0
}

/// What is read as a description says, beside what is read as texts.
private func readTable(_ choice: UInt8, columns: [String], rows: [CSVRow]) throws {
  let unique = Set(columns).count == columns.count && !columns.contains("") ? columns : []
  let policies = MissingNumbers.allCases
  var table = TableDescription(
    columns: unique.enumerated().map { index, name in
      switch (index + Int(choice >> 4)) % 5 {
      case 0: TableColumn(name, .text)
      case 1: TableColumn(name, .category)
      case 2: TableColumn(name, .number, missing: policies[Int(choice >> 4) % policies.count])
      case 3: TableColumn(name, .key)
      default: TableColumn(name, index == 4 ? .time(.iso8601) : .text)
      }
    })
  table.delimiter = choice & 3 == 1 ? "\t" : choice & 3 == 2 ? ";" : ","
  table.quote = choice & 3 == 1 ? nil : "\""
  table.header = choice & 4 == 0 ? .firstRow : .none
  table.fieldLimit = choice & 8 == 0 ? 16 << 20 : 5
  var place = 0
  do {
    let reader = try TableReader(path, table).rows()
    while try reader.next() {
      while rows[place].line != reader.line { place += 1 }
      if let text = table.columns.firstIndex(where: { $0.role == .text }) {
        precondition(reader.text(0) == rows[place].fields[text])
      }
      if let category = table.columns.firstIndex(where: { $0.role == .category }) {
        precondition(reader.category(0) == rows[place].fields[category])
      }
    }
    _ = try SeriesTable(reading: path, table, SeriesReading(order: .sorted, gaps: .split))
  } catch let error as CSVError {
    checkLine(error.description)
  }
  table.comment = "#"
  table.skippedLines = Int(choice >> 6)
  table.footerLines = Int(choice >> 5) & 1
  do {
    try TableReader(path, table).forEachRow { _ in }
  } catch let error as CSVError {
    checkLine(error.description)
  }
}

/// An error's description is one line.
private func checkLine(_ line: String) {
  precondition(!line.isEmpty && !line.contains(where: \.isNewline), line)
}
