import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers

/// A layer that no registry knows.
private struct Stranger: StatelessLayer {
  var gain = Parameter<Float>([8], .ones)

  func makeCache() -> Tensor<Float>? { nil }

  func forward(
    _ x: Tensor<Float>, cache: inout Tensor<Float>?, in context: Context
  ) -> Tensor<Float> {
    x.scalingColumns(by: gain.value)
  }

  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Tensor<Float>?, in context: Context
  ) -> Tensor<Float> { gradient.scalingColumns(by: gain.value) }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Float>) throws -> Void
  ) rethrows {
    try visit("gain", &gain)
  }
}

@Suite("Summaries")
struct ModelSummaryTests {
  private let model = Sequential(seed: 1) {
    Embedding(vocabularySize: 7, dimension: 8)
    Bidirectional { GRU(inputSize: 8, hiddenSize: 5) }
    BothEnds()
    DenseSoftmax(inputSize: 10, classes: 3)
  }

  @Test("A model prints as a table: outputs with named axes, parameters, shares")
  func table() {
    #expect(
      "\(model)" == """
           layer          output      parameters  share
        0  Embedding      [T, B, 8]           56  10.8%
        1  Bidirectional  [T, B, 10]         430  82.9%
             GRU          [T, B, 5]          215
             GRU          [T, B, 5]          215
        2  BothEnds       [B, 10]              0   0.0%
        3  DenseSoftmax   [B, 3]              33   6.4%
                                             519
        """)
  }

  @Test("The size of a tensor's last axis is found, whatever takes it first")
  func features() {
    let forecast = Sequential<Tensor<Float>, Tensor<Float>, Float>(seed: 1) {
      Dropout(rate: 0.1)
      LSTM(inputSize: 3, hiddenSize: 6, options: LSTMOptions(projectionSize: 4))
      Dense(inputSize: 4, outputSize: 2)
    }
    #expect(
      forecast.summary.rows.map(\.output) == [["T", "B", "3"], ["T", "B", "4"], ["T", "B", "2"]])
    let none = Sequential<Tensor<Float>, Tensor<Float>, Float> { Dropout(rate: 0.1) }
    #expect(none.summary.rows.map(\.output) == [nil] && none.summary.parameters == 0)
  }

  @Test("A size that is by chance what steps or streams are known by is a size")
  func chance() {
    for size in [2, 3, 5, 7] {
      let model = Sequential<Tensor<Float>, Tensor<Float>, Float>(seed: nil) {
        Dense(inputSize: 3, outputSize: size)
      }
      #expect(model.summary.rows.map(\.output) == [["T", "B", "\(size)"]])
    }
  }

  @Test("A long or unprintable kind is cut and escaped, and no row is wider for it than it must be")
  func kinds() throws {
    let kind = #"\u001b[31m\u202e\u2028"# + String(repeating: "k", count: 1000)
    let layers = [kind, "Other"].map { #"{"kind":"\#($0)","layer":{}}"# }
    let writer = TensorFileWriter(
      metadata: [ModelFile.architectureKey: "[\(layers.joined(separator: ","))]"])
    let file = try ModelFile(data: writer.serialized())
    let lines = try file.summary(registry: .standard).description.split(separator: "\n")
    #expect(lines.count == 4 && lines.allSatisfy { $0.count < 120 })
    #expect(lines[1].contains(#"\u{1B}[31m\u{202E}\u{2028}kkk"#) && lines[1].contains("kkk..."))
  }

  @Test("A file's tensors are those of the layer whose number their names begin with")
  func numbers() throws {
    var writer = TensorFileWriter(
      metadata: [ModelFile.architectureKey: #"[{"kind":"A","layer":{}},{"kind":"B","layer":{}}]"#])
    let names = [
      "0.a": 1, "1.a": 2, "1.0.b": 4, "01.a": 8, "1": 16, "10.a": 32, "a.1": 64, "-1.a": 128,
      "99999999999999999999.a": 256, "\u{661}.a": 512, "1\u{301}.a": 1024, ".a": 2048,
    ]
    for (name, count) in names {
      writer.add(name, shape: [count], values: [UInt8](repeating: 0, count: count))
    }
    let summary = try ModelFile(data: writer.serialized()).summary(registry: .standard)
    #expect(summary.rows.map(\.parameters) == [1, 2 + 4])
  }

  private func file(_ model: some Layer) throws -> ModelFile {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("summary-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ModelFile.write(model, to: path)
    return try ModelFile(contentsOf: path)
  }

  @Test("A file gives the same table")
  func files() throws {
    #expect(try file(model).summary(registry: .standard) == model.summary)
  }

  @Test("A file with a layer that is not known gives its kind and its parameters")
  func unknown() throws {
    let model = Sequential(seed: 1) {
      Embedding(vocabularySize: 7, dimension: 8)
      Stranger()
      Dense(inputSize: 8, outputSize: 2)
    }
    let rows = try file(model).summary(registry: .standard).rows
    #expect(rows.map(\.kind) == ["Embedding", "Stranger", "Dense"])
    #expect(rows.map(\.parameters) == [56, 8, 18])
    #expect(rows.map(\.output) == [["T", "B", "8"], nil, nil])
  }
}
