import UnrollCore

/// A function of every feature by itself.
///
///     y = f(x)        dx = f'(x) dy
///
/// The derivatives follow from the output, which is all that is kept; ``ActivationFunction`` has the
/// functions.
///
/// # Shapes
/// Any; the output's is the input's.
public struct Activation<Element: Scalar>: StatelessLayer {
  /// f.
  public let function: ActivationFunction

  /// ```
  /// Activation(.relu)
  /// ```
  ///
  /// - Precondition: the function's parameters are in their range.
  public init(_ function: ActivationFunction) {
    self.init(checking: function)
  }

  private init(checking function: ActivationFunction) {
    Self.require(function.problem == nil, "Activation: \(function.problem ?? "")")
    self.function = function
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    function = try container.decode(ActivationFunction.self, forKey: .function)
    try decoder.expect(function.problem == nil, "Activation: \(function.problem ?? "")")
  }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds { input }

  /// The output, kept for backward.
  public func makeCache() -> Tensor<Element>? { nil }

  public func forward(
    _ input: Tensor<Element>, cache: inout Tensor<Element>?, in context: Context
  ) -> Tensor<Element> {
    var output = input.zeroingPadding(in: context)
    let (function, count) = (function, output.count)
    output.withUnsafeMutableBufferPointer { y in
      nonisolated(unsafe) let y = y.baseAddress
      Threads.forEachRange(count, threads: context.threads, grain: 1 << 14) { range in
        if let y { function.apply(range.count, y + range.lowerBound) }
      }
    }
    if context.mode == .training { cache = output }
    return output
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Tensor<Element>?, in context: Context
  ) -> Tensor<Element> {
    guard let output = cache.take() else {
      fatalError("Activation: backward without a forward in training before")
    }
    Self.require(
      gradient.shape == output.shape,
      "Activation output gradient: expected \(output.shape), got \(gradient.shape)")
    var result = gradient.zeroingPadding(in: context)
    let (function, count) = (function, result.count)
    result.withUnsafeMutableBufferPointer { dx in
      output.withUnsafeBufferPointer { y in
        nonisolated(unsafe) let (y, dx) = (y.baseAddress, dx.baseAddress)
        Threads.forEachRange(count, threads: context.threads, grain: 1 << 14) { range in
          guard let y, let dx else { return }
          function.multiplyDerivative(
            range.count, y + range.lowerBound, dx + range.lowerBound)
        }
      }
    }
    return result
  }
}

extension Activation where Element == Float {
  /// ```
  /// Activation(.relu)
  /// ```
  ///
  /// - Precondition: the function's parameters are in their range.
  public init(_ function: ActivationFunction) {
    self.init(checking: function)
  }
}
