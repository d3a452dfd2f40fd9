import Foundation
import ProgramTesting
import Testing

@Suite("Mistakes with rewrite")
struct MistakeTests {
  private let pairs = SmallPairs()
  private static let lines = SmallPairs.lines

  /// Lines of a table, options, and words of the answer.
  private static let tables: [([String], [String], [String])] = [
    ([], [], ["the file is empty"]),
    (["source\ttarget"], ["--source", "source", "--target", "target"], ["no pair"]),
    (Array(lines[..<50]) + ["abc"], [], ["line 51", "1"]),
    (Array(lines[..<50]) + ["a\tb\tc"], [], ["line 51", "3"]),
    (lines, ["--source", "3"], ["'3'"]), (lines, ["--target", "9"], ["'9'"]),
    (lines, ["--source", "english", "--target", "french"], ["'english'"]),
    (Array(lines[..<1]), [], ["1 to learn from", "0 to choose by", "--validation-fraction"]),
    (Array(repeating: lines[0], count: 9), [], ["to choose by"]),
    (Array(repeating: "\t", count: 9), ["--validation-fraction", "0"], ["column '1'"]),
    (Array(repeating: "a\t", count: 9), ["--validation-fraction", "0"], ["column '2'"]),
    (lines, ["--minimum-count", "100000"], ["--minimum-count", "column '1'"]),
    (
      Array(lines[..<9]) + [String(repeating: "a", count: 2001) + "\ta"], [],
      ["line 10", "column '1'", "2001", "2000"]
    ),
    (
      Array(lines[..<9]) + ["a\t" + String(repeating: "é", count: 3000)], [],
      ["line 10", "column '2'", "3000"]
    ),
  ]

  @Test("In a table are told in one line, and nothing is written", arguments: tables.indices)
  func inTables(index: Int) throws {
    let (lines, more, words) = Self.tables[index]
    let table = try pairs.write("t.tsv", lines)
    let output = try pairs.path("m.safetensors")
    let line = try pairs.error(["train", table, "--output", output] + SmallPairs.small + more)
    for word in words {
      #expect(line.contains(word) || line.contains(word.replacing("'", with: "\"")), "\(line)")
    }
    #expect(line.contains(table) && !FileManager.default.fileExists(atPath: output))
  }

  @Test("In bytes that are no text are told")
  func bytes() throws {
    let folder = try #require(pairs.folder)
    for (name, bytes, word) in [
      ("latin.tsv", [0x61, 0x09, 0xE9, 0x0A], "UTF-8"),
      ("nul.tsv", [0x61, 0x09, 0x00, 0x0A], "NUL"),
    ] as [(String, [UInt8], String)] {
      let table = try folder.write(name, bytes)
      let line = try pairs.error(["train", table, "--output", try pairs.path("m.safetensors")])
      #expect(line.contains(word) && line.contains(name), "\(line)")
    }
  }

