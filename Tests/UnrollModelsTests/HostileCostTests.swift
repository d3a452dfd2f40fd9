import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollModels

/// Files of less than two megabytes in which there is much of one thing. What is asked of each is that
/// it is read or refused in a time that no user would notice: where something takes a time that grows
/// with the square of what a file says, it takes minutes.
@Suite("The cost of small files", .timeLimit(.minutes(2)))
struct HostileCostTests {
  private typealias Object = [String: any Sendable]

  private static let dropout: Object = ["kind": "Dropout", "layer": ["rate": 0.5]]
  private static let marks = String(repeating: "\u{301}\u{323}", count: 8000)

  private static func repeated(_ layer: Object, _ count: Int) -> [Object] {
    Array(repeating: layer, count: count)
  }

  private static func residuals(_ depth: Int) -> Object {
    (0..<depth).reduce(dropout) { inner, _ in ["kind": "Residual", "layer": ["inner": [inner]]] }
  }

  private static func tree(_ depth: Int) -> Object {
    (0..<depth).reduce(dropout) { inner, _ in
      [
        "kind": "Bidirectional",
        "layer": ["forward": [inner], "backward": [inner], "merging": "sum"] as Object,
      ]
    }
  }

  private static func words(_ words: [String]) -> Object {
    ["unit": "word", "hasUnknown": true, "words": words]
  }

  /// A file of layers, a vocabulary, and tensors without elements.
  private static func file(
    _ layers: [Object], vocabulary: Object = words(["a"]), tensors: [String] = [],
    shape: (Int) -> [Int] = { _ in [0] }, metadata: [String: String] = [:]
  ) throws -> Data {
    func text(_ value: Any) throws -> String {
      String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
    }
    var metadata = metadata
    metadata[ModelFile.architectureKey] = try text(layers)
    metadata[LanguageModel.vocabularyKey] = try text(vocabulary)
    var header: Object = ["__metadata__": metadata]
    for (index, name) in tensors.enumerated() {
      header[name] = ["dtype": "U8", "shape": shape(index), "data_offsets": [0, 0]] as Object
    }
    let json = try JSONSerialization.data(withJSONObject: header)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
    return Data(length) + json
  }

  private static let files: [(name: String, make: @Sendable () throws -> Data)] = [
    (
      "a long kind beside many layers",
      {
        try file(
          repeated(dropout, 5000) + [
            ["kind": String(repeating: "x", count: 1024), "layer": Object()]
          ])
      }
    ),
    (
      "many layers beside many tensors",
      { try file(repeated(dropout, 5000), tensors: (0..<20_000).map { "n\($0)" }) }
    ),
    (
      "many layers and many axes",
      {
        try file(repeated(dropout, 5000), tensors: (0..<1000).map { "\($0).w" }) { index in
          [0] + (0..<59).map { $0 < 4 ? 1000 + 4 * index + $0 : 1 }
        }
      }
    ),
    ("layers within one another", { try file(repeated(residuals(18), 200)) }),
    ("a tree of directions", { try file([tree(10)]) }),
    (
      "as many layers as there may be",
      { try file(repeated(["kind": "Q", "layer": Object()], 12_000)) }
    ),
    ("names of marks", { try file([dropout], tensors: (0..<30).map { "\($0)\(marks)" }) }),
    ("a kind of marks", { try file([["kind": marks + marks, "layer": Object()]]) }),
    ("a key of marks", { try file([["kind": "Dropout", marks + marks: 1]]) }),
    (
      "a choice of marks",
      {
        try file([
          [
            "kind": "Bidirectional",
            "layer": [
              "forward": [Object](), "backward": [Object](), "merging": "s" + marks + marks + marks,
            ]
              as Object,
          ]
        ])
      }
    ),
    (
      "a unit of marks",
      {
        try file([dropout], vocabulary: ["unit": marks + marks, "hasUnknown": true, "values": [1]])
      }
    ),
    ("a word of marks", { try file([dropout], vocabulary: words([marks + marks + marks])) }),
    (
      "texts of marks",
      { try file([dropout], metadata: ["a": marks + marks, "b" + marks: "", "c" + marks: ""]) }
    ),
    ("many words", { try file([dropout], vocabulary: words((0..<49_000).map { "w\($0)" })) }),
    (
      "a long word",
      { try file([dropout], vocabulary: words([String(repeating: "w", count: 900_000)])) }
    ),
    (
      "long names beside short ones",
      {
        try file(
          [dropout],
          tensors: (0..<10).map { String(repeating: "n", count: 60_000) + "\($0)" }
            + (0..<10_000).map { "\($0)" })
      }
    ),
    (
      "many texts",
      {
        try file(
          [dropout],
          metadata: Dictionary(
            uniqueKeysWithValues: (0..<9990).map { ("\($0)", String(repeating: "t", count: 100)) }))
      }
    ),
    (
      "many unknown fields",
      {
        let fields = Object(
          uniqueKeysWithValues: (0..<45_000).map { ("f\($0)", 1 as any Sendable) })
        return try file([["kind": "Dropout", "layer": fields]])
      }
    ),
  ]

  private static func attempt(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      let line = "\(error)"
      #expect(line.utf8.count < 2000 && !line.contains(where: \.isNewline), "\(line)")
    }
  }

  @Test("is little, of showing what is in them and of loading them", arguments: files.indices)
  func cost(index: Int) throws {
    let (name, make) = Self.files[index]
    let data = try make()
    #expect(data.count < 2_000_000, "\(name)")
    let folder = try TemporaryFolder()
    let path = try folder.write("m.safetensors", data)
    Self.attempt {
      let table = try ModelFile(headerOf: path).summary(registry: .standard).description
      #expect(table.utf8.count < 4_000_000, "\(name)")
    }
    Self.attempt { _ = try LanguageModel(contentsOf: path) }
  }
}
