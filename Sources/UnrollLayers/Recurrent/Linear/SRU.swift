import CUnrollKernels
import UnrollCore

/// A simple recurrent unit (Lei et al. 2018, "Simple Recurrent Units for Highly Parallelizable
/// Recurrence"): gates that see the input alone, and a highway around the cell.
///
///     p = W_ih x_t + bias                        split into p_u, p_f, p_r and maybe p_x
///     f = sigmoid(p_f)                           r = sigmoid(p_r)
///     c_t = f * c_{t-1} + (1 - f) * p_u          h_t = r * g(c_t) + (1 - r) * x'
///
/// where `x'` is `x_t` itself if there are as many inputs as hidden units, else `p_x`; backwards,
/// with `dh_t` the gradient that comes from above, and `dc_t` all that of the cell:
///
///     dc_t = dh_t * r * g'(c_t) + dc_{t+1} * f_{t+1}
///     dp_f = dc_t * (c_{t-1} - p_u) * f(1-f)     dp_u = dc_t * (1 - f)
///     dp_r = dh_t * (g(c_t) - x') * r(1-r)       dx' = dh_t * (1 - r)
///     dx_t = W_ih^T dp, and dx'                  dW_ih = sum_t dp_t x_t^T       dbias = sum_t dp_t
///
/// This is the variant whose recurrence is linear, that of the paper's first version (arXiv
/// 1709.02755v1, 2017). In the later ones `v_f * c_{t-1}` and `v_r * c_{t-1}` are added within the
/// sigmoids, so that f depends on c and the way over time is not a ``LinearRecurrentCell``'s any
/// more. The papers have no bias for u and `x'`; here they begin at zero, like that of r, and that
/// of f begins at the forget bias.
///
/// # Shapes
/// `weight_ih [3H, I]` and `bias [3H]`, in the order u, f, r; where I is not H, `[4H, I]` and
/// `[4H]`, in the order u, f, r, x. The state of a stream is `[h | c]`. The blocks of the weight
/// begin by Glorot's rule.
public struct SRUCell<Element: Scalar>: LinearRecurrentCell {
  public var projection: InputProjection<Element>
  /// H, the number of hidden units.
  public let hiddenSize: Int
  /// g.
  public let activation: ActivationFunction

  /// - Parameters:
  ///   - inputSize: I.
  ///   - hiddenSize: H.
  ///   - activation: g: none in the paper of 2018, tanh or none in its first version.
  ///   - forgetBias: where the bias of the forget gate begins.
  /// - Precondition: both sizes are positive, the activation's parameters in their range.
  public init(
    inputSize: Int, hiddenSize: Int, activation: ActivationFunction = .identity,
    forgetBias: Double = 1
  ) {
    self.init(inputSize, hiddenSize, activation, forgetBias)
  }

  private init(
    _ inputSize: Int, _ hiddenSize: Int, _ activation: ActivationFunction, _ forgetBias: Double
  ) {
    Self.require(
      inputSize > 0 && hiddenSize > 0, "SRU: inputSize \(inputSize), hiddenSize \(hiddenSize)")
    Self.require(activation.problem == nil, "SRU: \(activation.problem ?? "")")
    let blocks = inputSize == hiddenSize ? 3 : 4
    let biases = [Initializer.zeros, .constant(forgetBias), .zeros, .zeros]
    projection = InputProjection(
      inputSize: inputSize, outputSize: blocks * hiddenSize, weight: .gates(blocks, .glorot),
      bias: .blocks(Array(biases.prefix(blocks))))
    self.hiddenSize = hiddenSize
    self.activation = activation
  }

  // In files: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case projection = "projection"
    case hiddenSize = "hidden"
    case activation = "activation"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(InputProjection<Element>.self, forKey: .projection)
    hiddenSize = try container.decode(Int.self, forKey: .hiddenSize)
    activation = try container.decode(ActivationFunction.self, forKey: .activation)
    try decoder.expect(activation.problem == nil, "SRU: \(activation.problem ?? "")")
    let rows = hiddenSize.multipliedReportingOverflow(
      by: projection.inputSize == hiddenSize ? 3 : 4)
    try decoder.expect(
      hiddenSize > 0 && !rows.overflow && projection.outputSize == rows.partialValue
        && projection.bias != nil,
      "the weight \(projection.weight.shape) makes no SRU of \(hiddenSize) units")
  }

  public var outputSize: Int { hiddenSize }
  public var stateParts: KeyValuePairs<String, Int> { ["h": hiddenSize, "c": hiddenSize] }
  /// g(c).
  public var savedSizes: [String: Int] { activation == .identity ? [:] : ["g": hiddenSize] }
  /// Whether `x'` is projected.
  private var projectsHighway: Bool { projection.inputSize != hiddenSize }

  @specialized(where Element == Float)
  public func coefficients(_ run: inout CellRun<Element>) -> LinearCoefficients<Element> {
    let H = hiddenSize
    return run.coefficients(H) { _, u, a, b in
      let f = u + H
      unroll_sigmoid(Element.kernelType, 2 * H, f, f)
      for j in 0..<H {
        a[j] = f[j]
        b[j] = (1 - f[j]) * u[j]
      }
    }
  }

  @specialized(where Element == Float)
  public func coefficientsBackward(
    _ gradient: LinearCoefficients<Element>, _ run: inout CellRun<Element>
  ) {
    let H = hiddenSize
    run.forEachRow(gradient) { _, u, da, db in
      let f = u + H
      for j in 0..<H {
        let df = da[j] - db[j] * u[j]
        u[j] = db[j] * (1 - f[j])
        f[j] = df * f[j] * (1 - f[j])
      }
    }
  }
}

