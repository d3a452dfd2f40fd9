import CUnrollKernels
import UnrollCore

/// Minimal long short-term memory (Feng et al. 2024, "Were RNNs All We Needed?", section 3.2): an
/// LSTM whose gates and candidate do not see the hidden state, of which there is one, and whose
/// gates add up to 1.
///
///     p = W_ih x_t + bias                        split into p_f, p_i, p_h
///     f = sigmoid(p_f)                           i = sigmoid(p_i)
///     f' = f / (f + i)                           i' = i / (f + i)
///     h_t = f' * h_{t-1} + i' * p_h
///
/// and backwards, with `dh_t` the gradient that comes from above and from the step after:
///
///     df' = dh_t * (h_{t-1} - p_h)               i' being 1 - f'
///     dp_f = df' * f' i' (1-f)                   dp_i = -df' * f' i' (1-i)
///     dp_h = dh_t * i'                           dh_{t-1} = dh_t * f'
///     dx_t = W_ih^T dp       dW_ih = sum_t dp_t x_t^T       dbias = sum_t dp_t
///
/// It is a ``LinearRecurrentCell`` with `a = f'` and `b = i' * p_h`, and this is the paper's plain
/// form: that in logarithms, with a candidate that is kept positive, is another function.
///
/// # Shapes
/// `weight_ih [3H, I]` and `bias [3H]`, in the order f, i, h, as in the paper; the state of a
/// stream is `h`, `[H]`. The blocks of the weight begin by Glorot's rule, the bias at zero, but
/// that of f at the forget bias.
public struct MinLSTMCell<Element: Scalar>: LinearRecurrentCell {
  public var projection: InputProjection<Element>

  /// - Parameters:
  ///   - inputSize: I.
  ///   - hiddenSize: H.
  ///   - forgetBias: where the bias of the forget gate begins.
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1) {
    self.init(inputSize, hiddenSize, forgetBias)
  }

  private init(_ inputSize: Int, _ hiddenSize: Int, _ forgetBias: Double) {
    Self.require(
      inputSize > 0 && hiddenSize > 0, "MinLSTM: inputSize \(inputSize), hiddenSize \(hiddenSize)")
    projection = InputProjection(
      inputSize: inputSize, outputSize: 3 * hiddenSize, weight: .gates(3, .glorot),
      bias: .blocks([.constant(forgetBias), .zeros, .zeros]))
  }

  public init(from decoder: any Decoder) throws {
    projection = try decoder.container(keyedBy: CodingKeys.self)
      .decode(InputProjection<Element>.self, forKey: .projection)
    try decoder.expect(
      projection.outputSize % 3 == 0 && projection.bias != nil,
      "the weight \(projection.weight.shape) makes no MinLSTM")
  }

  /// H, the number of hidden units.
  public var hiddenSize: Int { projection.outputSize / 3 }
  public var outputSize: Int { hiddenSize }
  /// i'.
  public var savedSizes: [String: Int] { ["i": hiddenSize] }

  // With m = min(p_f, p_i, 0), e_0 = exp(m), e_f = exp(m - p_f) and e_i = exp(m - p_i),
  //
  //     f' = (e_0 + e_i) / s       i' = (e_0 + e_f) / s       s = 2 e_0 + e_f + e_i
  //     df'/dp_f = f' e_f / s      df'/dp_i = -i' e_i / s
  //
  // of which no exponential is above 1 and one is 1: both gates may be shut as tightly as can be.
  @specialized(where Element == Float)
  public func coefficients(_ run: inout CellRun<Element>) -> LinearCoefficients<Element> {
    let H = hiddenSize
    var saved = Tensor<Element>(uninitialized: [run.steps, run.rows, H]) { _ in }
    defer { run.saved["i"] = saved }
    return saved.withUnsafeMutableBufferPointer { saved in
      run.coefficients(H) { row, f, a, b in
        let (i, h) = (f + H, f + 2 * H)
        for j in 0..<H {
          b[j] = min(f[j], i[j], 0)
          f[j] = b[j] - f[j]
          i[j] = b[j] - i[j]
        }
        unroll_exp(Element.kernelType, H, b, b)
        unroll_exp(Element.kernelType, 2 * H, f, f)
        for j in 0..<H {
          let scale = 1 / (2 * b[j] + f[j] + i[j])
          let (forget, input) = ((b[j] + i[j]) * scale, (b[j] + f[j]) * scale)
          (f[j], i[j]) = (forget * f[j] * scale, input * i[j] * scale)
          (a[j], b[j]) = (forget, input * h[j])
          saved[row * H + j] = input
        }
      }
    }
  }

  @specialized(where Element == Float)
  public func coefficientsBackward(
    _ gradient: LinearCoefficients<Element>, _ run: inout CellRun<Element>
  ) {
    let (H, saved) = (hiddenSize, run.saved["i"])
    saved.withUnsafeBufferPointer { saved in
      run.forEachRow(gradient) { row, f, da, db in
        let (i, h) = (f + H, f + 2 * H)
        for j in 0..<H {
          let df = da[j] - db[j] * h[j]
          f[j] *= df
          i[j] *= -df
          h[j] = db[j] * saved[row * H + j]
        }
      }
    }
  }
}

extension MinLSTMCell where Element == Float {
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1) {
    self.init(inputSize, hiddenSize, forgetBias)
  }
}

/// Minimal long short-term memory over a sequence: ``Recurrent`` with a ``MinLSTMCell``, where the
/// equations are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`.
public typealias MinLSTM<Element: Scalar> = Recurrent<MinLSTMCell<Element>>

extension Recurrent {
  /// A layer of minimal long short-term memory; the parameters are those of ``MinLSTMCell``.
  public init<E>(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1)
  where Cell == MinLSTMCell<E> {
    self.init(
      MinLSTMCell(inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias))
  }

  /// A layer of minimal long short-term memory; the parameters are those of ``MinLSTMCell``.
  public init(inputSize: Int, hiddenSize: Int, forgetBias: Double = 1)
  where Cell == MinLSTMCell<Float> {
    self.init(
      MinLSTMCell(inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias))
  }
}
