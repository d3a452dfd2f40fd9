import Unroll

/// A causal convolution over time, as a cell whose state has the inputs before: it has streaming, lengths,
/// restarts and threads from the layer that runs it.
///
///     y_t = W_0 x_t + b + sum over k of W_k x_{t-k}        k = 1 to K - 1
struct CausalConvolutionCell<Element: Scalar>: RecurrentCell {
  var projection: InputProjection<Element>
  /// W_1 to W_{K-1} side by side, `[O, (K - 1) I]`.
  var past: Parameter<Element>

  init(inputSize: Int, outputSize: Int, kernelSize: Int) {
    projection = InputProjection(inputSize: inputSize, outputSize: outputSize)
    past = Parameter([outputSize, (kernelSize - 1) * inputSize], .glorot)
  }

  var outputSize: Int { projection.outputSize }
  var stateParts: KeyValuePairs<String, Int> { ["y": outputSize, "past": past.shape[1]] }

  func pack(_ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context) {
    weights = [PackedMatrix(pass == .forward ? past.value.transposed : past.value.matrix)]
  }

  private var seen: Range<Int> { outputSize..<(outputSize + past.shape[1]) }

  func step(_ t: Int, _ run: inout CellRun<Element>) {
    let before = run.state.step(t).columns(seen)
    let y = run.projected.step(t) + Tensor.product(before.matrix, run.weights[0])
    let kept = before.columns(0..<(before.columns - inputSize))
    run.state.setStep(t + 1, to: .concatenatingColumns(y, run.input.step(t), kept))
  }

  func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (dy, after, I) = (
      run.gradient.columns(0..<outputSize), run.gradient.columns(seen), inputSize
    )
    run.projected.setStep(t, to: dy)
    run.addInputGradient(after.columns(0..<I), at: t)
    let kept = Tensor.concatenatingColumns(
      after.columns(I..<after.columns), Tensor(shape: [run.rows, I]))
    let before = Tensor.product(dy.matrix, run.weights[0]) + kept
    run.gradient = .concatenatingColumns(Tensor(shape: dy.shape), before)
  }

  mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    let before = run.state.steps(0..<run.steps).columns(seen).matrix
    past.gradient.addProduct(run.projected.transposed, before, threads: threads)
  }

  mutating func visitParameters(_ v: (String, inout Parameter<Element>) throws -> Void) rethrows {
    try projection.visitParameters(v)
    try v("weight_past", &past)
  }
}
