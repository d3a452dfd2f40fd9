import Unroll

/// A quasi-recurrent unit that sees two inputs, in whole tensors: what the article on linear cells
/// writes, and what the built-in `QRNNCell` computes row by row.
struct PlainQRNNCell<Element: Scalar>: LinearRecurrentCell {
  var projection: InputProjection<Element>

  init(inputSize: Int, hiddenSize: Int) {
    projection = InputProjection(
      inputSize: 2 * inputSize, outputSize: 3 * hiddenSize, weight: .gates(3, .glorot))
  }

  var outputSize: Int { projection.outputSize / 3 }
  var inputWidth: Int { 2 }
  var stateParts: KeyValuePairs<String, Int> { ["h": outputSize, "c": outputSize] }

  func coefficients(_ run: inout CellRun<Element>) -> LinearCoefficients<Element> {
    let (H, p) = (outputSize, run.projected)
    let (z, gates) = (p.columns(0..<H).tanh(), p.columns(H..<(3 * H)).sigmoid())
    run.projected = .concatenatingColumns(z, gates)
    let f = gates.columns(0..<H)
    return LinearCoefficients(factors: f, terms: (1 - f) * z)
  }

  func output(of c: Tensor<Element>, _ run: inout CellRun<Element>) -> Tensor<Element> {
    let H = outputSize
    return run.projected.columns((2 * H)..<(3 * H)) * c
  }

  func outputBackward(
    _ dh: Tensor<Element>, of c: Tensor<Element>, _ run: inout CellRun<Element>
  ) -> Tensor<Element> {
    let block = (2 * outputSize)..<(3 * outputSize)
    let o = run.projected.columns(block)
    run.projected.setColumns(block, to: dh * c * o * (1 - o))
    return dh * o
  }

  func coefficientsBackward(
    _ gradient: LinearCoefficients<Element>, _ run: inout CellRun<Element>
  ) {
    let (H, da, db) = (outputSize, gradient.factors, gradient.terms)
    let (z, f) = (run.projected.columns(0..<H), run.projected.columns(H..<(2 * H)))
    let dz = db * (1 - f) * (1 - z * z)
    let df = (da - db * z) * f * (1 - f)
    run.projected.setColumns(0..<(2 * H), to: .concatenatingColumns(dz, df))
  }
}
