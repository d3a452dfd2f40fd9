import Unroll

/// A gated impulse linear recurrent unit, GILR (Martin and Cundy 2018, section 3).
///
///     p = W_ih x_t + bias                               split into p_g, p_i
///     g = sigmoid(p_g)        i = tanh(p_i)             h_t = g * h_{t-1} + (1 - g) * i
///
///     with a = g and b = (1 - g) * i:
///     dp_g = (da - db * i) * g(1-g)                     dp_i = db * (1 - g) * (1 - i^2)
///
/// # Shapes
/// `weight_ih [2H, I]` and `bias [2H]`, g before i; the state of a stream is `h`, `[H]`.
public struct GILRCell<Element: Scalar>: LinearRecurrentCell {
  public var projection: InputProjection<Element>

  /// - Precondition: `inputSize`, I, and `hiddenSize`, H, are positive.
  public init(inputSize: Int, hiddenSize: Int) {
    Self.require(inputSize > 0 && hiddenSize > 0, "GILR: sizes \(inputSize), \(hiddenSize)")
    projection = InputProjection(
      inputSize: inputSize, outputSize: 2 * hiddenSize, weight: .gates(2, .glorot))
  }

  public init(from decoder: any Decoder) throws {
    projection = try decoder.container(keyedBy: CodingKeys.self)
      .decode(InputProjection<Element>.self, forKey: .projection)
    try decoder.expect(projection.outputSize % 2 == 0, "a GILR has 2H rows of weights")
  }

  public var outputSize: Int { projection.outputSize / 2 }

  public func coefficients(_ run: inout CellRun<Element>) -> LinearCoefficients<Element> {
    let (H, p) = (outputSize, run.projected)
    let (g, i) = (p.columns(0..<H).sigmoid(), p.columns(H..<(2 * H)).tanh())
    run.projected = .concatenatingColumns(g, i)
    return LinearCoefficients(factors: g, terms: (1 - g) * i)
  }

  public func coefficientsBackward(
    _ gradient: LinearCoefficients<Element>, _ run: inout CellRun<Element>
  ) {
    let (H, da, db) = (outputSize, gradient.factors, gradient.terms)
    let (g, i) = (run.projected.columns(0..<H), run.projected.columns(H..<(2 * H)))
    run.projected = .concatenatingColumns(
      (da - db * i) * g * (1 - g), db * (1 - g) * (1 - i * i))
  }
}
