import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// Numbers by `Tests/Fixtures/convolution_golden.py`.
@Suite("Convolution and attention pooling agree with PyTorch")
struct ConvolutionGoldenTests {
  private struct File: Decodable {
    var cases: [String: [String: Golden.Numbers]]
  }

  private func check<L: Layer>(
    _ name: String, _ layer: L, within bound: Double, lengths: [Int]? = nil
  ) throws where L.Input == Tensor<L.Element>, L.Output == Tensor<L.Element> {
    let url = Golden.fixtures.appendingPathComponent("convolution_golden.json")
    let golden = try #require(
      JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases[name])
    func number(_ name: String) throws -> Tensor<L.Element> {
      try #require(golden[name], "\(name)").tensor()
    }
    var layer = layer
    var names: Set<String> = ["d_x"]
    try layer.visitParameters {
      $1.value = try number($0)
      names.insert("d_\($0)")
    }
    #expect(names == Set(golden.keys.filter { $0.hasPrefix("d_") }))
    let context = Context(.training, lengths: lengths)
    var (state, cache) = (layer.makeState(batch: 2), layer.makeCache())
    let y = layer.forward(try number("x"), state: &state, cache: &cache, in: context)
    #expect(difference(y, try number("y")) < bound)
    var back = layer.zeros(like: state)
    let dx = layer.backward(try number("dy"), state: &back, cache: &cache, in: context)
    #expect(difference(dx, try number("d_x")) < bound)
    try layer.visitParameters {
      let expected = try number("d_\($0)")
      #expect(difference($1.gradient, expected) < bound, "\($0)")
    }
  }

  private func all<E: Scalar>(_: E.Type, within bound: Double) throws {
    for padding in [Convolution<E>.Padding.centered, .causal] {
      try check(
        padding.rawValue,
        Convolution<E>(inputSize: 3, outputSize: 4, width: 3, dilation: 2, padding: padding),
        within: bound)
    }
    try check(
      "pooling", AttentionPooling<E>(inputSize: 3, attentionSize: 5), within: bound,
      lengths: [7, 4])
  }

  @Test("Outputs and gradients")
  func numbers() throws {
    try all(Double.self, within: 1e-12)
    try all(Float.self, within: 1e-5)
  }

  @Test("Sizes that are none stop the program, and other shapes are refused")
  func misuse() async throws {
    #expect(throws: ShapeError.self) {
      try Convolution<Float>(inputSize: 3, outputSize: 4, width: 2).outputShape(of: [5, 2, 4])
    }
    #expect(throws: ShapeError.self) {
      try Parallel<Float> {
        GRU<Float>(inputSize: 3, hiddenSize: 4)
      } beside: {
        MeanOverTime<Float>()
      }.outputShape(of: [5, 2, 3])
    }
    await #expect(processExitsWith: .failure) {
      _ = Convolution<Float>(inputSize: 3, outputSize: 4, width: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = AttentionPooling<Float>(inputSize: 3, attentionSize: 0)
    }
  }
}
