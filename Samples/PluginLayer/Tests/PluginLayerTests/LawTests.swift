import PluginLayer
import Testing
import Unroll
import UnrollTesting

/// Numbers about zero, `[T 3, B 2, F 4]`.
let x = Tensor(
  shape: [3, 2, 4], scalars: (0..<24).map { RandomSource(seed: 1).uniform($0) - 0.5 })

@Suite("The laws of a layer are kept by")
struct LawTests {
  @Test("RMSNorm")
  func norm() throws {
    try checkLayer(RMSNorm<Double>(4), input: x)
  }

  @Test("GILR")
  func cell() throws {
    try checkLayer(Recurrent(GILRCell<Double>(inputSize: 4, hiddenSize: 5)), input: x)
  }

  @Test("both inside of built-in layers")
  func stack() throws {
    var registry = LayerRegistry<Double>.standard
    registry.register(RMSNorm<Double>.self)
    registry.register(GILRCell<Double>.self)
    let stack = Sequential<Tensor<Double>, Tensor<Double>, Double>(seed: 1) {
      Residual {
        RMSNorm(4)
        Recurrent(GILRCell(inputSize: 4, hiddenSize: 4))
      }
      Bidirectional { Recurrent(GILRCell(inputSize: 4, hiddenSize: 3)) }
    }
    try checkLayer(stack, input: x, registry: registry)
  }
}

/// RMSNorm with its own mistake: the second term of dx is left out.
struct WithoutMean: StatelessLayer {
  static var kind: String { "RMSNorm" }
  var norm = RMSNorm<Double>(4)

  func makeCache() -> RMSNorm<Double>.Cache { nil }

  func forward(
    _ x: Tensor<Double>, cache: inout RMSNorm<Double>.Cache, in context: Context
  ) -> Tensor<Double> {
    norm.forward(x, cache: &cache, in: context)
  }

  mutating func backward(
    _ dy: Tensor<Double>, cache: inout RMSNorm<Double>.Cache, in context: Context
  ) -> Tensor<Double> {
    guard let s = cache?.s else { fatalError("RMSNorm: backward before forward") }
    _ = norm.backward(dy, cache: &cache, in: context)
    let g = dy.zeroingPadding(in: context).scalingColumns(by: norm.weight.value)
    return g.scalingRows(by: s)
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Double>) throws -> Void
  ) rethrows {
    try norm.visitParameters(visit)
  }
}
