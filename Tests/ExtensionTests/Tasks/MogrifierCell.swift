import Unroll

/// One step of a plain recurrence whose input is gated by the state before it is projected: one round of
/// a mogrifier (Melis et al. 2020, equation 1).
///
///     g = sigmoid(Q h_{t-1})      x' = 2 g x_t      h_t = tanh(W x' + U h_{t-1} + b)
struct MogrifierCell<Element: Scalar>: RecurrentCell {
  var projection: InputProjection<Element>
  /// U, `[H, H]`.
  var recurrence: RecurrentWeight<Element>
  /// Q, `[I, H]`.
  var gate: Parameter<Element>

  init(inputSize: Int, hiddenSize: Int) {
    projection = InputProjection(inputSize: inputSize, outputSize: hiddenSize)
    recurrence = RecurrentWeight(hiddenSize: hiddenSize, outputSize: hiddenSize, .orthogonal)
    gate = Parameter([inputSize, hiddenSize], .glorot)
  }

  var projectsInput: Bool { false }
  var outputSize: Int { recurrence.hiddenSize }
  var savedSizes: [String: Int] { ["g": inputSize, "dq": inputSize] }

  func pack(_ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context) {
    let matrices = [recurrence.weight, projection.weight, gate].map(\.value.matrix)
    weights = matrices.map { PackedMatrix(pass == .forward ? $0.transposed : $0) }
  }

  func step(_ t: Int, _ run: inout CellRun<Element>) {
    let (h, x) = (run.state.step(t), run.input.step(t))
    let g = Tensor.product(h.matrix, run.weights[2]).sigmoid()
    let a = Tensor.product((2 * g * x).matrix, run.weights[1], bias: projection.bias?.value)
    run.saved["g"].setStep(t, to: g)
    run.state.setStep(t + 1, to: (a + Tensor.product(h.matrix, run.weights[0])).tanh())
  }

  func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (h, g, x) = (run.state.step(t + 1), run.saved["g"].step(t), run.input.step(t))
    let da = run.gradient * (1 - h * h)
    let dx = 2 * Tensor.product(da.matrix, run.weights[1])
    let dq = dx * x * g * (1 - g)
    run.projected.setStep(t, to: da)
    run.saved["dq"].setStep(t, to: dq)
    run.addInputGradient(dx * g, at: t)
    run.gradient =
      Tensor.product(da.matrix, run.weights[0]) + Tensor.product(dq.matrix, run.weights[2])
  }

  mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    let (da, h) = (run.projected, run.hidden(before: 0..<run.steps, size: outputSize))
    let mogrified = 2 * run.saved["g"] * run.input
    projection.weight.gradient.addProduct(da.transposed, mogrified.matrix, threads: threads)
    projection.bias?.gradient.addRowSums(of: da, threads: threads)
    recurrence.weight.gradient.addProduct(da.transposed, h, threads: threads)
    gate.gradient.addProduct(run.saved["dq"].transposed, h, threads: threads)
  }

  mutating func visitParameters(_ visit: (String, inout Parameter<Element>) throws -> Void) rethrows
  {
    try projection.visitParameters(visit)
    try recurrence.visitParameters(visit)
    try visit("weight_q", &gate)
  }
}
