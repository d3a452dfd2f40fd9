import Foundation
import Testing
import TestSupport
import UnrollCore
import UnrollLayers

@Suite("Layers agree with PyTorch")
struct LayersGoldenTests {
  private struct File: Decodable {
    var layers: [String: [String: Golden.Numbers]]
  }

  private func golden(_ layer: String) throws -> [String: Golden.Numbers] {
    let url = Golden.fixtures.appendingPathComponent("layers_golden.json")
    return try #require(
      JSONDecoder().decode(File.self, from: Data(contentsOf: url)).layers[layer])
  }

  private func check<L: Layer>(
    _ layer: L, within bound: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) throws where L.Input == Tensor<L.Element>, L.Output == Tensor<L.Element> {
    let golden = try golden(L.kind)
    func number(_ name: String) throws -> Tensor<L.Element> {
      try #require(golden[name], "\(name)").tensor()
    }
    var layer = layer
    try layer.visitParameters { $1.value = try number($0) }
    let dy = try number("dy")
    let trained = Training(layer, try number("x"), batch: 2) { _ in dy }
    #expect(difference(trained.output, try number("y")) < bound, sourceLocation: sourceLocation)
    #expect(difference(trained.input, try number("d_x")) < bound, sourceLocation: sourceLocation)
    for (name, gradient) in trained.gradients {
      #expect(
        difference(gradient, try number("d_\(name)")) < bound, "\(name)",
        sourceLocation: sourceLocation)
    }
  }

  @Test("LayerNorm")
  func layerNorm() throws {
    try check(LayerNorm<Double>(7, epsilon: 1e-3), within: 1e-12)
    try check(LayerNorm<Float>(7, epsilon: 1e-3), within: 1e-5)
  }

  @Test("SelfAttention, under a causal mask")
  func selfAttention() throws {
    try check(SelfAttention<Double>(size: 12, heads: 3), within: 1e-12)
    try check(SelfAttention<Float>(size: 12, heads: 3), within: 1e-5)
  }

  private func checkTied<E: Scalar>(_ type: E.Type, within bound: Double) throws {
    let golden = try golden("TiedEmbedding")
    func number(_ name: String) throws -> Tensor<E> { try #require(golden[name]).tensor() }
    var layer = TiedEmbedding<E>(vocabularySize: 11, dimension: 6) {
      LSTM<E>(inputSize: 6, hiddenSize: 6)
    }
    try layer.visitParameters { $1.value = try number($0) }
    let ids = try #require(golden["ids"]).values.map { Int32($0) }
    let input = Tokens(time: 4, batch: 3, ids: Array(ids.prefix(12)))
    let targets = Tokens(time: 4, batch: 3, ids: Array(ids.suffix(12)))

    func expectGradients(_ gradients: [String: Tensor<E>]) throws {
      #expect(gradients.count == 5)
      for (name, gradient) in gradients {
        #expect(difference(gradient, try number("d_\(name)")) < bound, "\(name)")
      }
    }
    let unfused = Training(layer, input, batch: 3) { output in
      var dy = Tensor<E>(shape: output.shape)
      for (row, id) in targets.ids.enumerated() { dy[flat: row * 11 + Int(id)] = -1 }
      return dy
    }
    #expect(difference(unfused.output, try number("y")) < bound)
    try expectGradients(unfused.gradients)

    var (state, cache) = (layer.makeState(batch: 3), layer.makeCache())
    let loss = layer.loss(input, of: targets, state: &state, cache: &cache, in: Context())
    var stateGradient = layer.zeros(like: state)
    _ = layer.lossBackward(scale: 1, state: &stateGradient, cache: &cache, in: Context())
    var fused: [String: Tensor<E>] = [:]
    layer.visitParameters { fused[$0] = $1.gradient }
    #expect(loss.count == 12)
    #expect(abs(loss.total - (try #require(golden["loss"]).values[0])) < 4 * bound)
    try expectGradients(fused)
  }

  @Test("TiedEmbedding, its loss fused and not")
  func tiedEmbedding() throws {
    try checkTied(Double.self, within: 1e-12)
    try checkTied(Float.self, within: 1e-5)
  }
}
