import UnrollCore

/// One step of long short-term memory whose gates and cell are layer-normalized (Ba, Kiros and Hinton
/// 2016).
///
///     a = w_ih * N(W_ih x_t) + w_hh * N(W_hh h_{t-1}) + b          split into a_i, a_f, a_g, a_o
///     i = sigmoid(a_i)  f = sigmoid(a_f)  g = tanh(a_g)  o = sigmoid(a_o)
///     c_t = f * c_{t-1} + i * g           h_t = o * tanh(w_c * N(c_t) + b_c)
///
/// `N(v) = (v - mean) / sqrt(variance + 1e-5)` over all units of a stream, all gates together; backwards
///
///     du_t = (dv_t - mean(dv_t) - N(u_t) * mean(dv_t * N(u_t))) / sqrt(variance + 1e-5)
///
/// where `v = N(u)`. With `e = dh_t * o * (1 - tanh(..)^2)`, the gradient of what is in the last tanh, `dc_t`
/// is that of `c_t` for `dv = w_c * e`, and the one from t+1; `da` follows from it as in ``LSTMCell``, and
///
///     dw_ih = sum_t da_t * N(W_ih x_t)      dw_hh = sum_t da_t * N(W_hh h_{t-1})      db = sum_t da_t
///     dw_c = sum_t e_t * N(c_t)             db_c = sum_t e_t
///
/// # Shapes
/// `weight_ih [4H, I]`, `weight_hh [4H, H]`, `norm_ih [4H]`, `norm_hh [4H]`, `bias [4H]`, `norm_c [H]`,
/// `bias_c [H]`; the state of a stream is `[h | c]`. Scales begin at 1, the forget gate's bias too.
public struct LayerNormLSTMCell<Element: Scalar>: RecurrentCell {
  public var projection: InputProjection<Element>
  /// The recurrent weight, `W_hh`, `[4H, H]`.
  public var recurrence: RecurrentWeight<Element>
  /// `[4H]`: the scales of the projected inputs, and of the recurrent product.
  public var inputScale, recurrentScale: Parameter<Element>
  /// `[4H]`.
  public var bias: Parameter<Element>
  /// `[H]`: the scale and the bias of the cell on its way out.
  public var cellScale, cellBias: Parameter<Element>

  /// - Parameters:
  ///   - inputSize: I.
  ///   - hiddenSize: H.
  ///   - forgetBias: where the forget gate's bias begins.
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1) {
    self.init(inputSize, hiddenSize, forgetBias)
  }

  private init(_ inputSize: Int, _ hiddenSize: Int, _ forgetBias: Double) {
    Self.require(
      inputSize > 0 && hiddenSize > 0,
      "LayerNormLSTM: inputSize \(inputSize), hiddenSize \(hiddenSize)")
    projection = InputProjection(
      inputSize: inputSize, outputSize: 4 * hiddenSize, weight: .gates(4, .glorot), bias: nil)
    recurrence = RecurrentWeight(
      hiddenSize: hiddenSize, outputSize: 4 * hiddenSize, .gates(4, .orthogonal))
    inputScale = Parameter([4 * hiddenSize], .ones)
    recurrentScale = Parameter([4 * hiddenSize], .ones)
    bias = Parameter(
      [4 * hiddenSize], .blocks([.zeros, .constant(forgetBias), .zeros, .zeros]))
    cellScale = Parameter([hiddenSize], .ones)
    cellBias = Parameter([hiddenSize], .zeros)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(InputProjection<Element>.self, forKey: .projection)
    recurrence = try container.decode(RecurrentWeight<Element>.self, forKey: .recurrence)
    inputScale = try container.decode(Parameter<Element>.self, forKey: .inputScale)
    recurrentScale = try container.decode(Parameter<Element>.self, forKey: .recurrentScale)
    bias = try container.decode(Parameter<Element>.self, forKey: .bias)
    cellScale = try container.decode(Parameter<Element>.self, forKey: .cellScale)
    cellBias = try container.decode(Parameter<Element>.self, forKey: .cellBias)
    let H = hiddenSize
    try decoder.expect(
      projection.outputSize == 4 * H && projection.bias == nil
        && recurrence.weight.shape[0] == 4 * H
        && [inputScale, recurrentScale, bias].allSatisfy { $0.shape == [4 * H] }
        && [cellScale, cellBias].allSatisfy { $0.shape == [H] },
      "the weights \(projection.weight.shape) and \(recurrence.weight.shape) make no LayerNormLSTM")
  }

  /// H, the number of hidden units.
  public var hiddenSize: Int { recurrence.hiddenSize }
  public var outputSize: Int { hiddenSize }
  public var stateParts: KeyValuePairs<String, Int> { ["h": hiddenSize, "c": hiddenSize] }

  /// The normalized inputs, recurrent product and cell, and their deviations; the last tanh, and on the
  /// way back the gradient of what it is taken of; the gradients of a and of the recurrent product.
  public var savedSizes: [String: Int] {
    let H = hiddenSize
    return [
      "input": 4 * H, "recurrent": 4 * H, "cell": H, "deviations": 3, "activatedCell": H,
      "da": 4 * H, "dProduct": 4 * H,
    ]
  }

  @specialized(where Element == Float)
  public func pack(
    _ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context
  ) {
    recurrence.pack(&weights, for: pass, in: context)
  }

  @specialized(where Element == Float)
  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    let (da, dOut) = (run.saved["da"], run.saved["activatedCell"])
    recurrence.weight.gradient.addProduct(
      run.saved["dProduct"].transposed, run.hidden(before: 0..<run.steps, size: hiddenSize),
      threads: threads)
    inputScale.gradient.addRowSums(of: da, times: run.saved["input"], threads: threads)
    recurrentScale.gradient.addRowSums(of: da, times: run.saved["recurrent"], threads: threads)
    bias.gradient.addRowSums(of: da, threads: threads)
    cellScale.gradient.addRowSums(of: dOut, times: run.saved["cell"], threads: threads)
    cellBias.gradient.addRowSums(of: dOut, threads: threads)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
    try recurrence.visitParameters(visit)
    try visit("norm_ih", &inputScale)
    try visit("norm_hh", &recurrentScale)
    try visit("bias", &bias)
    try visit("norm_c", &cellScale)
    try visit("bias_c", &cellBias)
  }
}

extension LayerNormLSTMCell where Element == Float {
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1) {
    self.init(inputSize, hiddenSize, forgetBias)
  }
}

/// Layer-normalized long short-term memory over a sequence: ``Recurrent`` with a
/// ``LayerNormLSTMCell``, where the equations are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`.
public typealias LayerNormLSTM<Element: Scalar> = Recurrent<LayerNormLSTMCell<Element>>

extension Recurrent {
  /// A layer-normalized layer of long short-term memory; the parameters are those of
  /// ``LayerNormLSTMCell``.
  public init<E>(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1)
  where Cell == LayerNormLSTMCell<E> {
    self.init(
      LayerNormLSTMCell(inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias))
  }

  /// A layer-normalized layer of long short-term memory; the parameters are those of
  /// ``LayerNormLSTMCell``.
  public init(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1)
  where Cell == LayerNormLSTMCell<Float> {
    self.init(
      LayerNormLSTMCell(inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias))
  }
}
