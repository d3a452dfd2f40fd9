import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollTesting

/// The bound that gradients are held to.
let gradientBound = 1e-8

/// Expects the gradients of a layer, all its parameters drawn at random, to be the numerical ones.
func expectGradients<L: Layer<Double>>(
  of layer: L, _ input: L.Input, _ context: Context = Context(threads: 2), carried: Int = 1,
  sourceLocation: SourceLocation = #_sourceLocation
) where L.Output == Tensor<Double> {
  var layer = layer
  layer.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
  let errors = gradientErrors(of: layer, input: input, context: context, carried: carried)
  #expect(!errors.isEmpty, sourceLocation: sourceLocation)
  for error in errors {
    #expect(error.error < gradientBound, "\(error)", sourceLocation: sourceLocation)
  }
}

/// What one forward and one backward of a layer make, from a fresh state and back to it.
struct Training<L: Layer> {
  var output: L.Output
  var input: L.Input.Gradient
  var gradients: [String: Tensor<L.Element>] = [:]

  init(
    _ layer: L, _ x: L.Input, batch: Int, _ context: Context = Context(),
    gradient: (L.Output) -> L.Output.Gradient
  ) {
    var (layer, cache, state) = (layer, layer.makeCache(), layer.makeState(batch: batch))
    output = layer.forward(x, state: &state, cache: &cache, in: context)
    var stateGradient = layer.zeros(like: state)
    layer.resetGradients()
    input = layer.backward(
      gradient(output), state: &stateGradient, cache: &cache, in: context)
    layer.visitParameters { gradients[$0] = $1.gradient }
  }
}

/// Expects each stream of a padded batch to be the stream alone, though the padding is no number;
/// gradients of the parameters add up.
func expectPaddingDoesNotLeak<L: Layer<Float>>(
  _ layer: L, features: Int, sourceLocation: SourceLocation = #_sourceLocation
) where L.Input == Tensor<Float>, L.Output == Tensor<Float> {
  var layer = layer
  layer.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
  let lengths = [5, 2, 4]
  var x: Tensor<Float> = noise([5, 3, features])
  for b in 0..<3 {
    for t in lengths[b]..<5 { for f in 0..<features { x[t, b, f] = f == 0 ? .nan : .infinity } }
  }
  func gradient(_ output: Tensor<Float>, _ b: Int?) -> Tensor<Float> {
    let sequence = output.rank == 3
    let width = output.columns
    let dy = (noise([5, 3, width], seed: 9) as Tensor<Float>).zeroingSteps(beyond: lengths)
    guard let b else { return sequence ? dy : dy.step(0) }
    let own = dy.streams(b..<(b + 1))
    return sequence ? own.steps(0..<lengths[b]) : own.step(0)
  }
  let padded = Training(layer, x, batch: 3, Context(lengths: lengths)) { gradient($0, nil) }
  var sums: [String: Tensor<Float>] = [:]
  for (b, length) in lengths.enumerated() {
    let row = b..<(b + 1)
    let alone = Training(layer, x.streams(row).steps(0..<length), batch: 1) { gradient($0, b) }
    let output =
      padded.output.rank == 3
      ? padded.output.streams(row).steps(0..<length) : padded.output.steps(row)
    #expect(output == alone.output, sourceLocation: sourceLocation)
    #expect(
      padded.input.streams(row).steps(0..<length) == alone.input, sourceLocation: sourceLocation)
    let rest = padded.input.streams(row).steps(length..<5)
    #expect(rest == Tensor(shape: rest.shape), sourceLocation: sourceLocation)
    for (name, gradient) in alone.gradients {
      sums[name, default: Tensor(shape: gradient.shape)] += gradient
    }
  }
  for (name, gradient) in padded.gradients {
    let error = sums[name].map { difference($0, gradient) } ?? .infinity
    #expect(error < 1e-5, "\(name)", sourceLocation: sourceLocation)
  }
}

/// The model in a file of this architecture, with tensors of ones.
func load<Model: Layer<Float>>(
  _ architecture: String, _ tensors: [(String, [Int])], as type: Model.Type
) throws -> Model {
  let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("\(UUID().uuidString).safetensors").path
  defer { try? FileManager.default.removeItem(atPath: path) }
  var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: architecture])
  for (name, shape) in tensors {
    writer.add(name, shape: shape, values: [Float](repeating: 1, count: shape.reduce(1, *)))
  }
  try writer.write(to: path)
  return try ModelFile(contentsOf: path).model(Model.self, registry: .standard)
}

/// A model as it comes back from a file.
func reloaded<Model: Layer<Float>>(_ model: Model) throws -> Model {
  let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("\(UUID().uuidString).safetensors").path
  defer { try? FileManager.default.removeItem(atPath: path) }
  try ModelFile.write(model, to: path)
  return try ModelFile(contentsOf: path).model(Model.self, registry: .standard)
}
