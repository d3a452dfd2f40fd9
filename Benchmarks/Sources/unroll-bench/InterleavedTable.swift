import Foundation
import Unroll

/// A file of 50 series of 8 columns, row by row in turn, drawn at random.
///
/// A class, because the file is gone with its last user.
final class InterleavedTable: Sendable {
  static let columns = (1...8).map { "x\($0)" }
  static let description = TableDescription(time: "time", keys: ["site"], numbers: columns)

  let path: String

  init(rows: Int) throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("unroll-bench-\(UUID().uuidString).csv").path
    try Self.write(rows: rows, to: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private static func write(rows: Int, to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try Data().write(to: url)
    let file = try FileHandle(forWritingTo: url)
    defer { try? file.close() }
    let random = RandomSource(seed: 7)
    var bytes = Array("time,site,\(columns.joined(separator: ","))\n".utf8)
    for first in stride(from: 0, to: rows, by: 50) {
      let minute = TimeStep.seconds(60).adding(first / 50, to: TimeStamp(0))
      let time = Array(TimePattern.iso8601.format(minute).utf8)
      for row in first..<min(first + 50, rows) {
        bytes += time
        bytes += ",site\(row % 50)".utf8
        let numbers = random.child(row)
        for column in columns.indices {
          bytes.append(UInt8(ascii: ","))
          append(numbers.bits(column), to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
      }
      if bytes.count > 1 << 20 {
        try file.write(contentsOf: Data(bytes))
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try file.write(contentsOf: Data(bytes))
  }

  /// Writes a number between -2 and 2, with four digits behind the point.
  private static func append(_ bits: UInt64, to bytes: inout [UInt8]) {
    var number = bits % 20_000
    if bits >> 63 == 1 { bytes.append(UInt8(ascii: "-")) }
    var scale: UInt64 = 10_000
    for digit in 0..<5 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / scale))
      if digit == 0 { bytes.append(UInt8(ascii: ".")) }
      number %= scale
      scale /= 10
    }
  }
}
