import CUnrollKernels
import UnrollCore

/// A function of one number, for a gate, a candidate or an ``Activation`` layer.
///
/// All of them are non-decreasing, and their derivatives follow from their values, so that a cell
/// keeps the one and not the input.
public enum ActivationFunction: Codable, Sendable, Equatable {
  /// `1 / (1 + exp(-x))`.
  case sigmoid
  /// `max(0, min(1, slope x + 1/2))`. ONNX and older Keras have the slope 0.2, PyTorch and newer
  /// Keras 1/6.
  case hardSigmoid(slope: Double = 0.2)
  /// 1 where `x > 0`, else 0. Its derivative is taken as 0: for tracing a network, not for training
  /// one.
  case hardStep
  case tanh
  /// `max(0, x)`.
  case relu
  case identity
}

extension ActivationFunction {
  /// What is wrong with the function, if anything: a file may say anything.
  var problem: String? {
    guard case .hardSigmoid(let slope) = self, !(slope >= 0 && slope.isFinite) else { return nil }
    return "the slope \(slope) is below 0 or not finite"
  }

  /// Replaces every `x` by the function of it. What is not a number stays so.
  @specialized(where Element == Float)
  public func apply<Element: Scalar>(_ count: Int, _ x: UnsafeMutablePointer<Element>) {
    switch self {
    case .sigmoid: unroll_sigmoid(Element.kernelType, count, x, x)
    case .tanh: unroll_tanh(Element.kernelType, count, x, x)
    case .hardSigmoid(let slope):
      let slope = Element(slope)
      for i in 0..<count {
        let y = slope * x[i] + 0.5
        x[i] = y < 0 ? 0 : y > 1 ? 1 : y
      }
    case .hardStep: for i in 0..<count { x[i] = x[i] > 0 ? 1 : x[i] <= 0 ? 0 : x[i] }
    case .relu:
      // In this order the larger of what is no number and zero is no number.
      for i in 0..<count { x[i] = max(x[i], 0) }
    case .identity: break
    }
  }

  /// The derivative where the function's value is `y`.
  @inlinable
  public func derivative<Element: Scalar>(at y: Element) -> Element {
    switch self {
    case .sigmoid: y * (1 - y)
    case .tanh: 1 - y * y
    case .hardSigmoid(let slope): y > 0 && y < 1 ? Element(slope) : 0
    case .hardStep: 0
    case .relu: y > 0 ? 1 : 0
    case .identity: 1
    }
  }

  /// Multiplies every gradient by the derivative where the function's value is `y`.
  @specialized(where Element == Float)
  public func multiplyDerivative<Element: Scalar>(
    _ count: Int, _ y: UnsafePointer<Element>, _ gradient: UnsafeMutablePointer<Element>
  ) {
    if case .tanh = self {
      unroll_tanh_backward(Element.kernelType, count, y, gradient, gradient)
    } else {
      for i in 0..<count { gradient[i] *= derivative(at: y[i]) }
    }
  }
}
