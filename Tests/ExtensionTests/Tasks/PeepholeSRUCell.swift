import Unroll

/// One step of a simple recurrent unit whose gates see the cell (Lei et al. 2018, equations 1 to 5), and
/// whose highway takes the input as it is. `SRU` is the one whose gates do not.
///
///     u, p, q = W x_t + b
///     f = sigmoid(p + v_f c_{t-1})        r = sigmoid(q + v_r c_{t-1})
///     c_t = f c_{t-1} + (1 - f) u         h_t = r c_t + (1 - r) x_t
struct PeepholeSRUCell<Element: Scalar>: RecurrentCell {
  var projection: InputProjection<Element>
  /// v_f and v_r, `[2H]`.
  var peepholes: Parameter<Element>

  init(size: Int) {
    projection = InputProjection(inputSize: size, outputSize: 3 * size)
    peepholes = Parameter([2 * size], .normal(standardDeviation: 0.1))
  }

  var outputSize: Int { projection.inputSize }
  var stateParts: KeyValuePairs<String, Int> { ["h": outputSize, "c": outputSize] }
  var savedSizes: [String: Int] { ["gates": 2 * outputSize, "u": outputSize] }

  func step(_ t: Int, _ run: inout CellRun<Element>) {
    let (H, a, x) = (outputSize, run.projected.step(t), run.input.step(t))
    let (u, c) = (a.columns(0..<H), run.state.step(t).columns(H..<(2 * H)))
    let seen = Tensor.concatenatingColumns(c, c).scalingColumns(by: peepholes.value)
    let gates = (a.columns(H..<(3 * H)) + seen).sigmoid()
    let (f, r) = (gates.columns(0..<H), gates.columns(H..<(2 * H)))
    let after = f * c + (1 - f) * u
    run.saved["gates"].setStep(t, to: gates)
    run.saved["u"].setStep(t, to: u)
    run.state.setStep(t + 1, to: .concatenatingColumns(r * after + (1 - r) * x, after))
  }

  func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (H, gates, u) = (outputSize, run.saved["gates"].step(t), run.saved["u"].step(t))
    let (f, r, x) = (gates.columns(0..<H), gates.columns(H..<(2 * H)), run.input.step(t))
    let c = run.state.step(t).columns(H..<(2 * H))
    let after = run.state.step(t + 1).columns(H..<(2 * H))
    let dh = run.gradient.columns(0..<H)
    let dc = run.gradient.columns(H..<(2 * H)) + dh * r
    let dGates = Tensor.concatenatingColumns(dc * (c - u), dh * (after - x)) * gates * (1 - gates)
    run.projected.setStep(t, to: .concatenatingColumns(dc * (1 - f), dGates))
    run.addInputGradient(dh * (1 - r), at: t)
    let seen = dGates.scalingColumns(by: peepholes.value)
    let before = dc * f + seen.columns(0..<H) + seen.columns(H..<(2 * H))
    run.gradient = .concatenatingColumns(Tensor(shape: dh.shape), before)
  }

  mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    let H = outputSize
    let c = run.state.steps(0..<run.steps).columns(H..<(2 * H))
    peepholes.gradient.addRowSums(
      of: run.projected.columns(H..<(3 * H)) * .concatenatingColumns(c, c), threads: threads)
  }

  mutating func visitParameters(_ visit: (String, inout Parameter<Element>) throws -> Void) rethrows
  {
    try projection.visitParameters(visit)
    try visit("peepholes", &peepholes)
  }
}
