import CUnrollKernels
import UnrollCore

/// A minimal gated recurrent unit (Feng et al. 2024, "Were RNNs All We Needed?", section 3.1): a
/// GRU whose gate and candidate do not see the hidden state.
///
///     p = W_ih x_t + bias                        split into p_z, p_h
///     z = sigmoid(p_z)                           h_t = (1 - z) * h_{t-1} + z * p_h
///
/// and backwards, with `dh_t` the gradient that comes from above and from the step after:
///
///     dp_z = dh_t * (p_h - h_{t-1}) * z(1-z)     dp_h = dh_t * z        dh_{t-1} = dh_t * (1 - z)
///     dx_t = W_ih^T dp       dW_ih = sum_t dp_t x_t^T       dbias = sum_t dp_t
///
/// It is a ``LinearRecurrentCell`` with `a = 1 - z` and `b = z * p_h`, and this is the paper's
/// plain form: that in logarithms, with a candidate that is kept positive, is another function.
///
/// # Shapes
/// `weight_ih [2H, I]` and `bias [2H]`, z before h, as in the paper; the state of a stream is `h`,
/// `[H]`. The blocks of the weight begin by Glorot's rule, the bias at zero.
public struct MinGRUCell<Element: Scalar>: LinearRecurrentCell {
  public var projection: InputProjection<Element>

  /// - Parameters:
  ///   - inputSize: I.
  ///   - hiddenSize: H.
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, hiddenSize: Int) {
    self.init(inputSize, hiddenSize)
  }

  private init(_ inputSize: Int, _ hiddenSize: Int) {
    Self.require(
      inputSize > 0 && hiddenSize > 0, "MinGRU: inputSize \(inputSize), hiddenSize \(hiddenSize)")
    projection = InputProjection(
      inputSize: inputSize, outputSize: 2 * hiddenSize, weight: .gates(2, .glorot))
  }

  public init(from decoder: any Decoder) throws {
    projection = try decoder.container(keyedBy: CodingKeys.self)
      .decode(InputProjection<Element>.self, forKey: .projection)
    try decoder.expect(
      projection.outputSize % 2 == 0 && projection.bias != nil,
      "the weight \(projection.weight.shape) makes no MinGRU")
  }

  /// H, the number of hidden units.
  public var hiddenSize: Int { projection.outputSize / 2 }
  public var outputSize: Int { hiddenSize }

  @specialized(where Element == Float)
  public func coefficients(_ run: inout CellRun<Element>) -> LinearCoefficients<Element> {
    let H = hiddenSize
    return run.coefficients(H) { _, z, a, b in
      let h = z + H
      unroll_sigmoid(Element.kernelType, H, z, z)
      for j in 0..<H {
        a[j] = 1 - z[j]
        b[j] = z[j] * h[j]
      }
    }
  }

  @specialized(where Element == Float)
  public func coefficientsBackward(
    _ gradient: LinearCoefficients<Element>, _ run: inout CellRun<Element>
  ) {
    let H = hiddenSize
    run.forEachRow(gradient) { _, z, da, db in
      let h = z + H
      for j in 0..<H {
        let dz = db[j] * h[j] - da[j]
        h[j] = db[j] * z[j]
        z[j] = dz * z[j] * (1 - z[j])
      }
    }
  }
}

extension MinGRUCell where Element == Float {
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, hiddenSize: Int) {
    self.init(inputSize, hiddenSize)
  }
}

/// Minimal gated recurrent units over a sequence: ``Recurrent`` with a ``MinGRUCell``, where the
/// equations are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`.
public typealias MinGRU<Element: Scalar> = Recurrent<MinGRUCell<Element>>

extension Recurrent {
  /// A layer of minimal gated recurrent units; the parameters are those of ``MinGRUCell``.
  public init<E>(inputSize: Int, hiddenSize: Int) where Cell == MinGRUCell<E> {
    self.init(MinGRUCell(inputSize: inputSize, hiddenSize: hiddenSize))
  }

  /// A layer of minimal gated recurrent units; the parameters are those of ``MinGRUCell``.
  public init(inputSize: Int, hiddenSize: Int) where Cell == MinGRUCell<Float> {
    self.init(MinGRUCell(inputSize: inputSize, hiddenSize: hiddenSize))
  }
}
