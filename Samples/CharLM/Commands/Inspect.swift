import ArgumentParser
import ProgramSupport
import Foundation
import Unroll
import UnrollModels

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a model file.",
    discussion: """
      Reads the header alone, however large the file is, so that models are shown too whose layers \
      are not Unroll's own. The weights are not read: whether they are as they were written, --verify \
      tells, and so does every command that uses them.

      EXAMPLES:
        charlm inspect tales.safetensors
        charlm inspect tales.safetensors --json
        charlm inspect tales.safetensors --verify
      """)

  @Argument(help: "The model file.")
  var model: String

  @Flag(help: "Read the whole file, and refuse one that was changed or damaged.")
  var verify = false

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    let file = try verify ? ModelFile(contentsOf: model) : ModelFile(headerOf: model)
    let summary = try file.summary(registry: Toolkit.current.registry)
    let vocabulary = try LanguageModel.vocabulary(of: file)
    if json {
      try printJSON(file.file, summary, vocabulary)
    } else {
      print(summary, terminator: "\n\n")
      show(file.file)
      if let vocabulary { show(vocabulary) }
      print("\ndigest: \(digest(of: file.file).rawValue)")
    }
    try finishOutput()
  }

  /// What is known of a file's digest.
  private enum Digest: String {
    case right
    case unverified = "not verified; --verify reads the whole file"
    case none
  }

  private func digest(of file: TensorFile) -> Digest {
    file.isVerified ? .right : file.hasDigest ? .unverified : .none
  }
}

// MARK: - As text

extension Inspect {
  /// The most characters of a name or a word that are shown.
  private static let widest = 60

  private func show(_ file: TensorFile) {
    let width = file.entries.lazy.map { $0.name.printable(limit: Self.widest).count }.max() ?? 0
    for tensor in file.entries {
      let name = tensor.name.printable(limit: Self.widest)
      let padding = String(repeating: " ", count: width - name.count)
      let shape = tensor.shape.map(String.init).joined(separator: ", ")
      print("\(name)\(padding)  \(tensor.type.rawValue)  [\(shape)]")
    }
  }

  private func show(_ vocabulary: Vocabulary) {
    print("\n\(vocabulary.count) \(vocabulary.unit)s", terminator: "")
    if vocabulary.unit == .word {
      let words = vocabulary.words.prefix(30).map { $0.printable(limit: Self.widest) }
      print(", the most frequent: \(words.joined(separator: " ").debugDescription)")
    } else {
      print(": \(vocabulary.allText.debugDescription.printable)")
    }
  }
}

extension Vocabulary {
  /// The characters or bytes one after another.
  fileprivate var allText: String { decode((0..<count).map { Int32($0) }) }
}

// MARK: - As JSON

extension Inspect {
  private struct Layer: Encodable {
    var kind: String
    var output: [String]?
    var parameters: Int
  }

  private struct Tensor: Encodable {
    var name: String
    var type: String
    var shape: [Int]
  }

  private struct Words: Encodable {
    var unit: String
    var count: Int
    /// The characters or bytes one after another.
    var text: String?
    /// The words, most frequent first.
    var words: [String]?
  }

  /// Prints piece by piece: an encoder takes many times the memory of what it encodes.
  private func printJSON(
    _ file: TensorFile, _ summary: ModelSummary, _ vocabulary: Vocabulary?
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let digest = digest(of: file)
    print("{\n\"digest\": \"\(digest == .unverified ? "unverified" : digest.rawValue)\",")
    print("\"parameters\": \(summary.parameters),")
    try printArray(
      "layers",
      summary.rows.lazy.map {
        Layer(kind: $0.kind, output: $0.output, parameters: $0.parameters)
      }, encoder)
    print(",")
    try printArray(
      "tensors",
      file.entries.lazy.map { Tensor(name: $0.name, type: $0.type.rawValue, shape: $0.shape) },
      encoder)
    if let vocabulary {
      let isWords = vocabulary.unit == .word
      let words = Words(
        unit: vocabulary.unit.rawValue, count: vocabulary.count,
        text: isWords ? nil : vocabulary.allText, words: isWords ? vocabulary.words : nil)
      print(",\n\"vocabulary\": \(try text(of: words, encoder))", terminator: "")
    }
    print("\n}")
  }

  private func printArray(
    _ name: String, _ values: some Sequence<some Encodable>, _ encoder: JSONEncoder
  ) throws {
    print("\"\(name)\": [", terminator: "")
    var separator = "\n"
    for value in values {
      print(separator, try text(of: value, encoder), separator: "", terminator: "")
      separator = ",\n"
    }
    print("\n]", terminator: "")
  }

  /// A value as JSON on one line. What would act on a terminal is escaped, of which JSON itself asks
  /// for a part only.
  private func text(of value: some Encodable, _ encoder: JSONEncoder) throws -> String {
    let plain = String(decoding: try encoder.encode(value), as: UTF8.self)
    guard plain.printable != plain else { return plain }
    var escaped = ""
    for scalar in plain.unicodeScalars {
      guard String(scalar).printable != String(scalar) else {
        escaped.unicodeScalars.append(scalar)
        continue
      }
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return escaped
  }
}
