import Foundation
import Unroll
import UnrollTesting

/// y = s * x, one scale for each feature. ds = sum of dy * x over all positions, dx = s * dy.
struct Scale<Element: Scalar>: StatelessLayer {
  var scale: Parameter<Element>

  init(features: Int) {
    scale = Parameter([features], .ones)
  }

  func makeCache() -> Tensor<Element>? { nil }

  func forward(
    _ x: Tensor<Element>, cache: inout Tensor<Element>?, in context: Context
  ) -> Tensor<Element> {
    if context.mode == .training { cache = x }
    return x.scalingColumns(by: scale.value)
  }

  mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Tensor<Element>?, in context: Context
  ) -> Tensor<Element> {
    guard let x = cache.take() else { fatalError("Scale: backward before forward") }
    scale.gradient.addRowSums(of: gradient * x)
    return gradient.scalingColumns(by: scale.value)
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("scale", &scale)
  }
}

do {
  // It keeps every law of a layer, or this says which one it breaks, with the numbers.
  let x = Tensor(shape: [3, 2, 4], scalars: (0..<24).map { Double($0 % 7) / 7 })
  try checkLayer(Scale<Double>(features: 4), input: x)
  print("Scale keeps the \(Law.allCases.count) laws of a layer")

  // It stacks, inside wrappers too, and prints.
  let model = Sequential<Tensor<Double>, Tensor<Double>, Double>(seed: 1) {
    Scale<Double>(features: 4)
    Bidirectional<Double> {
      LSTM<Double>(inputSize: 4, hiddenSize: 5)
      Scale<Double>(features: 5)
    }
  }
  print(model)

  // It is saved; and loaded, once a registry knows it.
  var registry = LayerRegistry<Double>.standard
  registry.register(Scale<Double>.self)
  try ModelFile.write(model, to: "scaled.safetensors")
  let loaded = try ModelFile(contentsOf: "scaled.safetensors")
    .model(type(of: model), registry: registry)
  print("loaded, it gives the same:", loaded(x, batch: 2) == model(x, batch: 2))
} catch {
  FileHandle.standardError.write(Data("write-a-layer: \(error)\n".utf8))
  exit(1)
}
