import Foundation
import ProgramTesting
import Testing

/// Tables as people have them: a decimal comma, days without a row, columns of other sizes.
@Suite("Odd tables of forecast")
struct OddTableTests {
  private let shops = ShopTable()

  /// The last forecasts of a model of these lines, by the column.
  private func backtest(
    _ lines: [String], _ columns: [String], _ more: [String] = []
  ) throws -> [[String]] {
    let table = try shops.write("odd.csv", lines)
    let model = try shops.train(table, "odd", ["--test-last", "20"] + more, columns: columns)
    let result = try shops.forecast([
      "backtest", model, table, "--output", try shops.path("past.csv"),
    ])
    #expect(result.status == 0, "\(result.errors)")
    return try shops.rows("past.csv")
  }

  @Test("Semicolons, decimal commas, grouped digits and dates by the day mean what they say")
  func decimalComma() throws {
    func number(_ day: Int) -> Double { 1200 + Double(day * 31 % 17) / 4 - Double(day % 7) * 300 }
    let plain = (0..<90).map { "\(ShopTable.date($0)),\(number($0)),\($0 % 5)" }
    let comma = (0..<90).map { day in
      let date = ShopTable.date(day).split(separator: "-").reversed().joined(separator: ".")
      let parts = "\(number(day))".split(separator: ".")
      var whole = String(parts[0])
      if abs(number(day)) >= 1000 {
        whole.insert(".", at: whole.index(whole.endIndex, offsetBy: -3))
      }
      return "\(date);\(whole),\(parts[1]);\(day % 5)"
    }
    #expect(comma.contains { $0.contains("1.2") } && comma.contains { $0.contains(";-") })
    let columns = ["--time", "Zeit", "--target", "Abfluss"]
    let wanted = try backtest(["Zeit,Abfluss,x"] + plain, columns)
    let found = try backtest(
      ["Zeit;Abfluss;x"] + comma, columns,
      [
        "--delimiter", ";", "--decimal-comma", "--digit-grouping", ".", "--time-format", "%d.%m.%Y",
      ])
    #expect(found.map { $0.dropFirst(2) } == wanted.map { $0.dropFirst(2) } && found.count == 21)
    #expect(found[1][1] == "12.03.2023" && wanted[1][1] == "2023-03-12")
    // Without a word of it, that is what the error says.
    let table = try shops.write("odd.csv", ["Zeit;Abfluss;x"] + comma)
    let train = ["train", table, "--output", try shops.path("m")] + columns + ShopTable.small
    #expect(try shops.error(train).contains("--delimiter"))
    #expect(try shops.error(train + ["--delimiter", ";"]).contains("--time-format"))
    let line = try shops.error(
      train + ["--delimiter", ";", "--time-format", "%d.%m.%Y"])
    #expect(line.contains("--decimal-comma") && line.contains("line 2"))
  }

  @Test("No window reaches across days that have no row, and a day twice is never taken")
  func missingDays() throws {
    let lines = ShopTable.lines.filter { !$0.contains(",b,") }
    let gap = Array(lines[...70]) + Array(lines[74...120])
    let columns = ["--time", "time", "--target", "units"]
    let twice = try shops.write("odd.csv", gap + [lines[65]])
    let train = ["train", twice, "--output", try shops.path("m")] + columns + ShopTable.small
    #expect(try shops.error(train).contains("line 119"))
    for gaps in ["fill", "split"] {
      #expect(try shops.error(train + ["--gaps", gaps]).contains("line 119"))
      let line = try shops.error(train + ["--gaps", gaps, "--sort"])
      #expect(line.contains("line 66") && line.contains("line 119"))
    }
    // Windows of 7 to 14 rows and the 5 after them, of 70 rows and of 27: 20 and 10 of 47 are kept.
    let table = try shops.write("gap.csv", gap)
    let refused = try shops.error(["train", table] + train.dropFirst(2))
    #expect(refused.contains("line 72") && refused.contains("3 rows are missing"))
    let output = try shops.path("m.safetensors")
    func windows(_ more: [String]) throws -> Int? {
      let result = try shops.forecast(
        ["train", table, "--output", output] + columns + ShopTable.small
          + ["--validation", "10", "--test-last", "20"] + more)
      #expect(result.status == 0, "\(result.errors)")
      return result.output.firstMatch(of: /: ([0-9]+) windows to learn from/).flatMap {
        Int($0.output.1)
      }
    }
    func whole(_ rows: Int, least: Int) -> Int { max(0, rows - least - 5 + 1) }
    // Filled with missing values, every window of 17 days that has one is left out.
    let filled = try windows(["--gaps", "fill", "--missing", "keep"])
    #expect(filled == whole(70, least: 7) + whole(17, least: 14))
  }

  @Test("One column of three, three rows ahead, comes back in its own unit")
  func ownUnit() throws {
    let lines =
      ["time,big,small,negative"]
      + (0..<90).map { "\(ShopTable.date($0)),\(1000 + $0),\($0 % 5),\(-0.01 * Double($0))" }
    for more in [[], ["--relative", "none"], ["--relative", "deviation"]] {
      let rows = try backtest(
        lines, ["--time", "time", "--target", "small", "--past", "big,negative"], more)
      #expect(rows.count == 21 && rows.dropFirst().allSatisfy { $0[3] == "small" })
      for row in rows.dropFirst() {
        #expect((-4...8).contains(try #require(Double(row[4]))), "\(row)")
      }
    }
  }
}
