import Foundation
import ProgramTesting
import Testing

@Suite("Mistakes with forecast")
struct MistakeTests {
  private let shops = ShopTable()
  private static let lines = ShopTable.lines

  /// A line that has another number in place of that of units.
  private static func line(_ i: Int, units: String) -> [String] {
    var fields = lines[i].split(separator: ",").map(String.init)
    fields[2] = units
    return Array(lines[..<i]) + [fields.joined(separator: ",")] + lines[(i + 1)...]
  }

  private static let tables: [([String], [String], [String])] = [
    ([], [], ["the file is empty"]),
    ([lines[0]], [], ["no row"]),
    (
      Array(lines[..<50]) + lines[51...], [],
      ["line 51", "1 row is missing", "2023-02-20", "--gaps"]
    ),
    (Array(lines[...50]) + lines[50...], [], ["line 52", "2023-02-19", "line 51"]),
    (Array(lines[..<50]) + [lines[51], lines[50]] + lines[52...], [], ["line 52", "time"]),
    (line(50, units: "many"), [], ["line 51", "'units'", "many"]),
    (line(50, units: ""), [], ["line 51", "units", "--missing"]),
    (line(50, units: "-3"), ["--log"], ["units", "-3", "logarithm"]),
    (lines, ["--past", "cost"], ["cost", "price"]),
    (lines, ["--time", "when"], ["when"]), (lines, ["--series", "market"], ["market"]),
    (lines, ["--horizon", "500"], ["500 rows ahead", "--horizon"]),
    (lines, ["--horizon", "90"], ["rows", "90"]),
    (lines, ["--window", "5000"], ["2505"]),
    (lines, ["--test-last", "120"], ["0 rows"]),
    (lines, ["--difference", "119"], ["rows"]),
    (lines, ["--time-format", "%d.%m.%Y"], ["line 2", "time"]),
    (lines, ["--step", "2d"], ["2d"]), (lines, ["--delimiter", ";"], ["time"]),
  ]

