// The cell of the article Write a Cell.
import Unroll

/// One step of JANET (van der Westhuizen and Lasenby 2018): an LSTM of which the forget gate is left.
///
///     a = W_ih x_t + W_hh h_{t-1} + b            split into s, u
///     f = sigmoid(s)      w = 1 - sigmoid(s - beta)      g = tanh(u)
///     h_t = f * h_{t-1} + w * g
///
///     ds = dh_t * (h_{t-1} * f(1-f) - g * w(1-w))        du = dh_t * w * (1 - g^2)
///     dh_{t-1} = dh_t * f + W_hh^T [ds | du]
///
/// # Shapes
/// `weight_ih [2H, I]`, `weight_hh [2H, H]`, `bias [2H]`; the state of a stream is `h`, `[H]`.
struct JANETCell<Element: Scalar>: RecurrentCell {
  var projection: InputProjection<Element>
  var recurrence: RecurrentWeight<Element>
  let beta: Double

  init(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1, beta: Double = 1) {
    projection = InputProjection(
      inputSize: inputSize, outputSize: 2 * hiddenSize, weight: .gates(2, .glorot),
      bias: .blocks([.constant(forgetBias), .zeros]))
    recurrence = RecurrentWeight(
      hiddenSize: hiddenSize, outputSize: 2 * hiddenSize, .gates(2, .orthogonal))
    self.beta = beta
  }

  var outputSize: Int { recurrence.hiddenSize }
  /// f, w and g.
  var savedSizes: [String: Int] { ["f": outputSize, "w": outputSize, "g": outputSize] }

  func pack(_ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context) {
    recurrence.pack(&weights, for: pass, in: context)
  }

  func step(_ t: Int, _ run: inout CellRun<Element>) {
    recurrence.addProduct(t, &run)
    let (H, a, before) = (outputSize, run.projected.step(t), run.state.step(t))
    let s = a.columns(0..<H)
    let f = s.sigmoid()
    let w = 1 - (s - Element(beta)).sigmoid()
    let g = a.columns(H..<(2 * H)).tanh()
    run.saved["f"].setStep(t, to: f)
    run.saved["w"].setStep(t, to: w)
    run.saved["g"].setStep(t, to: g)
    run.state.setStep(t + 1, to: f * before + w * g)
  }

  func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (before, dh) = (run.state.step(t), run.gradient)
    let (f, w, g) = (run.saved["f"].step(t), run.saved["w"].step(t), run.saved["g"].step(t))
    let ds = dh * (before * f * (1 - f) - g * w * (1 - w))
    let du = dh * w * (1 - g * g)
    run.projected.setStep(t, to: .concatenatingColumns(ds, du))
    run.gradient = dh * f
    run.addHiddenGradient(run.projected.matrix.rows(run.rows(at: t)), run.weights[0])
  }

  mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    recurrence.accumulate(run, threads: threads)
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
    try recurrence.visitParameters(visit)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(InputProjection<Element>.self, forKey: .projection)
    recurrence = try container.decode(RecurrentWeight<Element>.self, forKey: .recurrence)
    beta = try container.decode(Double.self, forKey: .beta)
    try decoder.expect(
      projection.outputSize == 2 * outputSize && projection.bias != nil
        && recurrence.weight.shape[0] == 2 * outputSize,
      "the weights \(projection.weight.shape) and \(recurrence.weight.shape) make no JANET")
  }
}
