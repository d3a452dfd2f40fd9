import CUnrollKernels
import UnrollCore

/// One step of a gated recurrent unit.
///
///     a = W_ih x_t + b                           split into a_r, a_z, a_n
///     r = sigmoid(a_r + W_hr h_{t-1})            z = sigmoid(a_z + W_hz h_{t-1})
///     q = W_hn h_{t-1} + b_hn
///     n = tanh(a_n + r * q)                      h_t = (1 - z) * n + z * h_{t-1}
///
/// and backwards, with `dh_t` the gradient that comes from above and from the step after:
///
///     da_n = dh_t * (1 - z) * (1 - n^2)          da_z = dh_t * (h_{t-1} - n) * z(1-z)
///     da_r = da_n * q * r(1-r)                   dq = da_n * r
///     dh_{t-1} = dh_t * z + W_hr^T da_r + W_hz^T da_z + W_hn^T dq
///     dx_t = W_ih^T da       dW_ih = sum_t da_t x_t^T       db = sum_t da_t       db_hn = sum_t dq_t
///     dW_hr, dW_hz, dW_hn = sum_t (da_r, da_z, dq)_t h_{t-1}^T
///
/// This is PyTorch's and cuDNN's form, the reset gate applied after the recurrent product. In that of
/// Cho et al. 2014, ``ResetGate/beforeProduct``, it is applied before: `a_n` has `W_hn (r * h_{t-1})`
/// added, there is no `b_hn`, and
///
///     ds = W_hn^T da_n        da_r = ds * h_{t-1} * r(1-r)        dh_{t-1} has ds * r added
///     dW_hn = sum_t da_n (r * h_{t-1})^T
///
/// ``GRUOptions`` name what may be otherwise: with them sigmoid and tanh are other functions, the
/// derivatives `r(1-r)`, `z(1-z)` and `1 - n^2` theirs, and the inputs of all may be clipped, with the
/// derivative 0 where one was.
///
/// Gates are ordered r, z, n (reset, update, new), as in PyTorch and in Cho et al.; in Chung
/// et al. 2014, z and 1 - z are exchanged.
///
/// # Shapes
/// `weight_ih [3H, I]`, `weight_hh [3H, H]`, `bias [3H]` and, with the reset after the product,
/// `bias_hn [H]`; the state of a stream is `h`, `[H]`. The blocks of `weight_hh` begin orthogonal,
/// those of `weight_ih` by Glorot's rule, biases at zero.
public struct GRUCell<Element: Scalar>: RecurrentCell {
  /// Where the reset gate is applied.
  public enum ResetGate: String, Codable, Sendable {
    /// To the product: `r * (W_hn h_{t-1} + b_hn)`.
    case afterProduct
    /// To the hidden state: `W_hn (r * h_{t-1})`.
    case beforeProduct
  }

  public var projection: InputProjection<Element>
  /// The recurrent weight, `W_hh`, `[3H, H]`.
  public var recurrence: RecurrentWeight<Element>
  /// `[H]`, with the reset after the product.
  public var productBias: Parameter<Element>?
  public let resetGate: ResetGate
  public let options: GRUOptions

  /// - Parameters:
  ///   - inputSize: I.
  ///   - hiddenSize: H.
  ///   - resetGate: where the reset gate is applied.
  /// - Precondition: both sizes are positive, the options in their range.
  public init(
    inputSize: Int, hiddenSize: Int, resetGate: ResetGate = .afterProduct,
    options: GRUOptions = GRUOptions()
  ) {
    self.init(inputSize, hiddenSize, resetGate, options)
  }

  private init(
    _ inputSize: Int, _ hiddenSize: Int, _ resetGate: ResetGate, _ options: GRUOptions
  ) {
    Self.require(
      inputSize > 0 && hiddenSize > 0, "GRU: inputSize \(inputSize), hiddenSize \(hiddenSize)")
    Self.require(options.problem == nil, "GRU: \(options.problem ?? "")")
    projection = InputProjection(
      inputSize: inputSize, outputSize: 3 * hiddenSize, weight: .gates(3, .glorot))
    recurrence = RecurrentWeight(
      hiddenSize: hiddenSize, outputSize: 3 * hiddenSize, .gates(3, .orthogonal))
    productBias = resetGate == .afterProduct ? Parameter([hiddenSize], .zeros) : nil
    self.resetGate = resetGate
    self.options = options
  }

