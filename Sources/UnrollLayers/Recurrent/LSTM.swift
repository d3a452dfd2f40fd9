import CUnrollKernels
import UnrollCore

/// One step of long short-term memory.
///
///     a = W_ih x_t + W_hh h_{t-1} + b            split into a_i, a_f, a_g, a_o
///     i = sigmoid(a_i)  f = sigmoid(a_f)  g = tanh(a_g)  o = sigmoid(a_o)
///     c_t = f * c_{t-1} + i * g                  h_t = o * tanh(c_t)
///
/// and backwards, with `dh_t` and `dc_t` the gradients that come from the step after:
///
///     dc_t = dh_t * o * (1 - tanh(c_t)^2) + (dc from t+1)
///     da_i = dc_t * g * i(1-i)         da_f = dc_t * c_{t-1} * f(1-f)
///     da_g = dc_t * i * (1 - g^2)      da_o = dh_t * tanh(c_t) * o(1-o)
///     dc_{t-1} = dc_t * f              dh_{t-1} = W_hh^T da      dx_t = W_ih^T da
///     dW_ih = sum_t da_t x_t^T         dW_hh = sum_t da_t h_{t-1}^T        db = sum_t da_t
///
/// Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 for the forget gate. Gates are
/// ordered i, f, g, o (input, forget, candidate, output), as in PyTorch. ``LSTMOptions`` name what
/// may be otherwise: peepholes, coupled gates, clipping, activations, and a projection, with which
///
///     h_t = W_hr (o * tanh(c_t))       dW_hr = sum_t dh_t (o * tanh(c_t))^T
///
/// With peepholes `p_i * c_{t-1}`, `p_f * c_{t-1}` and `p_o * c_t` are added to `a_i`, `a_f` and `a_o`,
/// and
///
///     dc_t has da_o * p_o added        dc_{t-1} has da_i * p_i + da_f * p_f added
///     dp_i = sum_t da_i * c_{t-1}      dp_f = sum_t da_f * c_{t-1}      dp_o = sum_t da_o * c_t
///
/// With coupled gates `f = 1 - i` and `da_i = dc_t * (g - c_{t-1}) * i(1-i)`. Nothing goes back through a
/// number that was clipped.
///
/// # Shapes
/// `weight_ih [4H, I]`, `weight_hh [4H, H]`, `bias [4H]`; the state of a stream is `[h | c]`. The
/// blocks of `weight_hh` begin orthogonal, those of `weight_ih` by Glorot's rule, the forget gate's
/// bias at 1. With a projection, `weight_hr [P, H]` and `weight_hh [4H, P]`; with peepholes,
/// `peepholes [3H]`, in the order i, f, o; with coupled gates, all without the block of f, and the
/// input gate's bias begins at -1.
public struct LSTMCell<Element: Scalar>: RecurrentCell {
  public var projection: InputProjection<Element>
  /// The recurrent weight, `W_hh`, `[4H, H]`.
  public var recurrence: RecurrentWeight<Element>
  /// From hidden units to outputs, `W_hr`, `[P, H]`, with a projection.
  public var outputWeight: Parameter<Element>?
  /// `[3H]`, with peepholes.
  public var peepholes: Parameter<Element>?
  public let options: LSTMOptions

  /// - Parameters:
  ///   - inputSize: I.
  ///   - hiddenSize: H.
  ///   - forgetBias: where the forget gate's bias begins. The larger, the longer a fresh network
  ///     remembers.
  /// - Precondition: sizes are positive, limits positive and finite.
  public init(
    inputSize: Int, hiddenSize: Int, forgetBias: Double = 1, options: LSTMOptions = LSTMOptions()
  ) {
    self.init(inputSize, hiddenSize, forgetBias, options)
  }

