import Foundation
import ProgramTesting
import Testing

@Suite("forecast")
struct ForecastTests {
  private let shops = ShopTable()

  /// Whether a text is XML.
  private func isXML(_ name: String) throws -> Bool {
    XMLChecker().isXML(Data(try #require(shops.folder).bytes(name)))
  }

  @Test("A table is learned from, measured, predicted, tested backwards and shown")
  func allCommands() throws {
    let table = try shops.write()
    let model = try shops.train(table)
    let measured = try shops.forecast(["evaluate", model, table])
    #expect(measured.status == 0 && measured.output.contains("MASE"), "\(measured.errors)")

    let ahead = try shops.write("ahead.csv", ShopTable.open(5))
    let (next, plot) = (try shops.path("next.csv"), try shops.path("next.svg"))
    let predicted = try shops.forecast([
      "predict", model, ahead, "--output", next, "--plot", plot, "--quantiles", "0.1,0.5,0.9",
    ])
    #expect(predicted.status == 0 && predicted.output.isEmpty, "\(predicted.errors)")
    let rows = try shops.rows("next.csv")
    #expect(rows[0] == ["series", "time", "step", "column", "mean", "0.1", "0.5", "0.9"])
    #expect(rows.count == 11)
    for (i, row) in rows.dropFirst().enumerated() {
      let (shop, step) = (i < 5 ? "a" : "b", i % 5)
      #expect(Array(row[..<4]) == [shop, ShopTable.date(120 + step), "\(step + 1)", "units"])
      let numbers = row[4...].compactMap(Double.init)
      #expect(numbers.count == 4 && numbers.allSatisfy(\.isFinite))
      #expect(numbers[1] <= numbers[2] && numbers[2] <= numbers[3])
      // Each shop is predicted in its own size.
      #expect((shop == "a" ? 5..<60 : 100..<1200).contains(numbers[0]), "\(row)")
    }
    #expect(try isXML("next.svg"))

    let past = try shops.forecast([
      "backtest", model, table, "--every", "5", "--output", try shops.path("past.csv"), "--plot",
      try shops.path("past.svg"),
    ])
    #expect(past.status == 0 && past.output.contains("MASE"), "\(past.errors)")
    // 20 rows to test on are four forecasts of each shop.
    let tested = try shops.rows("past.csv")
    #expect(tested.count == 1 + 2 * 4 * 5)
    #expect(
      tested.filter { $0[0] == "a" }.map { $0[1] } == (100..<120).map { ShopTable.date($0) })
    #expect(try isXML("past.svg"))

    let shown = try shops.forecast(["inspect", model])
    #expect(shown.status == 0)
    for word in ["units", "price", "open", "region", "14 rows", "5 rows", "GRU", "dayOfWeek"] {
      #expect(shown.output.contains(word), "\(word): \(shown.output)")
    }
  }

  @Test("The model is the same to the byte for any threads, and in every run")
  func sameBytes() throws {
    let table = try shops.write()
    let folder = try #require(shops.folder)
    var models: [[UInt8]] = []
    for (name, threads) in [("one", "1"), ("three", "3"), ("again", "3")] {
      _ = try shops.train(table, name, ["--threads", threads, "--test-last", "20"])
      models.append(try folder.bytes(name + ".safetensors"))
    }
    #expect(models[0].count > 1000 && models[0] == models[1] && models[1] == models[2])
    _ = try shops.train(table, "other", ["--seed", "2", "--test-last", "20"])
    #expect(try folder.bytes("other.safetensors") != models[0])
  }

  @Test("Rows to test on change no byte of a model")
  func testRows() throws {
    let folder = try #require(shops.folder)
    _ = try shops.train(try shops.write(), "first")
    let changed = ShopTable.lines.enumerated().map { i, line in
      // The last 20 days of both shops.
      (101...120).contains(i) || i > 220
        ? line.replacing(/,[ab],[0-9.]+,[0-9.]+,/) {
          "\($0.output.prefix(3))9999,0.5,"
        } : line
    }
    #expect(changed != ShopTable.lines)
    _ = try shops.train(try shops.write("changed.csv", changed), "second")
    #expect(try folder.bytes("first.safetensors") == folder.bytes("second.safetensors"))
  }

  @Test("evaluate prints JSON with every figure, and those of forecasts without a model")
  func json() throws {
    let table = try shops.write()
    let model = try shops.train(table)
    let result = try shops.forecast(["evaluate", model, table, "--json", "--threads", "1"])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    for key in ["rmse", "mae", "mase", "smape", "wql", "coverage", "scaled_mse"] {
      #expect(object[key] is NSNumber, "\(key)")
    }
    #expect(object["n"] as? Int == 32)
    for other in ["naive", "seasonal_naive", "drift"] {
      #expect((object[other] as? [String: Any])?["mae"] is NSNumber)
    }
    let again = try shops.forecast(["evaluate", model, table, "--json", "--threads", "3"])
    #expect(again.output == result.output)
  }

  @Test("With a history a table is predicted once, from its end")
  func history() throws {
    let all = ShopTable.lines
    let history = try shops.write("train.csv", Array(all[0...115]) + Array(all[121...235]))
    let test = try shops.write("test.csv", [all[0]] + all[116...120] + all[236...240])
    let model = try shops.train(history, "m", ["--test-last", "0"])
    let result = try shops.forecast(["evaluate", model, test, "--history", history, "--json"])
    #expect(result.output.contains("\"n\" : 2"), "\(result.errors)")
    let late = try shops.write("late.csv", [all[0]] + all[117...120])
    #expect(
      try shops.error(["evaluate", model, late, "--history", history]).contains("begins at"))
    #expect(try shops.error(["evaluate", model, history]).contains("--history"))
  }

