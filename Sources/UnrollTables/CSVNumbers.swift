import UnrollCore
import UnrollFiles

/// What becomes of a value that is missing from a column of numbers.
public enum CSVMissing: Equatable, Sendable {
  /// It is an error.
  case error
  /// It is read as NaN.
  case nan
  /// Its row is left out, from all the columns that are read together.
  case skip
}

extension CSVTable {
  /// The numbers in a column.
  ///
  /// A number is in decimal notation, such as `-12`, `3.5` or `1e-3`, with a point, and finite:
  /// words such as `nan` and `inf`, hexadecimal numbers and grouped digits are not numbers. Blanks
  /// around it do not matter. A missing value is a cell that is one of `markers`, blanks around it
  /// left out.
  ///
  /// - Parameters:
  ///   - column: The name of the column.
  ///   - missing: What becomes of missing values.
  ///   - markers: The cells that mean a missing value: by default those that are empty.
  /// - Throws: ``CSVError`` naming the line, the column and the text of what is not a number.
  public func numbers(
    _ column: String, missing: CSVMissing = .error, markers: Set<String> = [""]
  ) throws -> [Double] {
    try numbers([column], missing: missing, markers: markers)[0]
  }

  /// The numbers in several columns, an array for each, all of one length: a row that is skipped is
  /// skipped in all of them.
  ///
  /// - Throws: ``CSVError`` as ``numbers(_:missing:markers:)`` of one column does.
  public func numbers(
    _ columns: [String], missing: CSVMissing = .error, markers: Set<String> = [""]
  ) throws -> [[Double]] {
    try columnsOfNumbers(columns, missing, markers)
  }

  /// Several columns as a series in single precision, `[N, F]`: a row for each row of the table, in
  /// their order.
  ///
  /// - Throws: ``CSVError`` naming the line, the column and the text of what is not a number, or is
  ///   beyond single precision.
  public func series(
    _ columns: [String], missing: CSVMissing = .error, markers: Set<String> = [""]
  ) throws -> Tensor<Float> {
    require(!columns.isEmpty, "CSVTable: a series needs at least one column")
    let numbers: [[Float]] = try columnsOfNumbers(columns, missing, markers)
    let rows = numbers[0].count
    return Tensor(uninitialized: [rows, columns.count]) { x in
      for (j, column) in numbers.enumerated() {
        for i in 0..<rows { x[i * columns.count + j] = column[i] }
      }
    }
  }

  private func columnsOfNumbers<Number: BinaryFloatingPoint>(
    _ columns: [String], _ missing: CSVMissing, _ markers: Set<String>
  ) throws -> [[Number]] {
    let cells = try columns.map(strings)
    var numbers = [[Number]](repeating: [], count: columns.count)
    for row in 0..<count {
      var values: [Number] = []
      for (column, cells) in zip(columns, cells) {
        let text = trimmed(cells[row])
        if !markers.contains(text) {
          guard let value = number(text) else {
            throw error(row, column, .notANumber(cells[row]))
          }
          let converted = Number(value)
          guard converted.isFinite else { throw error(row, column, .tooLarge(cells[row])) }
          values.append(converted)
        } else if missing == .nan {
          values.append(.nan)
        } else if missing == .error {
          throw error(row, column, .missingValue)
        }
      }
      guard values.count == columns.count else { continue }
      for (index, value) in values.enumerated() { numbers[index].append(value) }
    }
    return numbers
  }

  private func error(_ row: Int, _ column: String, _ problem: CSVError.Problem) -> CSVError {
    CSVError(path: path, line: lines[row], column: column, problem: problem)
  }

  /// Without spaces and tabs at either end.
  private func trimmed(_ cell: String) -> String {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let first = cell.utf8.first, let last = cell.utf8.last, isBlank(first) || isBlank(last)
    else { return cell }
    let body = cell.utf8.drop(while: isBlank)
    guard let end = body.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(Substring(body[...end]))
  }

  /// A finite decimal number. `Double` also reads words and hexadecimal numbers.
  private func number(_ text: String) -> Double? {
    let isDecimal = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
        UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }
    guard isDecimal, let value = Double(text), value.isFinite else { return nil }
    return value
  }
}
