import UnrollFiles

/// A stack that takes one step after another without gradients: what a generator or a server runs. Its
/// memory is made once, and packed weights stay, so that a step is little more than its products.
///
/// ```
/// var stepper = Stepper(model, batch: 8, in: Context(.inference))
/// let next = stepper.step(ids)        // a token for each of 8 streams gives [8, V]
/// let other = stepper                 // a value: both go on from here
/// ```
///
/// Every layer can be stepped; built-in ones have code for it, others do what their `forward` does. The
/// numbers are those of `forward`, to the last bit.
public struct Stepper<Input: Signal, Element: Scalar>: Sendable {
  /// The number of streams, B.
  public let batch: Int
  private let features: Int?
  private var steppers: [any LayerStepper<Element>] = []
  private let isWhole: Bool

  /// - Parameters:
  ///   - state: where the streams are; at the beginning unless given.
  ///   - batch: the number of streams, B.
  ///   - context: one for inference, of which the precision of weights and the threads count.
  /// - Precondition: the stack takes tokens or tensors.
  public init(
    _ model: Sequential<Input, Tensor<Element>, Element>,
    from state: Sequential<Input, Tensor<Element>, Element>.State? = nil, batch: Int,
    in context: Context = Context(.inference)
  ) {
    require(
      Input.self == Tokens.self || Input.self == Tensor<Element>.self,
      "Stepper: a stack that takes \(Input.self) takes no steps of tokens or tensors")
    require(batch > 0, "Stepper: a batch of \(batch)")
    var context = context
    context.mode = .inference
    (context.lengths, context.restarts) = (nil, nil)
    self.batch = batch
    features = model.inputFeatures
    let state = state ?? model.makeState(batch: batch)
    require(
      state.count == model.count,
      "Stepper: a state of \(state.count) layers for a stack of \(model.count)")
    let begin = Input.self == Tokens.self ? [1, batch] : [1, batch, features ?? 0]
    if let steppers = Self.steppers(model, state.states, begin, batch, context) {
      (self.steppers, isWhole) = (steppers, false)
    } else {
      steppers = [model.forwardStepper(from: state, shape: begin, in: context)]
      isWhole = true
    }
  }

  /// A stepper for each layer, where tensors flow between them.
  private static func steppers(
    _ model: Sequential<Input, Tensor<Element>, Element>,
    _ states: [any Sendable], _ begin: [Int], _ batch: Int, _ context: Context
  ) -> [any LayerStepper<Element>]? {
    guard model.layers.allSatisfy({ type(of: $0).outputType == Tensor<Element>.self }) else {
      return nil
    }
    var (shape, steppers) = (begin, [any LayerStepper<Element>]())
    var onTokens: (any LayerStepper<Element>)?
    for (i, layer) in model.layers.enumerated() {
      let (state, context) = (states[i], context.child(i))
      if let stepper = onTokens.take() {
        steppers.append(stepper)
      } else if i + 1 < model.count, let table = (layer as? any TableLayer<Element>)?.table,
        let next = model.layers[i + 1] as? any TableSteppingLayer<Element>,
        let stepper = next.makeStepper(
          over: table, from: states[i + 1], batch: batch, in: context.child(i + 1))
      {
        onTokens = stepper
        steppers.append(TokenStepper(state: state))
      } else {
        steppers.append(
          (layer as? any SteppingLayer<Element>)?.makeStepper(
            from: state, batch: batch, in: context)
            ?? layer.forwardStepper(from: state, shape: shape, in: context))
      }
      guard let after = try? layer.outputShape(of: shape) else { return nil }
      shape = after
    }
    return steppers
  }

  /// Where the streams are, as the stack's state.
  public var state: Sequential<Input, Tensor<Element>, Element>.State {
    if isWhole, let state = steppers[0].state as? Sequential<Input, Tensor<Element>, Element>.State
    {
      return state
    }
    return Sequential.State(states: steppers.map(\.state))
  }

  /// One step of every layer.
  ///
  /// - Returns: where the output lies, good until the next step.
  private mutating func step(_ input: StepSignal<Element>) -> MatrixAddress<Element> {
    var signal = input
    for i in steppers.indices { signal = steppers[i].step(signal) }
    guard case .rows(let rows) = signal else { fatalError("Stepper: the last layer gives tokens") }
    return rows
  }
}

extension Stepper where Input == Tokens {
  /// Reads a token in each stream.
  ///
  /// - Returns: the output for each stream, `[B, F]`: log-probabilities of what comes next, say.
  public mutating func step(_ ids: [Int32]) -> Tensor<Element> {
    withStep(ids) { Tensor(copying: $0, shape: [$0.rows, $0.columns]) }
  }

  /// Reads a token in each stream, and calls `body` with where the output lies.
  package mutating func withStep<Result>(
    _ ids: [Int32], _ body: (MatrixAddress<Element>) -> Result
  ) -> Result {
    require(ids.count == batch, "Stepper: \(ids.count) tokens for \(batch) streams")
    return ids.withUnsafeBufferPointer { ids in
      guard let ids = ids.baseAddress else { fatalError("Stepper: no streams") }
      return body(step(.tokens(ids)))
    }
  }
}

extension Stepper where Input == Tensor<Element> {
  /// Reads a row in each stream, `[B, F]`.
  ///
  /// - Returns: the output for each stream.
  public mutating func step(_ rows: Tensor<Element>) -> Tensor<Element> {
    rows.expectShape([batch, features], axes: "BF", of: "Stepper input")
    return rows.withUnsafeBufferPointer {
      let output = step(
        .rows(
          MatrixAddress(
            base: $0.baseAddress, rows: batch, columns: rows.columns, rowStride: rows.columns)))
      return Tensor(copying: output, shape: [output.rows, output.columns])
    }
  }
}
