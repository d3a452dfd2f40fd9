import Foundation
import ProgramTesting
import Testing

/// Sixty and more wrong command lines: each is answered with one line that names the mistake and what
/// to do, the usage at most beside it, and the right exit status.
@Suite("Wrong command lines")
struct CommandLineTests {
  /// What comes after 'train TEXT --output M', and words of the answer.
  private static let training: [([String], [String])] = [
    (["--hidden", "0"], ["--hidden is 0", "at least 1"]),
    (["--hidden", "-5"], ["--hidden is -5"]),
    (["--hidden", "4611686018427387904"], ["at most 65536"]),
    (["--hidden", "many"], ["--hidden", "many"]), (["--hidden", "12.5"], ["12.5"]),
    (["--hidden", ""], ["--hidden"]), (["--hidden"], ["--hidden"]),
    (["--layers", "0"], ["--layers"]), (["--layers", "1000000000000"], ["--layers"]),
    (["--embedding", "0"], ["--embedding"]), (["--sequence", "0"], ["--sequence"]),
    (["--batch", "0"], ["--batch"]), (["--batch", "4611686018427387904"], ["--batch"]),
    (["--steps", "0"], ["--steps"]), (["--steps", "-1"], ["--steps"]),
    (["--steps", "1e3"], ["--steps", "1e3"]),
    (["--steps", "1", "--epochs", "1"], ["--steps", "--epochs", "give one"]),
    (["--epochs", "0"], ["--epochs"]), (["--epochs", "inf"], ["--epochs is inf"]),
    (["--epochs", "nan"], ["--epochs"]),
    (["--learning-rate", "0"], ["--learning-rate", "above 0"]),
    (["--learning-rate", "inf"], ["finite"]), (["--learning-rate", "-0.1"], ["--learning-rate"]),
    (["--learning-rate", "fast"], ["--learning-rate", "fast"]),
    (["--schedule", "linear"], ["--schedule", "linear", "cosine"]),
    (["--optimizer", "adamax"], ["adamax", "adam"]), (["--cell", "lstmp"], ["lstmp", "gru"]),
    (["--dropout", "1"], ["--dropout", "0..<1"]), (["--dropout", "-0.5"], ["--dropout"]),
    (["--dropout", "nan"], ["--dropout"]),
    (["--recurrent-dropout", "1.5"], ["--recurrent-dropout", "0..<1"]),
    (["--cell", "sru", "--recurrent-dropout", "0.1"], ["--recurrent-dropout", "not for sru"]),
    (["--clip", "-1"], ["--clip"]),
    (["--clip", "inf"], ["--clip"]), (["--validation", "1"], ["--validation"]),
    (["--validation", "-0.1"], ["--validation"]), (["--split", "middle"], ["middle", "streams"]),
    (["--validate-every", "0"], ["--validate-every"]), (["--seed", "-1"], ["--seed"]),
    (["--seed", "18446744073709551616"], ["--seed"]), (["--threads", "0"], ["--threads"]),
    (["--threads", "100000"], ["at most 1024"]), (["--weight-decay", "-1"], ["--weight-decay"]),
    (["--average", "1"], ["--average", "0..<1"]), (["--average", "-1"], ["--average"]),
    (["--accumulate", "0"], ["--accumulate"]), (["--patience", "0"], ["--patience"]),
    (["--patience", "3", "--validation", "0"], ["--patience", "--validation"]),
    (["--checkpoint-every", "0"], ["--checkpoint-every"]), (["--keep", "0"], ["--keep"]),
    (["--level", "syllable"], ["syllable", "word"]),
    (["--vocabulary-size", "9"], ["--vocabulary-size", "--level word"]),
    (["--level", "word", "--vocabulary-size", "1"], ["at least 2"]),
    (["--minimum-count", "0"], ["--minimum-count is 0", "at least 1"]),
    (["--level", "byte", "--minimum-count", "2"], ["--minimum-count", "--level character"]),
    (["--validation-limit", "0"], ["--validation-limit is 0", "at least 1"]),
    (["--validation-limit", "some"], ["--validation-limit", "some"]),
    (["--hiden", "3"], ["--hiden", "--hidden"]), (["--resume", "yes"], ["yes"]),
    (["--allow-changes"], ["--allow-changes", "--resume"]),
    (["--metrics", "m"], ["different files"]), (["another"], ["another"]),
    (["-x"], ["-x"]),
  ]

  private static let others: [([String], [String])] = [
    (["train"], ["text"]), (["train", "t"], ["--output"]), (["train", "--output", "m"], ["text"]),
    (["train", "m", "--output", "m"], ["different files"]),
    (["sample"], ["model"]), (["sample", "m", "n"], ["n"]),
    (["sample", "m", "--temperature", "-1"], ["--temperature", "at least 0"]),
    (["sample", "m", "--temperature", "nan"], ["--temperature"]),
    (["sample", "m", "--top-k", "0"], ["--top-k"]), (["sample", "m", "--top-p", "2"], ["--top-p"]),
    (["sample", "m", "--top-p", "0"], ["--top-p"]),
    (["sample", "m", "--length", "-3"], ["--length"]),
    (["sample", "m", "--int4"], ["--int4", "--int8"]), (["sample", "m", "--int8=1"], ["--int8"]),
    (["evaluate", "--int8"], ["model"]), (["evaluate", "m", "t", "--int8", "8"], ["8"]),
    (["train", "t", "--output", "m", "--int8"], ["--int8"]),
    (["evaluate", "m"], ["text"]), (["evaluate", "m", "t", "--jsn"], ["--jsn", "--json"]),
    (["inspect"], ["model"]), (["inspect", "m", "--tensors"], ["--tensors"]),
    (["flow", "m", "t"], ["--output"]), (["flow", "m", "--output", "f"], ["text"]),
    (["flow", "m", "t", "--output", "f", "--distance", "0"], ["--distance"]),
    (["flow", "m", "t", "--output", "f", "--batch", "0"], ["--batch"]),
    (["dance"], ["dance"]), (["--verbose"], ["--verbose"]),
  ]

  private static let all =
    training.map { (["train", "t", "--output", "m"] + $0.0, $0.1) } + others

  @Test("There are sixty of them")
  func count() {
    #expect(Self.all.count >= 60)
  }

  @Test("name the mistake and what to do", arguments: all)
  func mistakes(arguments: [String], words: [String]) throws {
    let result = try Program.run(arguments)
    #expect(result.status == 64 && result.output.isEmpty)
    let lines = result.errors.split(separator: "\n")
    let error = lines.first { $0.hasPrefix("Error: ") } ?? ""
    #expect(error.contains(words[0]), "\(result.errors)")
    for word in words { #expect(result.errors.contains(word), "\(word): \(result.errors)") }
    #expect(lines.count { $0.hasPrefix("Error: ") } == 1)
    #expect(lines.contains { $0.hasPrefix("Usage: charlm") })
    #expect(!result.errors.contains("Fatal") && !result.errors.contains("Stack"))
  }
}
