import Foundation
import UnrollCore

/// How the gradient of a loss fades, or grows, on its way back through time (Hochreiter 1991; Pascanu,
/// Mikolov and Bengio 2013).
///
/// The loss is that of the last step alone. Distance d is that between the last step and the step that
/// begins with the state in question: the gradient with respect to the state with which the last step
/// itself begins is that of distance 0.
///
/// ```
/// let flow = GradientFlow(of: model, tokens, target: next)
/// for curve in flow.curves { print(curve.name, curve.ratios[100]) }    // 1.h, 1.c, ...
/// ```
public struct GradientFlow: Sendable {
  /// A number for each distance.
  public struct Curve: Sendable {
    /// The part of a state that it is about, as the model names it: `1.h`.
    public let name: String
    /// The number for each distance, from 0 on.
    public let values: [Double]

    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }

    /// The numbers as multiples of that for distance 0.
    public var ratios: [Double] { values.map { $0 / values[0] } }
  }

  /// For every part of every state to which a gradient comes, the norm of it, over all streams.
  public private(set) var curves: [Curve] = []
  /// For the cells of every LSTM that is itself a layer of the stack, what a gradient is multiplied
  /// with on the straight way back through them: the product of the forget gates of as many steps as
  /// the distance, those before the last one; the mean over units and streams.
  public private(set) var forgetProducts: [Curve] = []

  /// Measures a model on a sequence.
  ///
  /// The model runs as it does in training, dropout included.
  ///
  /// - Parameters:
  ///   - inputs: the input of each step, T of them.
  ///   - batch: the number of streams.
  ///   - lossGradient: the gradient of the loss with respect to the output of the last step.
  /// - Precondition: there is at least one step, and the model is causal: it is run step by step.
  public init<Input, Output, Element>(
    of model: Sequential<Input, Output, Element>, steps inputs: [Input], batch: Int,
    context: Context = Context(), lossGradient: (Output) -> Output.Gradient
  ) where Output.Gradient == Tensor<Element> {
    type(of: model).require(!inputs.isEmpty, "GradientFlow: a sequence of no steps")
    type(of: model).require(
      model.isCausal, "GradientFlow: the model is not causal; it has no gradient step by step")
    var (model, state) = (model, model.makeState(batch: batch))
    var (caches, gates) = ([Sequential<Input, Output, Element>.Cache](), Gates())
    var gradient = Tensor<Element>(shape: [0])
    for (t, input) in inputs.enumerated() {
      var cache = model.makeCache()
      let output = model.forward(input, state: &state, cache: &cache, in: context.child(t))
      gates.add(model, cache)
      caches.append(cache)
      if t == inputs.count - 1 { gradient = lossGradient(output) }
    }
    forgetProducts = gates.products()

    state = model.zeros(like: state)
    var norms: [(name: String, values: [Double])] = []
    for t in inputs.indices.reversed() {
      _ = model.backward(gradient, state: &state, cache: &caches[t], in: context.child(t))
      gradient = Tensor(shape: gradient.shape)
      for (i, part) in model.tensors(of: state).enumerated() {
        if i == norms.count { norms.append((part.name, [])) }
        norms[i].values.append(part.value.sumOfSquares().squareRoot())
      }
    }
    curves = norms.filter { $0.values.contains { $0 != 0 } }
      .map { Curve(name: $0.name, values: $0.values) }
  }
}

extension GradientFlow {
  /// Measures a language model on tokens, with the negative log-likelihood of what follows the last
  /// of them.
  ///
  /// - Parameters:
  ///   - input: `[T, B]`.
  ///   - target: for each stream the token that follows, B of them.
  public init<Element>(
    of model: Sequential<Tokens, Tensor<Element>, Element>, _ input: Tokens, target: [Int32]
  ) {
    let batch = input.batch
    type(of: model).require(
      target.count == batch, "GradientFlow: \(target.count) targets for \(batch) streams")
    let steps = (0..<input.time).map { t in
      Tokens(time: 1, batch: batch, ids: Array(input.ids[(t * batch)..<((t + 1) * batch)]))
    }
    self.init(of: model, steps: steps, batch: batch) { logProbabilities in
      var gradient = Tensor<Element>(shape: logProbabilities.shape)
      for (b, token) in target.enumerated() { gradient[0, b, Int(token)] = -1 }
      return gradient
    }
  }

  /// Measures a model on a sequence `[T, B, F]`, with the sum of its last output's elements, each with
  /// a random factor of its own.
  public init<Element>(
    of model: Sequential<Tensor<Element>, Tensor<Element>, Element>, _ input: Tensor<Element>
  ) {
    let steps = (0..<input.shape[0]).map { input.steps($0..<($0 + 1)) }
    let random = RandomSource(seed: 1)
    self.init(of: model, steps: steps, batch: input.shape[1]) { output in
      Tensor(shape: output.shape, scalars: (0..<output.count).map { Element(random.normal($0)) })
    }
  }
}

/// The forget gates of every LSTM layer of a stack, step after step.
private struct Gates {
  /// The gates of every unit and stream at each step, by the layer's position.
  private var steps: [Int: [[Double]]] = [:]

  mutating func add<Input, Output, Element>(
    _ model: Sequential<Input, Output, Element>, _ cache: Sequential<Input, Output, Element>.Cache
  ) {
    for i in 0..<model.count {
      guard let layer = model[i] as? LSTM<Element>,
        let cache = cache[i] as? LSTM<Element>.Cache
      else { continue }
      let gates = cache.runs.flatMap { layer.cell.gates(of: $0).forget.scalars.map(Double.init) }
      steps[i, default: []].append(gates)
    }
  }

  func products() -> [GradientFlow.Curve] {
    steps.sorted { $0.key < $1.key }.map { layer, steps in
      var products = [Double](repeating: 1, count: steps[0].count)
      let means = steps.dropLast().reversed().map { gates in
        for i in products.indices { products[i] *= gates[i] }
        return products.reduce(0, +) / Double(products.count)
      }
      return GradientFlow.Curve(name: "\(layer).c", values: [1] + means)
    }
  }
}