  @Test("In a table are told in one line, and nothing is written", arguments: tables.indices)
  func inTables(index: Int) throws {
    let (lines, more, words) = Self.tables[index]
    let table = try #require(shops.folder)
      .write("t.csv", lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n")
    var options = ShopTable.columns + ShopTable.small
    // What is given replaces what there was.
    if more.count == 2, let place = options.firstIndex(of: more[0]) {
      options[place + 1] = more[1]
    } else {
      options += more
    }
    let output = try shops.path("m.safetensors")
    let line = try shops.error(["train", table, "--output", output] + options)
    for word in words {
      #expect(line.contains(word) || line.contains(word.replacing("'", with: "\"")), "\(line)")
    }
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test("A test that begins where there are no rows is told")
  func nothingToTest() throws {
    let table = try shops.write()
    let options = ShopTable.columns + ShopTable.small
    for (more, words) in [
      (["--test-after", "yesterday"], ["yesterday", "%Y-%m-%d"]),
      (["--test-after", "2022-01-01"], ["0 rows"]),
      (["--split", "9223372036854775807,1,1"], ["rows"]),
      (["--split", "1,9223372036854775807,9223372036854775807"], ["rows"]),
    ] {
      let line = try shops.error(
        ["train", table, "--output", try shops.path("m.safetensors")] + options + more)
      for word in words { #expect(line.contains(word), "\(line)") }
    }
  }

  @Test("With files: another kind of model, none at all, one that cannot be written")
  func files() throws {
    let table = try shops.write()
    let ahead = try shops.write("ahead.csv", ShopTable.open(5))
    let model = try shops.train(table)
    let text = try #require(shops.folder)
      .write("t.txt", String(repeating: "the tide comes in. ", count: 60))
    let words = try shops.path("words.safetensors")
    let trained = try Program.run([
      "train", text, "--output", words, "--steps", "2", "--hidden", "4", "--embedding", "3",
      "--batch", "2", "--sequence", "10",
    ])
    #expect(trained.status == 0, "\(trained.errors)")
    let (nowhere, next) = (try shops.path("none/x.csv"), try shops.path("next.csv"))
    for (arguments, says) in [
      (["inspect", words], [words, "no forecaster"]),
      (["predict", words, ahead, "--output", next], [words, "no forecaster"]),
      (["evaluate", table, table], [table]), (["inspect", nowhere], [nowhere]),
      (["predict", model, nowhere, "--output", next], [nowhere]),
      (["predict", model, ahead, "--output", nowhere], [nowhere]),
      (["predict", model, ahead, "--output", next, "--plot", nowhere], [nowhere]),
      (["predict", model, table, "--output", next], ["'a'", "known ahead", "1 row "]),
      (["backtest", model, table, "--output", nowhere], [nowhere]),
      (["backtest", model, table, "--output", next, "--from", "2050-01-01"], ["--from"]),
      (["backtest", model, table, "--output", next, "--from", "soon"], ["soon"]),
      (["predict", model, ahead, "--output", next, "--quantiles", "0.001"], ["0.005", "0.001"]),
      (["evaluate", model, ahead], ["units"]),
    ] {
      let line = try shops.error(arguments)
      for word in says { #expect(line.contains(word), "\(arguments): \(line)") }
    }
    let line = try shops.error(
      ["train", table, "--output", try shops.path("none/m.safetensors")] + ShopTable.columns)
    #expect(line.contains("none/m.safetensors"))
    // Three of five days are known.
    let short = try shops.write("short.csv", ShopTable.open(3))
    #expect(
      try shops.error(["predict", model, short, "--output", next]).contains("4 rows after"))
  }

  @Test("A gap that a history is split at is told")
  func gapInHistory() throws {
    let lines = Self.lines
    let history = try shops.write("h.csv", Array(lines[...60]) + lines[63...115])
    let model = try shops.train(history, "m", ["--gaps", "split", "--test-last", "0"])
    let test = try shops.write("t.csv", [lines[0]] + lines[116...120])
    let result = try shops.forecast(["evaluate", model, test, "--history", history, "--json"])
    #expect(result.status == 0 && result.output.contains("\"n\" : 1"), "\(result.errors)")
    let gap = try shops.write("g.csv", [lines[0]] + lines[116...117] + lines[119...120])
    #expect(try shops.error(["evaluate", model, gap, "--history", history]).contains("gap"))
  }

  /// What comes after 'train t --target x --output m', or a whole command, and words of the answer.
  private static let commands: [([String], [String])] = [
    (["--horizon", "0"], ["--horizon is 0", "at least 1"]),
    (["--horizon", "-1"], ["--horizon is -1"]), (["--window", "0"], ["--window"]),
    (["--hidden", "0"], ["--hidden"]), (["--hidden", "many"], ["--hidden", "many"]),
    (["--season", "0"], ["--season"]), (["--difference", "0"], ["--difference"]),
    (["--dropout", "1"], ["--dropout", "0..<1"]), (["--dropout", "nan"], ["--dropout"]),
    (["--steps", "0"], ["--steps"]), (["--batch", "0"], ["--batch"]),
    (["--threads", "0"], ["--threads"]), (["--minutes", "0"], ["--minutes", "above 0"]),
    (["--minutes", "nan"], ["--minutes"]),
    (["--learning-rate", "0"], ["--learning-rate", "above 0"]),
    (["--learning-rate", "inf"], ["finite"]), (["--average", "1"], ["--average"]),
    (["--size", "huge"], ["huge", "medium"]), (["--cell", "lstmp"], ["lstmp", "gru"]),
    (["--relative", "first"], ["first", "last"]), (["--loss", "cubic"], ["cubic", "huber"]),
    (["--missing", "forget"], ["forget", "interpolate"]), (["--gaps", "jump"], ["jump", "fill"]),
    (["--calendar", "moon"], ["moon", "hourOfDay"]), (["--step", "1h"], ["--step", "--time"]),
    (["--time", "d", "--step", "soon"], ["soon", "15min"]),
    (["--time", "d", "--time-format", "%Q"], ["--time-format", "%Q"]),
    (["--delimiter", "\""], ["--delimiter"]), (["--delimiter", "ab"], ["--delimiter", "ab"]),
    (["--digit-grouping", "."], ["--digit-grouping", "'.'"]),
    (["--digit-grouping", "12"], ["--digit-grouping", "'12'"]),
    (["--digit-grouping", ",", "--decimal-comma"], ["--digit-grouping"]),
    (["--past", "x"], ["'x'", "twice"]), (["--time", "x"], ["'x'", "twice"]),
    (["--split", "1,2"], ["--split", "1,2"]), (["--split", "0,1,1"], ["--split"]),
    (["--split", "8,1,1", "--test-last", "3"], ["exclude"]),
    (["--split", "8,1,1", "--validation", "3"], ["--validation", "--split"]),
    (["--validation", "0"], ["--validation"]), (["--test-last", "-1"], ["--test-last"]),
    (["--spacing", "0"], ["--spacing is 0"]),
    (["--spacing", "2", "--difference", "3"], ["--difference 3", "--spacing 2"]),
    (["--spacing", "2", "--model", "recursive"], ["--spacing"]),
    (["--scale", "log"], ["log", "robust"]), (["--quantiles", "0.9,0.1"], ["0.9,0.1"]),
    (["--quantiles", "0.5"], ["0.5", "0.1,0.5,0.9"]), (["--quantiles", "0.6,0.9"], ["0.6,0.9"]),
    (["--quantiles", "0.1,x"], ["0.1,x"]),
    (["--quantiles", "0.1,0.9", "--model", "recursive"], ["--quantiles", "recursive"]),
    (["--quantiles", "0.1,0.9", "--loss", "huber"], ["--loss", "pinball"]),
    (["--loss", "huber", "--model", "recursive"], ["--loss", "likelihood"]),
    (["--relative", "last", "--model", "recursive"], ["--relative"]),
    (["--likelihood", "poisson"], ["poisson", "negative-binomial"]),
    (["--likelihood", "gaussian"], ["--likelihood", "recursive"]),
    (
      ["--model", "recursive", "--likelihood", "negative-binomial", "--log"],
      ["negative-binomial", "--log"]
    ),
    (
      ["--model", "recursive", "--likelihood", "negative-binomial", "--scale", "standard"],
      ["--scale mean"]
    ),
    (["--test-series", "a", "--test-last", "3"], ["exclude"]),
    (["--hiden", "3"], ["--hiden", "--hidden"]), (["another"], ["another"]),
  ]
  private static let others: [([String], [String])] = [
    (["train", "t", "--output", "m"], ["--target"]),
    (["train", "t", "--target", "x"], ["--output"]),
    (["train", "m", "--target", "x", "--output", "m"], ["different files"]),
    (["train", "t", "--target", ",", "--output", "m"], ["--target"]),
    (["predict", "m", "t"], ["--output"]),
    (["predict", "m", "t", "--output", "t"], ["different files"]),
    (["predict", "m", "t", "--output", "m"], ["different files"]),
    (["predict", "m", "t", "--output", "o", "--plot", "o"], ["different files"]),
    (["predict", "m", "t", "--output", "o", "--plot", "t"], ["different files"]),
    (["predict", "m", "t", "--output", "o", "--quantiles", "0.9,0.1"], ["0.9,0.1"]),
    (["predict", "m", "t", "--output", "o", "--quantiles", "1.5"], ["1.5"]),
    (["predict", "m", "t", "--output", "o", "--quantiles", ""], ["--quantiles"]),
    (["backtest", "m", "t", "--output", "o", "--every", "0"], ["--every is 0"]),
    (["backtest", "m", "t", "--output", "m"], ["different files"]),
    (["evaluate", "m"], ["table"]), (["evaluate", "m", "t", "--threads", "0"], ["--threads"]),
    (["inspect"], ["model"]), (["inspect", "m", "n"], ["n"]), (["dance"], ["dance"]),
  ]

  @Test(
    "In the command line are named, with the usage",
    arguments: commands.map { (["train", "t", "--target", "x", "--output", "m"] + $0.0, $0.1) }
      + others)
  func commandLines(arguments: [String], words: [String]) throws {
    let result = try shops.forecast(arguments)
    #expect(result.status == 64 && result.output.isEmpty, "\(result.errors)")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("Error: ") } == 1)
    #expect(lines.contains { $0.hasPrefix("Usage: forecast") })
    for word in words { #expect(result.errors.contains(word), "\(word): \(result.errors)") }
  }
}
