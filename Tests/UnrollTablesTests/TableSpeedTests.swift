import Clibcsv
import Foundation
import TestSupport
import Testing
import UnrollSeries
import UnrollTables

@Suite("Speed of tables")
struct TableSpeedTests {
  /// The time that bare libcsv takes for a file, with callbacks that do nothing.
  private func bareTime(_ path: String) throws -> Duration {
    let file = try #require(fopen(path, "rb"))
    defer { fclose(file) }
    var parser = csv_parser()
    csv_init(&parser, UInt8(CSV_STRICT | CSV_STRICT_FINI))
    defer { csv_free(&parser) }
    var block = [UInt8](repeating: 0, count: 64 * 1024)
    return ContinuousClock().measure {
      while case let count = fread(&block, 1, block.count, file), count > 0 {
        csv_parse(&parser, block, count, { _, _, _ in }, { _, _ in }, nil)
      }
      csv_fini(&parser, { _, _, _ in }, { _, _ in }, nil)
    }
  }

  // On a quiet machine it is about twice the time; others run beside a test.
  @Test("Windows of a table take not much more time than libcsv alone")
  func windows() throws {
    let columns = (0..<8).map { "x\($0)" }
    var text = "date,site," + columns.joined(separator: ",") + "\n"
    let cells = (0..<1009).map { "\(Double(($0 * 7919) % 80_000 - 40_000) / 1000)" }
    let (series, hours) = (50, 4000)
    for hour in 0..<hours {
      let time = TimePattern.iso8601.format(TimeStep.hour.adding(hour, to: TimeStamp(0)))
      for site in 0..<series {
        let row = (0..<8).map { cells[(hour * 8 + site * 31 + $0) % cells.count] }
        text += "\(time),site \(site),\(row.joined(separator: ","))\n"
      }
    }
    try withFile(text) { path throws in
      let table = TableDescription(time: "date", keys: ["site"], numbers: columns)
      let windows = TableWindows(path, table, rows: 192)
      var ratios: [Double] = []
      for _ in 0..<5 {
        let bare = try bareTime(path)
        var (count, sum) = (0, 0.0)
        let time = try ContinuousClock().measure {
          try windows.forEachWindow { window in
            count += 1
            sum += window.withNumbers { $0[0] }
          }
        }
        #expect(count == series * (hours - 191) && sum.isFinite)
        ratios.append(time / bare)
      }
      let best = ratios.min() ?? .infinity
      #if !DEBUG
        #expect(best < 6, "\(ratios)")
      #endif
    }
  }
}