  @Test(
    "What is missing in the targets is made up, and rows that are ahead are not",
    arguments: ["carry", "interpolate"])
  func missingAndAhead(policy: String) throws {
    let holes = ShopTable.open(5).enumerated().map { i, line in
      [60, 90, 119, 200].contains(i)
        ? line.replacing(/,([ab]),[0-9.]+,/) { ",\($0.output.1),," } : line
    }
    let known = Array(holes.prefix(241))
    let options = ["--missing", policy, "--test-last", "20"]
    let model = try shops.train(try shops.write("known.csv", known), "m", options)
    let ahead = try shops.write("ahead.csv", holes)
    let next = try shops.path("next.csv")
    let result = try shops.forecast(["predict", model, ahead, "--output", next])
    #expect(result.status == 0, "\(result.errors)")
    let rows = try shops.rows("next.csv").dropFirst()
    #expect(rows.map { $0[1] } == (0..<10).map { ShopTable.date(120 + $0 % 5) })
  }

  @Test("Standard input and output are files as others")
  func streams() throws {
    let table = try shops.write("ahead.csv", ShopTable.open(5))
    let model = try shops.train(try shops.write())
    let result = try shops.forecast(["predict", model, table, "--output", "-"])
    #expect(result.output.hasPrefix("series,time,step,column,mean,0.1,0.5,0.9\n"))
    let piped = try Program.run(
      ["-c", "'\(Program.path("forecast"))' predict '\(model)' - --output - < '\(table)'"],
      program: "/bin/sh")
    #expect(piped.output == result.output, "\(piped.errors)")
  }
}

/// Whether a text is well-formed.
private final class XMLChecker {
  func isXML(_ data: Data) -> Bool {
    var (stack, text) = ([String](), Substring(decoding: data, as: UTF8.self))
    while let match = text.firstMatch(of: /<(\/?)([a-zA-Z]+)((?:[^<>"]|"[^"<]*")*?)(\/?)>/) {
      if text[..<match.range.lowerBound].contains("<") { return false }
      if !match.1.isEmpty {
        if stack.popLast() != String(match.2) { return false }
      } else if match.4.isEmpty {
        stack.append(String(match.2))
      }
      text = text[match.range.upperBound...]
    }
    return stack.isEmpty && !text.contains("<") && data.count > 500
  }
}
