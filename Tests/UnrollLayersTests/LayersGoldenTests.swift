import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
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
    try check(LayerNorm<Double>(inputSize: 7, epsilon: 1e-3), within: 1e-12)
    try check(LayerNorm<Float>(inputSize: 7, epsilon: 1e-3), within: 1e-5)
  }

  @Test("SelfAttention, under a causal mask")
  func selfAttention() throws {
    try check(SelfAttention<Double>(inputSize: 12, heads: 3), within: 1e-12)
    try check(SelfAttention<Float>(inputSize: 12, heads: 3), within: 1e-5)
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

  private func checkBothEnds<E: Scalar>(
    _ merging: DirectionMerging, pooledInside: Bool, _: E.Type, within bound: Double
  ) throws {
    let golden = try golden("BothEnds")
    func number(_ name: String) throws -> Tensor<E> {
      try #require(golden[name], "\(name)").tensor()
    }
    var layer = Sequential<Tensor<E>, Tensor<E>, E> {
      if pooledInside {
        Bidirectional<E>(merging: merging) {
          LSTM<E>(inputSize: 4, hiddenSize: 6)
          LastStep<E>()
        }
      } else {
        Bidirectional<E>(merging: merging) { LSTM<E>(inputSize: 4, hiddenSize: 6) }
        BothEnds<E>()
      }
    }
    func theirs(_ name: String) -> String {
      name.replacing("0.forward.0.", with: "forward.").replacing("0.backward.0.", with: "backward.")
    }
    try layer.visitParameters { $1.value = try number(theirs($0)) }
    let (y, dy) = (try number("y"), try number("dy"))
    let context = Context(lengths: try #require(golden["lengths"]).values.map { Int($0) })
    let halves = (y.columns(0..<6), y.columns(6..<12))
    let expected = merging == .concatenation ? y : halves.0 + halves.1
    let trained = Training(layer, try number("x"), batch: 3, context) { _ in
      merging == .concatenation ? dy : dy.columns(0..<6)
    }
    #expect(difference(trained.output, expected) < bound)
    guard merging == .concatenation else { return }
    #expect(difference(trained.input, try number("d_x")) < bound)
    #expect(trained.gradients.count == 6)
    for (name, gradient) in trained.gradients {
      #expect(difference(gradient, try number("d_\(theirs(name))")) < bound, "\(name)")
    }
  }

  @Test("BothEnds, as h_n of both directions of padded sequences", arguments: [false, true])
  func bothEnds(pooledInside: Bool) throws {
    try checkBothEnds(.concatenation, pooledInside: pooledInside, Double.self, within: 1e-12)
    try checkBothEnds(.concatenation, pooledInside: pooledInside, Float.self, within: 1e-5)
  }

  @Test("LastStep inside Bidirectional, as the sum of h_n of both directions")
  func sumOfEnds() throws {
    try checkBothEnds(.sum, pooledInside: true, Double.self, within: 1e-12)
  }

  private static let functions: [(String, ActivationFunction)] = [
    ("sigmoid", .sigmoid), ("tanh", .tanh), ("relu", .relu),
    ("hardSigmoid", .hardSigmoid(slope: 1.0 / 6)), ("leakyReLU", .leakyReLU()),
    ("thresholdedReLU", .thresholdedReLU()), ("elu", .elu()), ("softsign", .softsign),
    ("softplus", .softplus), ("scaledTanh", .scaledTanh(scale: 1.7159, slope: 2.0 / 3)),
  ]

  private func checkActivation<E: Scalar>(
    _ name: String, _ function: ActivationFunction, _: E.Type, within bound: Double
  ) throws {
    let golden = try golden("Activation")
    func number(_ part: String) throws -> Tensor<E> {
      try #require(golden["\(part).\(name)"]).tensor()
    }
    let trained = Training(Activation<E>(function), try number("x"), batch: 1) {
      Tensor(shape: $0.shape, repeating: 1)
    }
    #expect(difference(trained.output, try number("y")) < bound)
    #expect(difference(trained.input, try number("d_x")) < bound)
  }

  @Test("Activation", arguments: functions)
  func activation(name: String, function: ActivationFunction) throws {
    try checkActivation(name, function, Double.self, within: 1e-12)
    try checkActivation(name, function, Float.self, within: 2e-6)
  }
}
