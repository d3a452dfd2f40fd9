import Foundation
import UnrollCore

/// Quantiles that cannot cross: the middle one as it is, each further one by a positive distance from its
/// neighbor (Park et al. 2022). It ends a stack that is trained by `QuantileLoss`.
///
///     y_m = x_m                                  m = the middle, (Q - 1) / 2
///     y_i = y_{i-1} + softplus(x_i)              i > m
///     y_i = y_{i+1} - softplus(x_i)              i < m
///
///     dx_m = sum of all dy
///     dx_i =  sigmoid(x_i) (dy_i + dy_{i+1} + ...)       i > m
///     dx_i = -sigmoid(x_i) (dy_i + dy_{i-1} + ...)       i < m
///
/// # Shapes
/// Input `[..., N Q]`, the Q numbers of one prediction side by side; the output's is the input's.
public struct IncrementalQuantiles<Element: Scalar>: StatelessLayer {
  /// How many quantiles a prediction has, Q.
  public let count: Int

  /// - Parameter count: how many quantiles a prediction has, Q, at least 1.
  public init(count: Int) {
    Self.require(Self.counts.contains(count), "IncrementalQuantiles: \(count) quantiles")
    self.count = count
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    count = try container.decode(Int.self, forKey: .count)
    try decoder.expect(Self.counts.contains(count), "\(count) quantiles")
  }

  private static var counts: ClosedRange<Int> { 1...(1 << 16) }
  private var middle: Int { (count - 1) / 2 }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds { input }

  /// The input.
  public func makeCache() -> Tensor<Element>? { nil }

  @specialized(where Element == Float)
  public func forward(
    _ input: Tensor<Element>, cache: inout Tensor<Element>?, in context: Context
  ) -> Tensor<Element> {
    Self.require(
      input.columns % count == 0,
      "IncrementalQuantiles: \(input.columns) features are not \(count) for each prediction")
    let input = input.zeroingPadding(in: context)
    if context.mode == .training { cache = input }
    var output = input
    output.withUnsafeMutableBufferPointer { y in
      for first in stride(from: 0, to: y.count, by: count) {
        let m = first + middle
        for i in (m + 1)..<max(m + 1, first + count) { y[i] = y[i - 1] + softplus(y[i]) }
        for i in (first..<m).reversed() { y[i] = y[i + 1] - softplus(y[i]) }
      }
    }
    return output
  }

  @specialized(where Element == Float)
  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Tensor<Element>?, in context: Context
  ) -> Tensor<Element> {
    guard let input = cache.take() else {
      fatalError("IncrementalQuantiles: backward without a forward in training before")
    }
    Self.require(
      gradient.shape == input.shape,
      "IncrementalQuantiles output gradient: expected \(input.shape), got \(gradient.shape)")
    var result = gradient.zeroingPadding(in: context)
    result.withUnsafeMutableBufferPointer { dx in
      input.withUnsafeBufferPointer { x in
        for first in stride(from: 0, to: dx.count, by: count) {
          let m = first + middle
          var (above, below): (Element, Element) = (0, 0)
          for i in ((m + 1)..<max(m + 1, first + count)).reversed() {
            above += dx[i]
            dx[i] = sigmoid(x[i]) * above
          }
          for i in first..<m {
            below += dx[i]
            dx[i] = -sigmoid(x[i]) * below
          }
          dx[m] += above + below
        }
      }
    }
    return result
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard let columns = input.last, columns % count == 0 else {
      throw ShapeError(Self.kind, expected: "[..., N * \(count)]", got: input)
    }
    return input
  }

  private func softplus(_ x: Element) -> Element {
    let x = Double(x)
    return Element(max(x, 0) + log1p(exp(-abs(x))))
  }

  private func sigmoid(_ x: Element) -> Element { Element(1 / (1 + exp(-Double(x)))) }
}

extension IncrementalQuantiles where Element == Float {
  /// - Parameter count: how many quantiles a prediction has, Q, at least 1.
  public init(count: Int) {
    Self.require(Self.counts.contains(count), "IncrementalQuantiles: \(count) quantiles")
    self.count = count
  }
}
