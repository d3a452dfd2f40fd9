import Foundation
import UnrollFiles
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
    for column in Set(table.columns) {
      let missing: CSVMissing = [.reject, .nan, .skip, .nan][Int(choice >> 4 & 3)]
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

/// An error's description is one line.
private func checkLine(_ line: String) {
  precondition(!line.isEmpty && !line.contains(where: \.isNewline), line)
}
