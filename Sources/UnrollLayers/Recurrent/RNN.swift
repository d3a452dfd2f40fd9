import UnrollCore

/// One step of a simple recurrent network (Elman 1990).
///
///     h_t = tanh(W_ih x_t + W_hh h_{t-1} + b)
///
///     da_t = dh_t * (1 - h_t^2)        dh_{t-1} = W_hh^T da_t       dx_t = W_ih^T da_t
///     dW_ih = sum_t da_t x_t^T         dW_hh = sum_t da_t h_{t-1}^T          db = sum_t da_t
///
/// Another activation may be in the place of tanh, and the input of it may be clipped: with `f` and its
/// derivative for those of tanh,
///
///     h_t = f(min(max(W_ih x_t + W_hh h_{t-1} + b, -clip), clip))
///
/// and nothing goes back through a number that was clipped.
///
/// # Shapes
/// `weight_ih [H, I]`, `weight_hh [H, H]`, `bias [H]`; the state of a stream is `h`, `[H]`.
/// `weight_hh` begins orthogonal, `weight_ih` by Glorot's rule.
public struct RNNCell<Element: Scalar>: RecurrentCell {
  public var projection: InputProjection<Element>
  /// The recurrent weight, `W_hh`, `[H, H]`.
  public var recurrence: RecurrentWeight<Element>
  /// What is in the place of tanh, where something else is.
  public let activation: ActivationFunction
  /// What the input of the activation is kept within, `-clip...clip`; `nil` for no clipping.
  public let clip: Double?

  /// - Parameters:
  ///   - inputSize: I.
  ///   - hiddenSize: H.
  ///   - activation: tanh unless said otherwise. With `.relu`, weights that begin orthogonal keep a
  ///     gradient for long, and let it explode sooner (Le, Jaitly and Hinton 2015).
  ///   - clip: what the input of the activation is kept within, as ONNX has it; above 0 and finite,
  ///     `nil` for no clipping.
  /// - Precondition: both sizes are positive, parameters in their range.
  public init(
    inputSize: Int, hiddenSize: Int, activation: ActivationFunction = .tanh, clip: Double? = nil
  ) {
    self.init(inputSize, hiddenSize, activation, clip)
  }

  private init(
    _ inputSize: Int, _ hiddenSize: Int, _ activation: ActivationFunction, _ clip: Double?
  ) {
    Self.require(
      inputSize > 0 && hiddenSize > 0, "RNN: inputSize \(inputSize), hiddenSize \(hiddenSize)")
    let problem = activation.problem ?? clip.flatMap(problem(ofClip:))
    Self.require(problem == nil, "RNN: \(problem ?? "")")
    projection = InputProjection(inputSize: inputSize, outputSize: hiddenSize)
    recurrence = RecurrentWeight(hiddenSize: hiddenSize, outputSize: hiddenSize)
    self.activation = activation
    self.clip = clip
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(InputProjection<Element>.self, forKey: .projection)
    recurrence = try container.decode(RecurrentWeight<Element>.self, forKey: .recurrence)
    activation =
      try container.decodeIfPresent(ActivationFunction.self, forKey: .activation) ?? .tanh
    clip = try container.decodeIfPresent(Double.self, forKey: .clip)
    let problem = activation.problem ?? clip.flatMap(problem(ofClip:))
    try decoder.expect(problem == nil, "RNN: \(problem ?? "")")
    let rows = hiddenSize
    try decoder.expect(
      projection.outputSize == rows && projection.bias != nil && recurrence.weight.shape[0] == rows,
      "the weights \(projection.weight.shape) and \(recurrence.weight.shape) make no RNN")
  }

  public var hiddenSize: Int { recurrence.hiddenSize }
  public var outputSize: Int { hiddenSize }

  @specialized(where Element == Float)
  public func pack(
    _ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context
  ) {
    recurrence.pack(&weights, for: pass, in: context)
  }

  public var sharesRun: Bool { true }

  public func sweep(_ run: inout CellRun<Element>) {
    run.sweepRows { step($0, $1) }
  }

  public func sweepBackward(_ run: inout CellRun<Element>, outputGradient: Tensor<Element>) {
    run.sweepRowsBackward(outputGradient) { stepBackward($0, $1) }
  }

  public func step(_ t: Int, _ run: inout CellRun<Element>) {
    run.forEachRows { step(t, $0) }
  }

  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    run.forEachRows { stepBackward(t, $0) }
  }

  @specialized(where Element == Float)
  private func step(_ t: Int, _ rows: RunRows<Element>) {
    recurrence.addProduct(t, rows)
    rows.forEachThread { rows in
      let (count, after) = (rows.count * hiddenSize, rows.state[t + 1])
      after.update(from: rows.projected[t], count: count)
      ClippedActivation(activation, limit: clip).apply(count, after)
    }
  }

  @specialized(where Element == Float)
  private func stepBackward(_ t: Int, _ rows: RunRows<Element>) {
    rows.forEachThread { rows in
      let (count, da) = (rows.count * hiddenSize, rows.projected[t])
      da.update(from: rows.gradient, count: count)
      ClippedActivation(activation, limit: clip)
        .multiplyDerivative(count, rows.state[t + 1], da)
    }
    recurrence.setHiddenGradient(t, rows)
  }

  @specialized(where Element == Float)
  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    recurrence.accumulate(run, threads: threads)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
    try recurrence.visitParameters(visit)
  }
}

extension RNNCell where Element == Float {
  /// - Precondition: both sizes are positive, parameters in their range.
  public init(
    inputSize: Int, hiddenSize: Int, activation: ActivationFunction = .tanh, clip: Double? = nil
  ) {
    self.init(inputSize, hiddenSize, activation, clip)
  }
}

/// A simple recurrent network over a sequence: ``Recurrent`` with an ``RNNCell``, where the equations
/// are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`.
public typealias RNN<Element: Scalar> = Recurrent<RNNCell<Element>>

extension Recurrent {
  /// A simple recurrent layer; the parameters are those of ``RNNCell``.
  public init<E>(
    inputSize: Int, hiddenSize: Int, activation: ActivationFunction = .tanh, clip: Double? = nil
  ) where Cell == RNNCell<E> {
    self.init(
      RNNCell(
        inputSize: inputSize, hiddenSize: hiddenSize, activation: activation, clip: clip))
  }

  /// A simple recurrent layer; the parameters are those of ``RNNCell``.
  public init(
    inputSize: Int, hiddenSize: Int, activation: ActivationFunction = .tanh, clip: Double? = nil
  ) where Cell == RNNCell<Float> {
    self.init(
      RNNCell(
        inputSize: inputSize, hiddenSize: hiddenSize, activation: activation, clip: clip))
  }
}
