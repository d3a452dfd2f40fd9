import Foundation
import ProgramTesting
import Testing
import Unroll

@Suite("charlm inspect")
struct InspectTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let vocabulary =
    #"{"hasUnknown":false,"unit":"character","values":[27,127,133,155,8232,8238,917569]}"#

  /// A file without a digest, of holes after its header.
  private func file(
    _ architecture: String, _ tensors: [(name: String, shape: [Int])], data: Int? = nil,
    vocabulary: String = vocabulary
  ) throws -> String {
    var header: [String: Any] = [
      "__metadata__": ["unroll.architecture": architecture, "unroll.vocabulary": vocabulary]
    ]
    var end = 0
    for (name, shape) in tensors {
      let count = 4 * shape.reduce(1, *)
      header[name] =
        ["dtype": "F32", "shape": shape, "data_offsets": [end, end + count]] as [String: Any]
      end += count
    }
    let json = try JSONSerialization.data(withJSONObject: header)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
    let path = try folder.write("m.safetensors", Data(length) + json)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(8 + json.count + (data ?? end)))
    try file.close()
    return path
  }

  private func embedding(_ vocabulary: Int, _ dimension: Int) -> String {
    #"{"kind":"Embedding","layer":{"weight":{"shape":[\#(vocabulary),\#(dimension)]}}}"#
  }

  private func softmax(_ inputs: Int, _ classes: Int) -> String {
    #"{"kind":"DenseSoftmax","layer":{"dense":{"weight":{"shape":[\#(classes),\#(inputs)]},"#
      + #""bias":{"shape":[\#(classes)]}}}}"#
  }

  private func expectRefusal(_ arguments: [String], _ word: String) throws {
    let result = try Program.run(arguments)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.contains(word), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test("Nothing that a file says acts on the terminal, in tables, in JSON and in errors")
  func printable() throws {
    let kind = #"\u001b[31m\u202e\u2028\u009b\u007f\u0000"#
    let path = try file(
      #"[{"kind":"\#(kind)","layer":{}}]"#, [("0.a\u{202E}b\u{2028}", [1]), ("c\u{2067}", [2])])
    func expectPlain(_ text: String) {
      #expect(text.split(separator: "\n").allSatisfy { $0 == String($0).printable }, "\(text)")
    }
    let table = try Program.run(["inspect", path])
    #expect(table.status == 0 && table.errors.isEmpty)
    expectPlain(table.output)
    #expect(table.output.contains(#"\u{1B}[31m\u{202E}\u{2028}\u{9B}\u{7F}\u{0}"#))
    #expect(table.output.contains(#"0.a\u{202E}b\u{2028}  F32  [1]"#))
    #expect(table.output.contains(#""\u{1B}\u{7F}\u{85}\u{9B}\u{2028}\u{202E}\u{E0041}""#))

    let json = try Program.run(["inspect", path, "--json"])
    expectPlain(json.output)
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let layers = try #require(report["layers"] as? [[String: Any]])
    #expect(layers[0]["kind"] as? String == "\u{1B}[31m\u{202E}\u{2028}\u{9B}\u{7F}\0")
    let vocabulary = try #require(report["vocabulary"] as? [String: Any])
    #expect(vocabulary["text"] as? String == "\u{1B}\u{7F}\u{85}\u{9B}\u{2028}\u{202E}\u{E0041}")

    let refused = try Program.run(["sample", path])
    #expect(refused.status == 1 && refused.errors.contains("no layer of kind"))
    expectPlain(refused.errors)

    let words =
      #"{"hasUnknown":true,"unit":"word","words":["a\u202eb","\#(String(repeating: "w", count: 5000))"]}"#
    let worded = try Program.run(["inspect", try file("[]", [], vocabulary: words)])
    expectPlain(worded.output)
    #expect(
      worded.output.contains("3 words, the most frequent: ") && worded.output.utf8.count < 400)
  }

  @Test("A file of many gigabytes is shown, and refused in one line where it is no model to be had")
  func large() throws {
    let width = 1 << 31 - 1
    let path = try file(
      "[\(embedding(7, width)),\(softmax(width, 7))]",
      [("0.weight", [7, width]), ("1.weight", [7, width]), ("1.bias", [7])])
    for option in [[], ["--json"]] {
      let shown = try Program.run(["inspect", path] + option)
      #expect(shown.status == 0 && shown.output.contains("\(width)"))
    }
    try expectRefusal(["sample", path], "more memory than there is")
    try expectRefusal(["evaluate", path, path], "more memory than there is")

    let wider = try file("[\(embedding(1, 1 << 31))]", [("0.weight", [1, 1 << 31])])
    try expectRefusal(["sample", wider], "axis that is not in 0...2147483647")
    let short = try file("[\(embedding(7, 3))]", [("0.weight", [7, 3])], data: 1 << 36)
    try expectRefusal(["inspect", short], "should have 84 bytes of data")
  }

  @Test("Layers that double the width until nothing can count it are refused in one line")
  func widths() throws {
    let dropout = #"[{"kind":"Dropout","layer":{"rate":0.5}}]"#
    let doubled =
      #"{"kind":"Bidirectional","layer":{"forward":\#(dropout),"backward":\#(dropout)}}"#
    for count in [40, 60] {
      let layers = [embedding(7, 8)] + Array(repeating: doubled, count: count)
      let path = try file("[\(layers.joined(separator: ","))]", [("0.weight", [7, 8])])
      for arguments in [["inspect", path], ["sample", path], ["evaluate", path, path]] {
        try expectRefusal(arguments, "do not fit each other: Bidirectional makes too much of")
      }
    }
  }

  @Test("The digest is told: none, not verified, right; and a damaged weight is found where asked")
  func digest() throws {
    let none = try file("[\(embedding(7, 3))]", [("0.weight", [7, 3])])
    #expect(try Program.run(["inspect", none]).output.hasSuffix("digest: none\n"))
    var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: "[\(embedding(7, 3))]"])
    writer.add("0.weight", shape: [7, 3], values: [Float](repeating: 1, count: 21))
    let path = folder.file("d.safetensors")
    try writer.write(to: path)
    #expect(try Program.run(["inspect", path]).output.contains("digest: not verified"))
    #expect(try Program.run(["inspect", path, "--verify"]).output.hasSuffix("digest: right\n"))
    var bytes = try folder.bytes("d.safetensors")
    bytes[bytes.count - 2] ^= 1
    let damaged = try folder.write("d.safetensors", bytes)
    #expect(try Program.run(["inspect", damaged]).status == 0)
    try expectRefusal(["inspect", damaged, "--verify"], "was changed or damaged")
  }
}