// The highway. With a projection, `x'` is the last block of a row of the projected inputs.
extension SRUCell {
  @specialized(where Element == Float)
  public func output(
    of c: Tensor<Element>, _ run: inout CellRun<Element>
  ) -> Tensor<Element> {
    let g = activated(c)
    if activation != .identity { run.saved["g"] = g }
    let (H, input) = (hiddenSize, run.input)
    return Tensor(uninitialized: c.shape) { h in
      g.withUnsafeBufferPointer { g in
        input.withUnsafeBufferPointer { x in
          guard let x = x.baseAddress else { return }
          run.forEachRow { row, p in
            let (r, row) = (p + 2 * H, row * H)
            let x = projectsHighway ? UnsafePointer(p + 3 * H) : x + row
            for j in 0..<H { h[row + j] = r[j] * g[row + j] + (1 - r[j]) * x[j] }
          }
        }
      }
    }
  }

  @specialized(where Element == Float)
  public func outputBackward(
    _ dh: Tensor<Element>, of c: Tensor<Element>, _ run: inout CellRun<Element>
  ) -> Tensor<Element> {
    let (H, input, g) = (hiddenSize, run.input, activation == .identity ? c : run.saved["g"])
    var highway = Tensor<Element>(uninitialized: projectsHighway ? [0] : c.shape) { _ in }
    var dc = dh
    dc.withUnsafeMutableBufferPointer { dc in
      highway.withUnsafeMutableBufferPointer { dx in
        g.withUnsafeBufferPointer { g in
          input.withUnsafeBufferPointer { x in
            guard let x = x.baseAddress, let dx = dx.baseAddress else { return }
            run.forEachRow { row, p in
              let (r, row) = (p + 2 * H, row * H)
              let x = projectsHighway ? UnsafePointer(p + 3 * H) : x + row
              let dx = projectsHighway ? p + 3 * H : dx + row
              for j in 0..<H {
                let (dh, gate, highway) = (dc[row + j], r[j], x[j])
                dc[row + j] = dh * gate
                r[j] = dh * (g[row + j] - highway) * gate * (1 - gate)
                dx[j] = dh * (1 - gate)
              }
            }
          }
        }
      }
    }
    if !projectsHighway { run.addInputGradient(highway) }
    return multiplyingDerivative(dc, at: g)
  }

  private func activated(_ c: Tensor<Element>) -> Tensor<Element> {
    activation == .identity ? c : ClippedActivation(activation, limit: nil)(c)
  }

  private func multiplyingDerivative(
    _ gradient: Tensor<Element>, at g: Tensor<Element>
  ) -> Tensor<Element> {
    activation == .identity
      ? gradient : ClippedActivation(activation, limit: nil).inputGradient(gradient, at: g)
  }
}

extension SRUCell where Element == Float {
  /// - Precondition: both sizes are positive, the activation's parameters in their range.
  public init(
    inputSize: Int, hiddenSize: Int, activation: ActivationFunction = .identity,
    forgetBias: Double = 1
  ) {
    self.init(inputSize, hiddenSize, activation, forgetBias)
  }
}

/// Simple recurrent units over a sequence: ``Recurrent`` with an ``SRUCell``, where the equations
/// are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`.
public typealias SRU<Element: Scalar> = Recurrent<SRUCell<Element>>

extension Recurrent {
  /// A layer of simple recurrent units; the parameters are those of ``SRUCell``.
  public init<E>(
    inputSize: Int, hiddenSize: Int, activation: ActivationFunction = .identity,
    forgetBias: Double = 1
  ) where Cell == SRUCell<E> {
    self.init(
      SRUCell(
        inputSize: inputSize, hiddenSize: hiddenSize, activation: activation,
        forgetBias: forgetBias))
  }

  /// A layer of simple recurrent units; the parameters are those of ``SRUCell``.
  public init(
    inputSize: Int, hiddenSize: Int, activation: ActivationFunction = .identity,
    forgetBias: Double = 1
  ) where Cell == SRUCell<Float> {
    self.init(
      SRUCell(
        inputSize: inputSize, hiddenSize: hiddenSize, activation: activation,
        forgetBias: forgetBias))
  }
}