  private enum CodingKeys: String, CodingKey {
    case projection, recurrence, productBias, resetGate, options
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(projection, forKey: .projection)
    try container.encode(recurrence, forKey: .recurrence)
    try container.encodeIfPresent(productBias, forKey: .productBias)
    try container.encode(resetGate, forKey: .resetGate)
    // What has none is said as it was before there were any.
    if !options.isStandard { try container.encode(options, forKey: .options) }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(InputProjection<Element>.self, forKey: .projection)
    recurrence = try container.decode(RecurrentWeight<Element>.self, forKey: .recurrence)
    productBias = try container.decodeIfPresent(Parameter<Element>.self, forKey: .productBias)
    resetGate = try container.decode(ResetGate.self, forKey: .resetGate)
    options = try container.decodeIfPresent(GRUOptions.self, forKey: .options) ?? GRUOptions()
    try decoder.expect(options.problem == nil, "GRU: \(options.problem ?? "")")
    let H = hiddenSize
    try decoder.expect(
      projection.outputSize == 3 * H && projection.bias != nil
        && recurrence.weight.shape[0] == 3 * H
        && productBias?.shape == (resetGate == .afterProduct ? [H] : nil),
      "the weights \(projection.weight.shape) and \(recurrence.weight.shape) make no GRU")
  }

  /// H, the number of hidden units.
  public var hiddenSize: Int { recurrence.hiddenSize }
  public var outputSize: Int { hiddenSize }

  /// The recurrent products of r, z and n; or, with the reset before, `r * h_{t-1}`.
  public var savedSizes: [String: Int] {
    resetGate == .afterProduct ? ["products": 3 * hiddenSize] : ["reset": hiddenSize]
  }

  @specialized(where Element == Float)
  public func pack(
    _ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context
  ) {
    switch resetGate {
    case .afterProduct: recurrence.pack(&weights, for: pass, in: context)
    case .beforeProduct: packGates(&weights, for: pass, in: context)
    }
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

  private func step(_ t: Int, _ rows: RunRows<Element>) {
    switch resetGate {
    case .afterProduct: stepResettingProduct(t, rows)
    case .beforeProduct: stepResettingHidden(t, rows)
    }
  }

  private func stepBackward(_ t: Int, _ rows: RunRows<Element>) {
    switch resetGate {
    case .afterProduct: stepBackwardResettingProduct(t, rows)
    case .beforeProduct: stepBackwardResettingHidden(t, rows)
    }
  }

  @specialized(where Element == Float)
  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    switch resetGate {
    case .afterProduct: accumulateResettingProduct(run, threads: threads)
    case .beforeProduct: accumulateResettingHidden(run, threads: threads)
    }
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
    try recurrence.visitParameters(visit)
    try productBias.visit("bias_hn", visit)
  }
}

extension GRUCell {
  /// The activation of r and z.
  var gateActivation: ClippedActivation<Element> {
    ClippedActivation(options.gate, limit: options.clip)
  }
  /// The activation of n.
  var candidateActivation: ClippedActivation<Element> {
    ClippedActivation(options.candidate, limit: options.clip)
  }
}

extension GRUCell where Element == Float {
  /// - Precondition: both sizes are positive, the options in their range.
  public init(
    inputSize: Int, hiddenSize: Int, resetGate: ResetGate = .afterProduct,
    options: GRUOptions = GRUOptions()
  ) {
    self.init(inputSize, hiddenSize, resetGate, options)
  }
}

/// A gated recurrent unit over a sequence: ``Recurrent`` with a ``GRUCell``, where the equations are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`.
public typealias GRU<Element: Scalar> = Recurrent<GRUCell<Element>>

extension Recurrent {
  /// A layer of gated recurrent units; the parameters are those of ``GRUCell``.
  public init<E>(
    inputSize: Int, hiddenSize: Int, resetGate: GRUCell<E>.ResetGate = .afterProduct,
    options: GRUOptions = GRUOptions()
  ) where Cell == GRUCell<E> {
    self.init(
      GRUCell(
        inputSize: inputSize, hiddenSize: hiddenSize, resetGate: resetGate, options: options))
  }

  /// A layer of gated recurrent units; the parameters are those of ``GRUCell``.
  public init(
    inputSize: Int, hiddenSize: Int, resetGate: GRUCell<Float>.ResetGate = .afterProduct,
    options: GRUOptions = GRUOptions()
  ) where Cell == GRUCell<Float> {
    self.init(
      GRUCell(
        inputSize: inputSize, hiddenSize: hiddenSize, resetGate: resetGate, options: options))
  }
}
