import Foundation
import ProgramTesting
import Testing

/// Command lines and files that are wrong, each in its own way, and what is said to each.
@Suite("Wrong inputs of forecast")
struct WrongInputTests {
  private let shops = ShopTable()

  private enum Command: String {
    case train, evaluate, predict, backtest
  }

  private struct Case {
    var command: Command
    /// The table's bytes; `nil` for one that is right.
    var table: Data?
    /// Arguments beside those that are right.
    var more: [String] = []
    var status: Int32 = 1
    /// What the line has to say.
    var words: [String]
  }

  private static let lines = ShopTable.lines

  private static func bytes(_ lines: [String]) -> Data {
    Data(lines.map { $0 + "\n" }.joined().utf8)
  }

  /// The table with a field of line 51 replaced.
  private static func field(_ column: Int, _ text: String) -> Data {
    var fields = lines[50].split(separator: ",").map(String.init)
    fields[column] = text
    return bytes(Array(lines[..<50]) + [fields.joined(separator: ",")] + lines[51...])
  }

  private static func tables() -> [(Data, [String])] {
    [
      (Data(), ["the file is empty"]),
      (Data("\n\n\n".utf8), ["t.csv"]),
      (bytes([lines[0]]), ["no row"]),
      (bytes(Array(lines[..<50]) + lines[51...]), ["line 51", "1 row is missing", "--gaps"]),
      (bytes(Array(lines[...50]) + lines[50...]), ["line 52", "line 51", "--series"]),
      (bytes(lines[..<50] + [lines[51], lines[50]] + lines[52...]), ["line 52", "--sort"]),
      (field(2, "many"), ["line 51", "'units'", "'many'"]),
      (field(2, "inf"), ["line 51", "'inf'"]),
      (field(2, "1e999"), ["line 51", "'1e999'"]),
      (field(2, "0x10"), ["line 51", "'0x10'"]),
      (field(2, "\"1,5\""), ["line 51", "'1,5'", "--decimal-comma"]),
      (field(4, ""), ["line 51", "'open'", "--missing"]),
      (field(0, "2023-02-30"), ["line 51", "'2023-02-30'", "--time-format"]),
      (field(0, ""), ["line 51", "time is missing"]),
      (field(0, "2023-02-19T06:00"), ["line 5", "time"]),
      (field(1, ""), ["line 51", "key is missing"]),
      (field(1, "a,7"), ["line 51", "7 fields", "6"]),
      (field(1, "\"a"), ["line 51", "quote"]),
      (field(1, "\0"), ["line 51", "NUL"]),
      (bytes(lines.map { $0.replacing(",", with: ";") }), ["semicolons", "--delimiter"]),
      (bytes(["time,shop,units,units,open,region"] + lines[1...]), ["'units'", "more than one"]),
      (bytes(["time,shop,unit,price,open,region"] + lines[1...]), ["'units'", "unit, price"]),
      (Data([0xFF, 0xFE]) + bytes(lines), ["UTF-16"]),
      (Data(lines.joined(separator: "\n").utf8.map { $0 == 0x73 ? 0xF6 : $0 }), ["t.csv"]),
      (Data((0...255).map { UInt8($0) }), ["t.csv"]),
    ]
  }

