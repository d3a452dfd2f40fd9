import Foundation
import ProgramTesting
import Testing

@Suite("A backtest with refitting")
struct RefitTests {
  private let shops = ShopTable()

  /// Some days of both shops, the names of the columns first.
  private func lines(_ isIn: (Int) -> Bool) -> [String] {
    [ShopTable.lines[0]]
      + (0..<2).flatMap { shop in
        (0..<ShopTable.days).filter(isIn).map { day in
          ShopTable.lines[1 + shop * ShopTable.days + day]
        }
      }
  }

  private func backtest(
    _ model: String, _ table: String, _ output: String, _ more: [String]
  ) throws -> Program.Result {
    let result = try shops.forecast(
      ["backtest", model, table, "--every", "5", "--output", try shops.path(output)] + more)
    #expect(result.status == 0, "\(result.errors)")
    return result
  }

  @Test(
    "Each model is that of a table which ends before its forecasts",
    arguments: [[], ["--model", "recursive", "--calendar", "dayOfWeek"]])
  func sameAsTraining(kind: [String]) throws {
    var columns = ShopTable.columns
    if !kind.isEmpty, let past = columns.firstIndex(of: "--past") {
      columns.removeSubrange(past...(past + 1))
    }
    let table = try shops.write()
    let options = ["--validation", "9"] + kind
    let model = try shops.train(
      table, "m", ["--test-last", "20"] + options, columns: columns)
    let before = try #require(shops.folder).bytes("m.safetensors")
    let result = try backtest(model, table, "past.csv", ["--refit-every", "2"])
    #expect(try #require(shops.folder).bytes("m.safetensors") == before)
    // Four origins, of which the first and the third have a model of their own.
    #expect(result.output.contains("training 1 of 2, on 200 rows up to \(ShopTable.date(99))\n"))
    #expect(result.output.contains("training 2 of 2, on 220 rows up to \(ShopTable.date(109))\n"))
    let past = try shops.rows("past.csv")
    for (rows, days) in [(100, 100..<105), (110, 110..<115)] {
      let known = try shops.write("known.csv", lines { $0 < rows })
      let own = try shops.train(known, "own", ["--test-last", "0"] + options, columns: columns)
      // What is known ahead is that of the whole table.
      let open = lines { $0 < rows + 5 }.map { line in
        let fields = line.split(separator: ",").map(String.init)
        let isAhead = days.contains { ShopTable.date($0) == fields[0] }
        return isAhead
          ? "\(fields[0]),\(fields[1]),,,\(fields[4]),\(fields[5])" : line
      }
      let next = try shops.path("next.csv")
      let predicted = try shops.forecast([
        "predict", own, try shops.write("open.csv", open), "--output", next,
      ])
      #expect(predicted.status == 0, "\(predicted.errors)")
      let wanted = try shops.rows("next.csv").dropFirst()
      let dates = Set(days.map { ShopTable.date($0) })
      let found = past.filter { dates.contains($0[1]) }
      #expect(found.count == 10 && found == Array(wanted))
    }
  }

