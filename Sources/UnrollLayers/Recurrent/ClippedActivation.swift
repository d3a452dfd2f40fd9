import UnrollCore

/// An activation of which the input is kept within `-limit...limit` first, as ONNX has it. Nothing goes
/// back through a number that was clipped.
struct ClippedActivation<Element: Scalar>: Sendable {
  let function: ActivationFunction
  /// `nil` where nothing is clipped.
  private let limit: Element?
  /// Between its values at the limits, the function's input was not clipped.
  private let (least, greatest): (Element, Element)

  init(_ function: ActivationFunction, limit: Double?) {
    self.function = function
    self.limit = limit.map { Element($0) }
    guard let limit = self.limit else {
      (least, greatest) = (-.infinity, .infinity)
      return
    }
    var bounds = (-limit, limit)
    withUnsafeMutablePointer(to: &bounds.0) { function.apply(1, $0) }
    withUnsafeMutablePointer(to: &bounds.1) { function.apply(1, $0) }
    (least, greatest) = bounds
  }

  /// Replaces every `x` by the function of it, clipped.
  @specialized(where Element == Float)
  func apply(_ count: Int, _ x: UnsafeMutablePointer<Element>) {
    if let limit {
      for j in 0..<count { x[j] = x[j] > limit ? limit : x[j] < -limit ? -limit : x[j] }
    }
    function.apply(count, x)
  }

  /// The derivative where the value is `y`.
  func derivative(at y: Element) -> Element {
    limit == nil || (y > least && y < greatest) ? function.derivative(at: y) : 0
  }

  /// Multiplies every gradient by the derivative where the value is `y`.
  @specialized(where Element == Float)
  func multiplyDerivative(
    _ count: Int, _ y: UnsafePointer<Element>, _ gradient: UnsafeMutablePointer<Element>
  ) {
    guard limit != nil else { return function.multiplyDerivative(count, y, gradient) }
    for i in 0..<count { gradient[i] *= derivative(at: y[i]) }
  }

  /// Every element activated.
  func callAsFunction(_ x: Tensor<Element>) -> Tensor<Element> {
    var y = x
    let count = y.count
    y.withUnsafeMutableBufferPointer { y in
      if let y = y.baseAddress { apply(count, y) }
    }
    return y
  }

  /// The gradient of the input, from the gradient of the value `y`.
  func inputGradient(_ gradient: Tensor<Element>, at y: Tensor<Element>) -> Tensor<Element> {
    var gradient = gradient
    gradient.withUnsafeMutableBufferPointer { gradient in
      y.withUnsafeBufferPointer { y in
        guard let dy = gradient.baseAddress, let y = y.baseAddress else { return }
        multiplyDerivative(gradient.count, y, dy)
      }
    }
    return gradient
  }
}