  private static let cases: [Case] =
    tables().flatMap { table, words in
      [Command.train, .evaluate, .backtest].map {
        Case(command: $0, table: table, words: ["t.csv"] + words)
      }
    }
    + tables().prefix(6).map {
      Case(command: .predict, table: $0, words: ["t.csv"] + $1)
    }
    + [
      Case(command: .predict, table: bytes(lines), words: ["t.csv", "'a'", "known ahead"]),
      Case(command: .predict, table: bytes(Array(lines[...4])), words: ["t.csv", "'a'", "rows"]),
      Case(command: .evaluate, table: bytes(Array(lines[...4])), words: ["t.csv", "too short"]),
      Case(command: .train, more: ["--difference", "119"], words: ["rows"]),
      Case(command: .train, more: ["--past=price"], status: 64, words: ["--past", "twice"]),
      Case(
        command: .train, more: ["--target", "price"], status: 64, words: ["--target", "twice"]),
      Case(command: .train, more: ["--horizon"], status: 64, words: ["--horizon"]),
      Case(command: .train, more: ["--season", "1e3"], status: 64, words: ["--season", "1e3"]),
      Case(command: .train, more: ["--resume", "--minutes", "1"], status: 64, words: ["--resume"]),
      Case(command: .train, more: ["--test-series", "a,zebra"], words: ["t.csv", "'zebra'"]),
      Case(command: .train, more: ["--spacing", "20"], words: ["t.csv", "too few"]),
      Case(command: .evaluate, more: ["--intervals", "80"], status: 64, words: ["--intervals"]),
      Case(command: .evaluate, more: ["--history", "none.csv"], words: ["none.csv"]),
      Case(command: .evaluate, more: ["--output", "x"], status: 64, words: ["--output"]),
      Case(command: .backtest, more: ["--refit-every", "0"], status: 64, words: ["--refit-every"]),
      Case(command: .backtest, more: ["--refit-every", "x"], status: 64, words: ["--refit-every"]),
      Case(command: .backtest, more: ["--every", "-1"], status: 64, words: ["--every"]),
      Case(command: .backtest, more: ["--from", "soon"], words: ["soon"]),
      Case(command: .backtest, more: ["--from", "2999-01-01"], words: ["--from"]),
      Case(command: .backtest, more: ["--plot", "none/p.svg"], words: ["none/p.svg"]),
      Case(command: .backtest, more: ["--plot-series", "a"], status: 64, words: ["--plot"]),
      Case(command: .backtest, more: ["--quantiles", "0.9,0.1"], status: 64, words: ["0.9,0.1"]),
      Case(command: .backtest, more: ["--quantiles", "0.0001"], words: ["0.005", "0.0001"]),
      Case(command: .predict, more: ["--plot", "none/p.svg"], words: ["none/p.svg"]),
      Case(command: .predict, more: ["--plot-series", "c", "--plot", "p.svg"], words: ["'c'"]),
      Case(command: .predict, more: ["another"], status: 64, words: ["another"]),
      Case(command: .predict, more: ["--plot", "./t.csv"], status: 64, words: ["different files"]),
      Case(command: .predict, more: ["--plot", "m.safetensors"], status: 64, words: ["different"]),
    ]

  /// A model, trained once for all.
  private static let trained: [UInt8]? = {
    let shops = ShopTable()
    return try? shops.folder.map { folder in
      _ = try shops.train(try shops.write(), "m")
      return try folder.bytes("m.safetensors")
    }
  }()

  @Test(
    "Are told in one line, or with the usage; no file is written or damaged",
    arguments: cases.indices)
  func wrong(index: Int) throws {
    #expect(Self.cases.count >= 60)
    let one = Self.cases[index]
    let folder = try #require(shops.folder)
    try folder.write("t.csv", one.table ?? Self.bytes(Self.lines))
    try folder.write("m.safetensors", try #require(Self.trained))
    try folder.write("o", "as it was")
    let arguments: [String] =
      switch one.command {
      case .train: ["t.csv", "--output", "o"] + ShopTable.columns + ShopTable.small
      case .evaluate: ["m.safetensors", "t.csv"]
      case .predict, .backtest: ["m.safetensors", "t.csv", "--output", "o"]
      }
    let before = try folder.contents.map { ($0, try folder.bytes($0)) }
    let result = try Program.run(
      [one.command.rawValue] + arguments + one.more, program: "forecast", in: folder.path)
    #expect(result.status == one.status, "\(result.status): \(result.errors)")
    let lines = result.errors.split(separator: "\n")
    #expect(one.status == 64 ? (1...4).contains(lines.count) : lines.count == 1, "\(result.errors)")
    let line = String(lines.first ?? "")
    #expect(line.hasPrefix("Error: "))
    for word in one.words {
      #expect(line.contains(word) || line.contains(word.replacing("'", with: "\"")), "\(line)")
    }
    let after = try folder.contents.map { ($0, try folder.bytes($0)) }
    #expect(after.map(\.0) == before.map(\.0))
    for (a, b) in zip(before, after) { #expect(a.1 == b.1, "\(a.0)") }
  }

  @Test("So are a folder, a file that is not there, and a model that is none")
  func paths() throws {
    let folder = try #require(shops.folder)
    let table = try shops.write()
    let model = try folder.write("m.safetensors", try #require(Self.trained))
    let output = try shops.path("o.csv")
    let none = try shops.path("none")
    for (path, word) in [
      (folder.path, "directory"), (none, "no such file"), ("", "its path is empty"),
    ] {
      for arguments in [
        ["train", path, "--output", output] + ShopTable.columns, ["evaluate", model, path],
        ["evaluate", model, table, "--history", path],
        ["predict", model, path, "--output", output],
        ["backtest", model, path, "--output", output], ["inspect", path], ["watch", path],
        ["evaluate", path, table], ["predict", path, table, "--output", output],
      ] {
        let line = try shops.error(arguments)
        #expect(line.contains(path) || path.isEmpty, "\(arguments): \(line)")
        #expect(line.contains(word), "\(arguments): \(line)")
      }
    }
    for arguments in [["inspect", table], ["evaluate", table, table], ["watch", table]] {
      #expect(try shops.error(arguments).contains(table))
    }
    #expect(!FileManager.default.fileExists(atPath: output))
  }
}