  @Test("No forecast depends on a row after the one that it is made from", arguments: ["1", "3"])
  func noLaterRows(every: String) throws {
    let table = try shops.write()
    let model = try shops.train(table)
    _ = try backtest(model, table, "past.csv", ["--refit-every", every])
    let past = try shops.rows("past.csv")
    for cut in [100, 105, 115] {
      // Numbers are others from that day on; what is known ahead stays.
      let changed = ShopTable.lines.map { line in
        var fields = line.split(separator: ",").map(String.init)
        if (cut..<ShopTable.days).contains(where: { ShopTable.date($0) == fields[0] }) {
          (fields[2], fields[3]) = ("\(fields[2].count * 977)", "77")
        }
        return fields.joined(separator: ",")
      }
      let other = try shops.write("changed.csv", changed)
      _ = try backtest(model, other, "other.csv", ["--refit-every", every])
      let rows = try shops.rows("other.csv")
      let dates = Set((cut..<min(cut + 5, 120)).map { ShopTable.date($0) })
      let later = Set((cut..<120).map { ShopTable.date($0) }).subtracting(dates)
      #expect(rows.count == past.count)
      for (row, was) in zip(rows, past) where !later.contains(row[1]) { #expect(row == was) }
      // And later forecasts do depend on them.
      if cut < 115 { #expect(zip(rows, past).contains { later.contains($0[1]) && $0 != $1 }) }
    }
  }

  @Test("Rows without times are counted from where each series is predicted")
  func withoutTimes() throws {
    var columns = ShopTable.columns
    columns.removeSubrange(0...1)
    // Shop b has 31 days fewer.
    let lines = Array(ShopTable.lines.dropLast(31))
    let table = try shops.write("t.csv", lines)
    let model = try shops.train(
      table, "m", ["--test-last", "20", "--calendar", "none"], columns: columns)
    let result = try backtest(model, table, "past.csv", ["--refit-every", "2"])
    #expect(result.output.contains("training 1 of 2, on \(100 + 69) rows\n"))
    #expect(result.output.contains("training 2 of 2, on \(110 + 79) rows\n"))
    let past = try shops.rows("past.csv")
    #expect(past.count == 1 + 2 * 4 * 5)
    let changed = lines.enumerated().map { i, line in
      // The last five days of each.
      (116...120).contains(i) || i >= lines.count - 5
        ? line.replacing(/,([ab]),[0-9.]+,[0-9.]+,/) { ",\($0.output.1),9999,0.5," } : line
    }
    #expect(changed != lines)
    _ = try backtest(
      model, try shops.write("c.csv", changed), "other.csv", ["--refit-every", "2"])
    #expect(try shops.rows("other.csv") == past)
  }

  @Test("Standard output has the forecasts alone, and threads change nothing")
  func standardOutput() throws {
    let table = try shops.write()
    let model = try shops.train(table)
    var outputs: [String] = []
    for threads in ["1", "3"] {
      let result = try shops.forecast([
        "backtest", model, table, "--every", "5", "--refit-every", "4", "--output", "-",
        "--threads", threads,
      ])
      #expect(result.status == 0 && result.errors.hasPrefix("training 1 of 1, on 200 rows"))
      outputs.append(result.output)
    }
    #expect(outputs[0].hasPrefix("series,time,") && outputs[0] == outputs[1])
  }

  @Test("A model file remembers every option of train that decides what is learned")
  func remembered() throws {
    let help = try shops.forecast(["help", "train"]).output
    let names = Set(help.matches(of: /(?m)^  (--[a-z-]+)/).map { String($0.output.1) })
    // Where things are, which rows are learned from, and how the run goes.
    let others: Set = [
      "--output", "--split", "--test-after", "--test-last", "--test-series", "--validation",
      "--checkpoint-every",
      "--keep", "--resume", "--allow-changes", "--threads", "--version", "--help",
    ]
    let table = try shops.write()
    let model = try shops.train(
      table, "m",
      [
        "--test-last", "20", "--time-format", "%Y-%m-%d", "--step", "1d", "--delimiter", ",",
        "--sort", "--season", "7", "--dropout", "0.2", "--relative", "last", "--log",
        "--difference", "7", "--minutes", "5", "--batch", "16", "--calendar", "dayOfWeek",
        "--refit", "--digit-grouping", "'", "--scale", "robust", "--per-series", "--loss", "mase",
      ])
    func text(_ name: String) throws -> String {
      let bytes = try #require(shops.folder).bytes("\(name).safetensors")
      return String(decoding: bytes.prefix(20_000), as: UTF8.self)
    }
    let kept = try text("m")
    let missing = names.subtracting(others).filter { !kept.contains($0) }
    // A comma cannot separate fields and be in numbers; the other two exclude --loss.
    #expect(missing == ["--decimal-comma", "--quantiles", "--likelihood"], "\(missing)")
    _ = try shops.train(table, "q", ["--test-last", "20", "--quantiles", "0.2,0.5,0.8"])
    #expect(try text("q").contains("--quantiles=0.2,0.5,0.8"))
    _ = try shops.train(
      table, "r", ["--test-last", "20", "--model", "recursive", "--likelihood", "gaussian"],
      columns: ["--time", "time", "--series", "shop", "--target", "units"])
    #expect(try text("r").contains("--likelihood=gaussian"))
    // And they are taken: a difference and a logarithm can be told from none.
    _ = try backtest(model, table, "past.csv", ["--refit-every", "4"])
  }

  @Test("Ctrl-C ends it without a file")
  func interrupted() throws {
    let table = try shops.write()
    // As many steps as take hours.
    let path = try shops.path("patient.safetensors")
    let trained = try Program.run(
      ["train", table, "--output", path] + ShopTable.columns
        + [
          "--horizon", "5", "--window", "14", "--hidden", "8", "--test-last", "20", "--steps",
          "1000000",
        ],
      program: "forecast", interruptWhen: "step ")
    #expect(trained.status == 130)
    let output = try shops.path("never.csv")
    let result = try Program.run(
      ["backtest", path, table, "--refit-every", "1", "--output", output], program: "forecast",
      interruptWhen: "training 1 of")
    #expect(result.status == 130, "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: output))
  }
}
