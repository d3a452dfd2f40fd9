import CUnrollKernels
import Foundation
import UnrollCore

/// A function of one number, for a gate, a candidate or an ``Activation`` layer: those that ONNX names
/// for its recurrent operators, and a step.
///
/// All of them are non-decreasing, and their derivatives follow from their values, so that a cell
/// keeps the one and not the input. That is why slopes, scales and thresholds are at least 0: with a
/// slope below 0 a leaky rectifier has one value on both sides, and two derivatives there.
public enum ActivationFunction: Sendable, Equatable {
  /// `1 / (1 + exp(-x))`.
  case sigmoid
  /// `max(0, min(1, slope x + offset))`, of a slope of at least 0. ONNX and older Keras have the slope
  /// 0.2, PyTorch and newer Keras 1/6; the offset of all of them is 1/2.
  case hardSigmoid(slope: Double = 0.2, offset: Double = 0.5)
  /// 1 where `x > 0`, else 0. Its derivative is taken as 0: for tracing a network, not for training
  /// one.
  case hardStep
  case tanh
  /// `scale tanh(slope x)`, of a scale above 0 and a slope of at least 0: 1.7159 and 2/3 with LeCun
  /// et al. 1998.
  case scaledTanh(scale: Double, slope: Double)
  /// `max(0, x)`.
  case relu
  /// x where `x > 0`, else `slope x`, of a slope of at least 0 (Maas, Hannun and Ng 2013). ONNX and
  /// PyTorch have 0.01, Keras 0.3.
  case leakyReLU(slope: Double = 0.01)
  /// x where `x > threshold`, else 0, of a threshold of at least 0 (Konda, Memisevic and Krueger 2015).
  /// ONNX and Keras have 1.
  case thresholdedReLU(threshold: Double = 1)
  /// x where `x > 0`, else `scale (exp(x) - 1)`, of a scale of at least 0 (Clevert, Unterthiner and
  /// Hochreiter 2016). ONNX, PyTorch and Keras have 1.
  case elu(scale: Double = 1)
  /// `x / (1 + |x|)`.
  case softsign
  /// `log(1 + exp(x))`.
  case softplus
  case identity
  /// `slope x + offset`, of a slope of at least 0.
  case affine(slope: Double = 1, offset: Double = 0)
}

extension ActivationFunction {
  /// What is wrong with the function, if anything: a file may say anything.
  var problem: String? {
    let parameters: KeyValuePairs<String, Double> =
      switch self {
      case .sigmoid, .hardStep, .tanh, .relu, .softsign, .softplus, .identity: [:]
      case .hardSigmoid(let slope, _), .leakyReLU(let slope), .affine(let slope, _):
        ["slope": slope]
      case .thresholdedReLU(let threshold): ["threshold": threshold]
      case .elu(let scale): ["scale": scale]
      case .scaledTanh(let scale, let slope): ["scale": scale, "slope": slope]
      }
    for (name, value) in parameters where !(value >= 0 && value.isFinite) {
      return "the \(name) \(value) is below 0 or not finite"
    }
    switch self {
    case .scaledTanh(scale: 0, _): return "the scale 0 is not above 0"
    case .hardSigmoid(_, let offset), .affine(_, let offset):
      return offset.isFinite ? nil : "the offset \(offset) is not finite"
    default: return nil
    }
  }

  /// Replaces every `x` by the function of it. What is not a number stays so.
  @specialized(where Element == Float)
  public func apply<Element: Scalar>(_ count: Int, _ x: UnsafeMutablePointer<Element>) {
    switch self {
    case .sigmoid: unroll_sigmoid(Element.kernelType, count, x, x)
    case .tanh: unroll_tanh(Element.kernelType, count, x, x)
    case .scaledTanh(let scale, let slope):
      let (scale, slope) = (Element(scale), Element(slope))
      for i in 0..<count { x[i] *= slope }
      unroll_tanh(Element.kernelType, count, x, x)
      for i in 0..<count { x[i] *= scale }
    case .hardSigmoid(let slope, let offset):
      let (slope, offset) = (Element(slope), Element(offset))
      for i in 0..<count {
        let y = slope * x[i] + offset
        x[i] = y < 0 ? 0 : y > 1 ? 1 : y
      }
    case .hardStep: for i in 0..<count { x[i] = x[i] > 0 ? 1 : x[i] <= 0 ? 0 : x[i] }
    case .relu:
      // In this order the larger of what is no number and zero is no number.
      for i in 0..<count { x[i] = max(x[i], 0) }
    case .leakyReLU(let slope):
      let slope = Element(slope)
      for i in 0..<count where !(x[i] > 0) { x[i] *= slope }
    case .thresholdedReLU(let threshold):
      let threshold = Element(threshold)
      for i in 0..<count where x[i] <= threshold { x[i] = 0 }
    case .elu(let scale):
      for i in 0..<count where !(x[i] > 0) { x[i] = Element(scale * expm1(Double(x[i]))) }
    case .softsign:
      // In this form infinity goes to 1.
      for i in 0..<count {
        let size = abs(x[i])
        x[i] = size > 1 ? Element(signOf: x[i], magnitudeOf: 1 / (1 + 1 / size)) : x[i] / (1 + size)
      }
    case .softplus:
      for i in 0..<count {
        let input = Double(x[i])
        x[i] = Element(max(input, 0) + log1p(exp(-abs(input))))
      }
    case .identity: break
    case .affine(let slope, let offset):
      let (slope, offset) = (Element(slope), Element(offset))
      for i in 0..<count { x[i] = slope * x[i] + offset }
    }
  }

  /// The derivative where the function's value is `y`.
  @inlinable
  public func derivative<Element: Scalar>(at y: Element) -> Element {
    switch self {
    case .sigmoid: return y * (1 - y)
    case .tanh: return 1 - y * y
    case .scaledTanh(let scale, let slope):
      let tanh = y / Element(scale)
      return Element(scale * slope) * (1 - tanh * tanh)
    case .hardSigmoid(let slope, _): return y > 0 && y < 1 ? Element(slope) : 0
    case .hardStep: return 0
    case .relu: return y > 0 ? 1 : 0
    case .leakyReLU(let slope): return y > 0 ? 1 : Element(slope)
    case .thresholdedReLU: return y > 0 ? 1 : 0
    case .elu(let scale): return y > 0 ? 1 : y + Element(scale)
    case .softsign:
      let rest = 1 - abs(y)
      return rest * rest
    case .softplus: return Element(-expm1(-Double(y)))
    case .identity: return 1
    case .affine(let slope, _): return Element(slope)
    }
  }

  /// Multiplies every gradient by the derivative where the function's value is `y`.
  @specialized(where Element == Float)
  public func multiplyDerivative<Element: Scalar>(
    _ count: Int, _ y: UnsafePointer<Element>, _ gradient: UnsafeMutablePointer<Element>
  ) {
    switch self {
    case .tanh: unroll_tanh_backward(Element.kernelType, count, y, gradient, gradient)
    case .sigmoid: for i in 0..<count { gradient[i] *= y[i] * (1 - y[i]) }
    default: for i in 0..<count { gradient[i] *= derivative(at: y[i]) }
    }
  }
}