  private init(
    _ inputSize: Int, _ hiddenSize: Int, _ forgetBias: Double, _ options: LSTMOptions
  ) {
    Self.require(
      inputSize > 0 && hiddenSize > 0, "LSTM: inputSize \(inputSize), hiddenSize \(hiddenSize)")
    Self.require(options.problem == nil, "LSTM: \(options.problem ?? "")")
    let (blocks, outputSize) = (options.blocks, options.projectionSize ?? hiddenSize)
    projection = InputProjection(
      inputSize: inputSize, outputSize: blocks * hiddenSize, weight: .gates(blocks, .glorot),
      bias: .blocks(
        options.forgetGate == .coupled
          ? [.constant(-forgetBias), .zeros, .zeros]
          : [.zeros, .constant(forgetBias), .zeros, .zeros]))
    recurrence = RecurrentWeight(
      hiddenSize: outputSize, outputSize: blocks * hiddenSize, .gates(blocks, .orthogonal))
    outputWeight = options.projectionSize.map { Parameter([$0, hiddenSize], .glorot) }
    peepholes =
      options.peepholes == .diagonal ? Parameter([(blocks - 1) * hiddenSize], .zeros) : nil
    self.options = options
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(InputProjection<Element>.self, forKey: .projection)
    recurrence = try container.decode(RecurrentWeight<Element>.self, forKey: .recurrence)
    outputWeight = try container.decodeIfPresent(Parameter<Element>.self, forKey: .outputWeight)
    peepholes = try container.decodeIfPresent(Parameter<Element>.self, forKey: .peepholes)
    options = try container.decodeIfPresent(LSTMOptions.self, forKey: .options) ?? LSTMOptions()
    let (blocks, rows) = (options.blocks, recurrence.weight.shape[0])
    let H = rows / blocks
    try decoder.expect(options.problem == nil, "LSTM: \(options.problem ?? "")")
    try decoder.expect(
      rows == blocks * H && projection.outputSize == rows && projection.bias != nil
        && recurrence.hiddenSize == options.projectionSize ?? H
        && outputWeight?.shape == options.projectionSize.map { [$0, H] }
        && peepholes?.shape == (options.peepholes == .diagonal ? [(blocks - 1) * H] : nil),
      "the weights \(projection.weight.shape) and \(recurrence.weight.shape) make no LSTM of "
        + "these options")
  }

  /// H, the number of hidden units.
  public var hiddenSize: Int { recurrence.weight.shape[0] / options.blocks }
  /// The number of outputs: H, or P with a projection.
  public var outputSize: Int { recurrence.hiddenSize }
  public var stateParts: KeyValuePairs<String, Int> { ["h": outputSize, "c": hiddenSize] }

  /// The activated cell; with a projection, what is projected and the gradient of what it becomes;
  /// with peepholes, the cell.
  public var savedSizes: [String: Int] {
    var sizes = ["activated": hiddenSize]
    if outputWeight != nil {
      sizes["unprojected"] = hiddenSize
      sizes["outputGradient"] = outputSize
    }
    if peepholes != nil { sizes["cell"] = hiddenSize }
    return sizes
  }

  @specialized(where Element == Float)
  public func pack(
    _ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context
  ) {
    recurrence.pack(&weights, for: pass, in: context)
    guard let outputWeight else { return }
    if weights.count == 1 { weights.append(PackedMatrix()) }
    let matrix = outputWeight.value.matrix
    weights[1].pack(
      pass == .forward ? matrix.transposed : matrix, for: context, threads: context.threads)
  }

  @specialized(where Element == Float)
  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    recurrence.accumulate(run, threads: threads)
    outputWeight?.gradient.addProduct(
      run.saved["outputGradient"].transposed, run.saved["unprojected"].matrix, threads: threads)
    if peepholes != nil {
      let gradients = peepholeGradients(run)
      peepholes?.gradient.addRowSums(of: gradients, threads: threads)
    }
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
    try recurrence.visitParameters(visit)
    try outputWeight.visit("weight_hr", visit)
    try peepholes.visit("peepholes", visit)
  }
}

extension LSTMCell where Element == Float {
  /// - Precondition: sizes are positive, limits positive and finite.
  public init(
    inputSize: Int, hiddenSize: Int, forgetBias: Double = 1, options: LSTMOptions = LSTMOptions()
  ) {
    self.init(inputSize, hiddenSize, forgetBias, options)
  }
}

/// Long short-term memory over a sequence: ``Recurrent`` with an ``LSTMCell``, where the equations
/// are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`, or `[T, B, P]` with a projection.
public typealias LSTM<Element: Scalar> = Recurrent<LSTMCell<Element>>

extension Recurrent {
  /// A layer of long short-term memory; the parameters are those of ``LSTMCell``.
  public init<E>(
    inputSize: Int, hiddenSize: Int, forgetBias: Double = 1, options: LSTMOptions = LSTMOptions()
  ) where Cell == LSTMCell<E> {
    self.init(
      LSTMCell(
        inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias, options: options))
  }

  /// A layer of long short-term memory; the parameters are those of ``LSTMCell``.
  public init(
    inputSize: Int, hiddenSize: Int, forgetBias: Double = 1, options: LSTMOptions = LSTMOptions()
  ) where Cell == LSTMCell<Float> {
    self.init(
      LSTMCell(
        inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias, options: options))
  }
}