  @Test("With files: another kind of model, a damaged one, none at all, one that cannot be written")
  func files() throws {
    let table = try pairs.write()
    let model = try pairs.train(table)
    let folder = try #require(pairs.folder)
    let text = try folder.write("t.txt", String(repeating: "the tide comes in. ", count: 60))
    let words = try pairs.path("words.safetensors")
    let trained = try Program.run([
      "train", text, "--output", words, "--steps", "2", "--hidden", "4", "--embedding", "3",
      "--batch", "2", "--sequence", "10",
    ])
    #expect(trained.status == 0, "\(trained.errors)")
    var bytes = try folder.bytes("m.safetensors")
    bytes[bytes.count / 2] ^= 1
    let damaged = try folder.write("damaged.safetensors", bytes)
    let cut = try folder.write("cut.safetensors", bytes.prefix(bytes.count / 3))
    let (nowhere, plot) = (try pairs.path("none/x"), try pairs.path("p.svg"))
    for (arguments, says) in [
      (["inspect", words], [words, "no encoder and decoder"]),
      (["predict", words, "ab"], [words, "no encoder and decoder"]),
      (["predict", damaged, "ab"], [damaged]), (["predict", cut, "ab"], [cut]),
      (["predict", table, "ab"], [table]), (["inspect", nowhere], [nowhere]),
      (["evaluate", model, nowhere], [nowhere]), (["evaluate", model, text], [text]),
      (["attention", model, "ab", "--plot", nowhere], [nowhere]),
      (["attention", words, "ab", "--plot", plot], [words]),
      (["predict", model, String(repeating: "ab", count: 1500)], ["3000", "2000"]),
      (["train", table, "--output", nowhere], [nowhere]),
      (["train", nowhere, "--output", plot], [nowhere]),
    ] {
      let line = try pairs.error(arguments)
      for word in says { #expect(line.contains(word), "\(arguments): \(line)") }
    }
    #expect(!FileManager.default.fileExists(atPath: plot))
    // What is there stays as it is where a run cannot begin.
    let before = try folder.bytes("m.safetensors")
    _ = try pairs.error(["train", text, "--output", model])
    #expect(try folder.bytes("m.safetensors") == before)
  }

  /// What comes after 'train t --output m', or a whole command, and words of the answer.
  private static let commands: [([String], [String])] = [
    (["--hidden", "0"], ["--hidden is 0", "at least 1"]),
    (["--hidden", "7"], ["--hidden", "even"]),
    (["--hidden", "many"], ["--hidden", "many"]), (["--layers", "0"], ["--layers"]),
    (["--dropout", "1"], ["--dropout", "0..<1"]), (["--dropout", "nan"], ["--dropout"]),
    (["--steps", "0"], ["--steps"]), (["--batch", "0"], ["--batch"]),
    (["--threads", "0"], ["--threads"]), (["--minutes", "0"], ["--minutes", "above 0"]),
    (["--minutes", "nan"], ["--minutes"]), (["--minutes", "1", "--resume"], ["--resume"]),
    (["--learning-rate", "0"], ["--learning-rate", "above 0"]),
    (["--learning-rate", "inf"], ["finite"]), (["--sampling", "1.5"], ["--sampling", "0...1"]),
    (["--sampling", "-0.1"], ["--sampling"]), (["--sampling", "nan"], ["--sampling"]),
    (["--validation-fraction", "1"], ["--validation-fraction", "0..<1"]),
    (["--validation-fraction", "-1"], ["--validation-fraction"]),
    (["--minimum-count", "0"], ["--minimum-count"]),
    (["--size", "huge"], ["huge", "medium"]), (["--cell", "lstmp"], ["lstmp", "gru"]),
    (["--level", "byte"], ["byte", "word"]), (["--score", "dot"], ["--score", "--attention"]),
    (["--attention", "--score", "sine"], ["sine", "additive"]),
    (["--source", "1", "--target", "x"], ["'1'", "'x'", "numbers"]),
    (["--source", "2"], ["same column"]), (["--source", "a", "--target", "a"], ["same column"]),
    (["--allow-changes"], ["--resume"]), (["--seed", "-1"], ["--seed"]),
    (["--step", "3"], ["--step", "--steps"]), (["another"], ["another"]),
    (["--steps", "3", "--steps", "4"], ["twice"]),
  ]
  private static let others: [([String], [String])] = [
    (["train", "t"], ["--output"]), (["train"], ["pairs"]),
    (["train", "m", "--output", "m"], ["different files"]),
    (["predict", "m"], ["text"]), (["predict", "m", "a", "--beam", "0"], ["--beam is 0"]),
    (["predict", "m", "a", "--n-best", "0"], ["--n-best"]),
    (["predict", "m", "a", "--n-best", "5"], ["--n-best", "--beam"]),
    (["predict", "m", "a", "--gnmt", "-1"], ["--gnmt"]),
    (["predict", "m", "a", "--length-power", "nan"], ["--length-power"]),
    (["predict", "m", "a", "--gnmt", "1", "--length-power", "1"], ["exclude"]),
    (["evaluate", "m"], ["pairs"]), (["evaluate", "m", "t", "--beam", "x"], ["--beam", "x"]),
    (["evaluate", "m", "t", "--threads", "0"], ["--threads"]),
    (["attention", "m", "a"], ["--plot"]),
    (["attention", "m", "a", "--plot", "m"], ["different files"]),
    (["attention", "m", "", "--plot", "p"], ["empty"]),
    (["attention", "m", String(repeating: "a", count: 101), "--plot", "p"], ["101", "100"]),
    (["inspect"], ["model"]), (["inspect", "m", "n"], ["n"]), (["dance"], ["dance"]),
  ]

  @Test(
    "In the command line are named, with the usage",
    arguments: commands.map { (["train", "t", "--output", "m"] + $0.0, $0.1) } + others)
  func commandLines(arguments: [String], words: [String]) throws {
    let result = try pairs.rewrite(arguments)
    #expect(result.status == 64 && result.output.isEmpty, "\(result.errors)")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("Error: ") } == 1)
    for word in words { #expect(result.errors.contains(word), "\(word): \(result.errors)") }
  }

  @Test("Every help has a whole example")
  func help() throws {
    for command in [[], ["train"], ["predict"], ["evaluate"], ["attention"], ["inspect"]] {
      let result = try pairs.rewrite(command + ["--help"])
      #expect(result.status == 0 && result.output.contains("EXAMPLES:\n"))
      #expect(result.output.contains("  rewrite \(command.first ?? "train") "))
    }
  }
}
