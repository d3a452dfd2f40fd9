import Foundation
import UnrollCore
import UnrollFiles

/// A layer that is held to the laws, and the input that it is held to them with.
struct Subject<L: Layer<Double>> where L.Input: CheckableInput, L.Output == Tensor<Double> {
  /// With parameters drawn.
  let layer: L
  let input: L.Input
  let registry: LayerRegistry<Double>
  /// Whether training depends on the random source.
  let isRandom: Bool
  /// The shape of the output.
  let outputShape: [Int]

  init(_ layer: L, _ input: L.Input, seed: UInt64?, registry: LayerRegistry<Double>) {
    require(
      input.inputShape.count > 1 && !input.inputShape.contains(0),
      "a layer is checked with [T, B, ...], [B, F] or tokens [T, B], not \(input.inputShape)")
    var layer = layer
    if let seed { layer.initializeForChecks(seed: seed) }
    (self.layer, self.input, self.registry) = (layer, input, registry)
    let outputs = (0..<8 as Range<UInt64>).map { source in
      var (state, cache) = (layer.makeState(batch: input.streamCount), layer.makeCache())
      return layer.forward(
        input, state: &state, cache: &cache,
        in: Context(threads: 1, random: RandomSource(seed: source)))
    }
    isRandom = outputs.contains { $0.bitPatterns != outputs[0].bitPatterns }
    outputShape = outputs[0].shape
  }

  /// B.
  var batch: Int { input.streamCount }

  /// Whether there is an output for every step.
  var keepsTime: Bool {
    outputShape.count > 2 && input.stepCount.map { $0 == outputShape[0] } ?? false
  }

  /// Whether there is an output for every stream of a sequence, as pooling has it.
  var isPooling: Bool { input.stepCount != nil && outputShape.count == 2 }

  /// The mode in which results that draw random numbers by place can be compared at other places.
  var mode: Context.Mode { isRandom ? .inference : .training }

  /// A state that has gone through the input once.
  func carriedState() -> L.State {
    var (state, cache) = (layer.makeState(batch: batch), layer.makeCache())
    _ = layer.forward(input, state: &state, cache: &cache, in: Context(.inference, threads: 1))
    return state
  }

  /// The input with other streams after its own, `count` in all.
  func widened(to count: Int) -> L.Input {
    let own = batch
    return input.selecting(streams: (0..<max(count, own)).map { $0 % own })
      .changing(to: .other) { $1 >= own }
  }

  /// Some lengths for that many streams, unequal: all steps, the first half of them, none.
  func lengths(rotated: Int, batch: Int) -> [Int]? {
    guard let time = input.stepCount else { return nil }
    let cycle = [time, (time + 1) / 2, 0]
    return (0..<batch).map { cycle[($0 + rotated) % 3] }
  }

  /// A chunk of a sequence and what the context says of it.
  struct Chunk {
    var input: L.Input
    var lengths: [Int]?
    var restarts: [Bool]?
  }

  /// Runs chunks one after another and, in training, back.
  ///
  /// The gradient of each output is a function of the output, element by element, and zero in
  /// padding, so that equal outputs have equal gradients however they are cut. So is that of the
  /// final state, unless `countsState` is false: for states whose shapes tell how they were made.
  func run(
    _ chunks: [Chunk], from initial: L.State, mode: Context.Mode, threads: Int = 1,
    countsState: Bool = true
  ) -> Outcome {
    var (layer, state) = (layer, initial)
    let contexts = chunks.map {
      Context(mode, lengths: $0.lengths, restarts: $0.restarts, threads: threads)
    }
    var caches = chunks.map { _ in layer.makeCache() }
    var outcome = Outcome()
    for i in chunks.indices {
      outcome.outputs.append(
        layer.forward(chunks[i].input, state: &state, cache: &caches[i], in: contexts[i]))
    }
    if countsState { outcome.finalState = layer.tensors(of: state) }
    guard mode == .training else { return outcome }

    var gradient = layer.zeros(like: state)
    if countsState {
      layer.visitState(&state) { $1 = outputGradient($1) }
      gradient = state
    }
    var parameterGradients: [[NamedTensor]] = []
    for i in chunks.indices.reversed() {
      layer.resetGradients()
      let inputGradient = layer.backward(
        outputGradient(outcome.outputs[i], lengths: chunks[i].lengths), state: &gradient,
        cache: &caches[i], in: contexts[i])
      if let tensor = L.Input.tensor(of: inputGradient) {
        outcome.inputGradients.insert(tensor, at: 0)
      }
      parameterGradients.append(layer.gradients)
    }
    outcome.stateGradient = layer.tensors(of: gradient)
    outcome.parameterGradients = sum(parameterGradients)
    return outcome
  }

  /// One forward and backward from a fresh state: what a training step does.
  func train(_ layer: inout L, on input: L.Input, cache: inout L.Cache) {
    var state = layer.makeState(batch: input.streamCount)
    let context = Context(threads: 1)
    let output = layer.forward(input, state: &state, cache: &cache, in: context)
    var gradient = layer.zeros(like: state)
    _ = layer.backward(outputGradient(output), state: &gradient, cache: &cache, in: context)
  }
}

/// The gradient of a loss that is a sum over the elements, zero where a sequence has ended.
private func outputGradient(_ output: Tensor<Double>, lengths: [Int]? = nil) -> Tensor<Double> {
  var gradient = output.map { sin(5 * $0 + 1) }
  guard let lengths else { return gradient }
  if gradient.rank > 2 { return gradient.zeroingSteps(beyond: lengths) }
  let zeros = Tensor<Double>(shape: [1] + gradient.shape.dropFirst())
  for (b, length) in lengths.enumerated() where length == 0 {
    gradient.setSteps(b..<(b + 1), to: zeros)
  }
  return gradient
}

extension Tensor where Element == Double {
  fileprivate var bitPatterns: [UInt64] { scalars.map(\.bitPattern) }
}

extension Layer where Element == Double {
  /// Draws every parameter, those that begin at a constant around it.
  fileprivate mutating func initializeForChecks(seed: UInt64) {
    initialize(seed: seed)
    let random = RandomSource(seed: seed).child("constants")
    visitParameters { name, parameter in
      guard parameter.initializer.isConstant else { return }
      let noise = random.child(name)
      for i in 0..<parameter.count { parameter.value[flat: i] += noise.uniform(i) - 0.5 }
    }
  }

  /// Every parameter's gradient by its name.
  var gradients: [NamedTensor] {
    var copy = self
    var list: [NamedTensor] = []
    copy.visitParameters { list.append(($0, $1.gradient)) }
    return list
  }
}

extension Initializer {
  fileprivate var isConstant: Bool {
    switch self {
    case .constant: true
    case .blocks(let parts): parts.contains { $0.isConstant }
    default: false
    }
  }
}
