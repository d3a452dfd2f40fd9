import Foundation
import ProgramTesting
import Testing

@Suite("forecast watch")
struct WatchTests {
  private let shops = ShopTable()

  /// Shop a, with times, units and price.
  private static let lines = ShopTable.lines.filter { !$0.contains(",b,") }.map { line in
    let fields = line.split(separator: ",")
    return "\(fields[0]),\(fields[2]),\(fields[3])"
  }

  private func train(_ options: [String], targets: String = "units") throws -> String {
    try shops.train(
      try shops.write("t.csv", Self.lines), "m", ["--test-last", "20"] + options,
      columns: ["--time", "time", "--target", targets])
  }

  /// What is answered to rows that come at once, the names of the columns first.
  private func watch(_ model: String, _ rows: [String]) throws -> Program.Result {
    let input = try #require(shops.folder)
      .write("rows.csv", rows.map { $0 + "\n" }.joined())
    return try Program.run(
      ["-c", "'\(Program.path("forecast"))' watch '\(model)' < '\(input)'"], program: "/bin/sh")
  }

  /// The fields of each line.
  private func fields(_ result: Program.Result) -> [[String]] {
    result.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test(
    "A row is answered before the next one comes, and Ctrl-C ends it between two lines",
    arguments: [["--model", "recursive"], []])
  func atOnce(kind: [String]) throws {
    let model = try train(kind)
    signal(SIGINT, SIG_DFL)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path("forecast"))
    process.arguments = ["watch", model]
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    process.standardError = errors
    try process.run()
    // Not to wait for ever where an answer does not come.
    let watchdog = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: watchdog)
    var text = ""
    func read(lines: Int) {
      while text.count(where: { $0 == "\n" }) < lines {
        let piece = output.fileHandleForReading.availableData
        if piece.isEmpty { return }
        text += String(decoding: piece, as: UTF8.self)
      }
    }
    input.fileHandleForWriting.write(Data((Self.lines[0] + "\n").utf8))
    read(lines: 1)
    #expect(text == "series,time,column,1,2,3,4,5\n")
    // A model of windows of 14 rows is silent until it has 7.
    let silent = kind.isEmpty ? 6 : 0
    for row in 1...12 {
      input.fileHandleForWriting.write(Data((Self.lines[row] + "\n").utf8))
      guard row > silent else { continue }
      read(lines: 1 + row - silent)
      let last = text.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix(",\(ShopTable.date(row - 1)),units,"), "\(last)")
    }
    process.interrupt()
    process.waitUntilExit()
    watchdog.cancel()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGINT)
    #expect(text.hasSuffix("\n") && text.count(where: { $0 == "\n" }) == 13 - silent)
    #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
  }

  @Test(
    "An answer is what predict says of the rows so far", arguments: [["--model", "recursive"], []])
  func sameAsPrediction(kind: [String]) throws {
    let model = try train(kind, targets: "units,price")
    let watched = fields(try watch(model, Array(Self.lines[...40])))
    for days in [23, 40] {
      let known = try shops.write("known.csv", Array(Self.lines[...days]))
      let result = try shops.forecast(["predict", model, known, "--output", "-"])
      let predicted = result.output.split(separator: "\n").dropFirst()
        .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      for name in ["units", "price"] {
        let line = watched.first { $0[1] == ShopTable.date(days - 1) && $0[2] == name }
        let answer = try #require(line)[3...].compactMap(Double.init)
        let means = predicted.filter { $0[3] == name }.compactMap { Double($0[4]) }
        #expect(answer.count == 5 && means.count == 5)
        for (a, b) in zip(answer, means) { #expect(abs(a - b) <= 1e-5 * abs(b), "\(a), \(b)") }
      }
    }
  }

  private static let wrong: [(row: String, words: [String])] = [
    ("2023-01-11,many,2", ["standard input, line 12", "units", "many"]),
    ("2023-01-11,,2", ["standard input, line 12", "units", "--missing"]),
    ("2023-01-12,7,2", ["standard input", "2023-01-12", "2023-01-10", "step of 1d", "--gaps"]),
    ("2023-01-10,7,2", ["standard input", "2023-01-10"]),
    ("2023-01-03,7,2", ["standard input", "2023-01-03"]),
    ("2023-01-11 06:00,7,2", ["standard input", "06:00"]),
    ("2023-02-30,7,2", ["line 12", "2023-02-30", "--time-format"]),
    (",7,2", ["line 12", "time"]),
    ("2023-01-11,7", ["line 12", "2 fields"]),
    ("2023-01-11,7,2,9", ["line 12", "4 fields"]),
    ("2023-01-11,\"7,2", ["line 12", "quote"]),
  ]

  @Test(
    "A wrong row ends it with one line, after those before it were answered",
    arguments: wrong.indices, [["--model", "recursive"], []])
  func wrongRows(index: Int, kind: [String]) throws {
    let (row, words) = Self.wrong[index]
    let model = try train(kind)
    let result = try watch(model, Array(Self.lines[...10]) + [row, Self.lines[12]])
    #expect(result.status == 1)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].hasPrefix("Error: "), "\(result.errors)")
    for word in words { #expect(result.errors.contains(word), "\(word): \(result.errors)") }
    #expect(fields(result).last?[1] == ShopTable.date(9))
  }

  @Test("Without rows there is no answer; without the columns there is an error")
  func noRows() throws {
    let model = try train([])
    let none = try watch(model, [Self.lines[0]])
    #expect(none.status == 0 && fields(none).count == 1 && none.errors.isEmpty)
    for (rows, word) in [([], "empty"), (["time,price"], "units"), (["units"], "time")] {
      let result = try watch(model, rows)
      #expect(result.status == 1 && result.output.isEmpty, "\(result.output)")
      #expect(
        result.errors.hasPrefix("Error: standard input") && result.errors.contains(word),
        "\(result.errors)")
    }
  }

  @Test("Series are told apart, each answered after its own rows")
  func series() throws {
    let table = try shops.write()
    let model = try shops.train(
      table, "m", ["--test-last", "20", "--model", "recursive"],
      columns: ["--time", "time", "--series", "shop", "--target", "units"])
    let mixed = (0..<8).flatMap { [ShopTable.lines[1 + $0], ShopTable.lines[121 + $0]] }
    let both = fields(try watch(model, [ShopTable.lines[0]] + mixed))
    for (key, first) in [("a", 1), ("b", 121)] {
      let alone = fields(
        try watch(model, [ShopTable.lines[0]] + Array(ShopTable.lines[first..<(first + 8)])))
      #expect(alone.count == 9 && both.filter { $0[0] == key } == Array(alone.dropFirst()))
    }
  }

  @Test("Rows that did not come are filled or cut off as the model was told")
  func gaps() throws {
    let rows = Array(Self.lines[...20]) + Array(Self.lines[24...40])
    let filled = try train(["--model", "recursive", "--gaps", "fill", "--missing", "keep"])
    let holes = (21...23).map { "\(ShopTable.date($0 - 1)),," }
    let gap = fields(try watch(filled, rows))
    let told = fields(try watch(filled, Array(Self.lines[...20]) + holes + Self.lines[24...40]))
    #expect(
      gap.count == 1 + 37
        && gap
          == told.filter { row in
            row[0] == "series" || !(20...22).contains { ShopTable.date($0) == row[1] }
          }
    )
    // What is between two steps is no gap, and what is earlier is none either.
    for time in ["2023-01-12 06:00", "2023-01-10", "2023-01-04"] {
      let result = try watch(filled, Array(Self.lines[...10]) + ["\(time),7,2"])
      #expect(result.status == 1 && result.errors.contains(time), "\(result.errors)")
    }
    let split = try train(["--model", "recursive", "--gaps", "split"])
    let cut = fields(try watch(split, rows))
    let alone = fields(try watch(split, [Self.lines[0]] + Self.lines[24...40]))
    #expect(cut.count == 1 + 37 && Array(cut.suffix(17)) == Array(alone.dropFirst()))
    // A window with a row that is missing says nothing.
    let windows = try train(["--gaps", "fill", "--missing", "carry"])
    let carried = fields(try watch(windows, rows))
    #expect(carried.last?[1] == ShopTable.date(39))
  }

  @Test("Times that are numbers are understood on standard input too")
  func numbers() throws {
    let lines =
      ["time,units,price"]
      + Self.lines.dropFirst().enumerated().map { i, line in
        "\(i + 1),\(line.split(separator: ",").dropFirst().joined(separator: ","))"
      }
    let model = try shops.train(
      try shops.write("n.csv", lines), "m", ["--test-last", "20"],
      columns: ["--time", "time", "--target", "units"])
    let result = try watch(model, Array(lines[...9]))
    #expect(result.status == 0 && fields(result).last?[1] == "9", "\(result.errors)")
  }
}
