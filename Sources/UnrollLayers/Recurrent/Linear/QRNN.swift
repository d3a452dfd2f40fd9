import CUnrollKernels
import UnrollCore

/// A quasi-recurrent unit with fo-pooling (Bradbury et al. 2017, "Quasi-Recurrent Neural Networks",
/// section 2): gates and candidate see the last k inputs, and no hidden state.
///
///     p = W_ih [x_{t-k+1} .. x_t] + bias         split into p_z, p_f, p_o
///     z = tanh(p_z)      f = sigmoid(p_f)        o = sigmoid(p_o)
///     c_t = f * c_{t-1} + (1 - f) * z            h_t = o * c_t
///
/// and backwards, with `dh_t` the gradient that comes from above, and `dc_t` all that of the cell:
///
///     dc_t = dh_t * o + dc_{t+1} * f_{t+1}       dp_o = dh_t * c_t * o(1-o)
///     dp_f = dc_t * (c_{t-1} - z) * f(1-f)       dp_z = dc_t * (1 - f) * (1 - z^2)
///     dW_ih = sum_t dp_t [x_{t-k+1} .. x_t]^T    dbias = sum_t dp_t
///     dx_t = the sum of what W_ih^T dp gives for it at t, .., t+k-1
///
/// It is a ``LinearRecurrentCell`` with `a = f` and `b = (1 - f) * z`. The paper has no biases;
/// here they begin at zero, but that of f at the forget bias.
///
/// # Shapes
/// `weight_ih [3H, k I]` and `bias [3H]`, in the order z, f, o; the columns of the weight are those
/// of the oldest input first. The state of a stream is `[h | c]`, and beside it, with a width k
/// above 1, the last k - 1 inputs; before a sequence they are zero. The blocks of the weight begin
/// by Glorot's rule.
public struct QRNNCell<Element: Scalar>: LinearRecurrentCell {
  public var projection: InputProjection<Element>
  /// k, the inputs that a step sees: the width of the filter.
  public let inputWidth: Int

  /// - Parameters:
  ///   - inputSize: I.
  ///   - hiddenSize: H.
  ///   - width: k, the inputs that a step sees. The paper has 2, by characters 6.
  ///   - forgetBias: where the bias of the forget gate begins.
  /// - Precondition: sizes and width are positive.
  public init(inputSize: Int, hiddenSize: Int, width: Int = 2, forgetBias: Double = 1) {
    self.init(inputSize, hiddenSize, width, forgetBias)
  }

  private init(_ inputSize: Int, _ hiddenSize: Int, _ width: Int, _ forgetBias: Double) {
    Self.require(
      inputSize > 0 && hiddenSize > 0 && width > 0,
      "QRNN: inputSize \(inputSize), hiddenSize \(hiddenSize), width \(width)")
    projection = InputProjection(
      inputSize: width * inputSize, outputSize: 3 * hiddenSize, weight: .gates(3, .glorot),
      bias: .blocks([.zeros, .constant(forgetBias), .zeros]))
    inputWidth = width
  }

  // In files: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case projection = "projection"
    case inputWidth = "width"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(InputProjection<Element>.self, forKey: .projection)
    inputWidth = try container.decode(Int.self, forKey: .inputWidth)
    try decoder.expect(
      inputWidth > 0 && projection.inputSize % inputWidth == 0 && projection.outputSize % 3 == 0
        && projection.bias != nil,
      "the weight \(projection.weight.shape) makes no QRNN of width \(inputWidth)")
  }

  /// H, the number of hidden units.
  public var hiddenSize: Int { projection.outputSize / 3 }
  public var outputSize: Int { hiddenSize }
  public var stateParts: KeyValuePairs<String, Int> { ["h": hiddenSize, "c": hiddenSize] }

  @specialized(where Element == Float)
  public func coefficients(_ run: inout CellRun<Element>) -> LinearCoefficients<Element> {
    let H = hiddenSize
    return run.coefficients(H) { _, z, a, b in
      let f = z + H
      unroll_tanh(Element.kernelType, H, z, z)
      unroll_sigmoid(Element.kernelType, 2 * H, f, f)
      for j in 0..<H {
        a[j] = f[j]
        b[j] = (1 - f[j]) * z[j]
      }
    }
  }

  @specialized(where Element == Float)
  public func output(
    of c: Tensor<Element>, _ run: inout CellRun<Element>
  ) -> Tensor<Element> {
    let H = hiddenSize
    return Tensor(uninitialized: c.shape) { h in
      c.withUnsafeBufferPointer { c in
        run.forEachRow { row, p in
          let (o, row) = (p + 2 * H, row * H)
          for j in 0..<H { h[row + j] = o[j] * c[row + j] }
        }
      }
    }
  }

  @specialized(where Element == Float)
  public func outputBackward(
    _ dh: Tensor<Element>, of c: Tensor<Element>, _ run: inout CellRun<Element>
  ) -> Tensor<Element> {
    let H = hiddenSize
    return Tensor(uninitialized: c.shape) { dc in
      dh.withUnsafeBufferPointer { dh in
        c.withUnsafeBufferPointer { c in
          run.forEachRow { row, p in
            let (o, row) = (p + 2 * H, row * H)
            for j in 0..<H {
              dc[row + j] = dh[row + j] * o[j]
              o[j] = dh[row + j] * c[row + j] * o[j] * (1 - o[j])
            }
          }
        }
      }
    }
  }

  @specialized(where Element == Float)
  public func coefficientsBackward(
    _ gradient: LinearCoefficients<Element>, _ run: inout CellRun<Element>
  ) {
    let H = hiddenSize
    run.forEachRow(gradient) { _, z, da, db in
      let f = z + H
      for j in 0..<H {
        let df = da[j] - db[j] * z[j]
        z[j] = db[j] * (1 - f[j]) * (1 - z[j] * z[j])
        f[j] = df * f[j] * (1 - f[j])
      }
    }
  }
}

extension QRNNCell where Element == Float {
  /// - Precondition: sizes and width are positive.
  public init(inputSize: Int, hiddenSize: Int, width: Int = 2, forgetBias: Double = 1) {
    self.init(inputSize, hiddenSize, width, forgetBias)
  }
}

/// Quasi-recurrent units over a sequence: ``Recurrent`` with a ``QRNNCell``, where the equations
/// are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`.
public typealias QRNN<Element: Scalar> = Recurrent<QRNNCell<Element>>

extension Recurrent {
  /// A layer of quasi-recurrent units; the parameters are those of ``QRNNCell``.
  public init<E>(inputSize: Int, hiddenSize: Int, width: Int = 2, forgetBias: Double = 1)
  where Cell == QRNNCell<E> {
    self.init(
      QRNNCell(
        inputSize: inputSize, hiddenSize: hiddenSize, width: width, forgetBias: forgetBias))
  }

  /// A layer of quasi-recurrent units; the parameters are those of ``QRNNCell``.
  public init(inputSize: Int, hiddenSize: Int, width: Int = 2, forgetBias: Double = 1)
  where Cell == QRNNCell<Float> {
    self.init(
      QRNNCell(
        inputSize: inputSize, hiddenSize: hiddenSize, width: width, forgetBias: forgetBias))
  }
}
