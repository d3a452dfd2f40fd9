import UnrollCore

/// How parameters follow their gradients.
public protocol Optimizer<Element>: Sendable {
  associatedtype Element: Scalar

  /// Moves every parameter of a model by its gradient.
  ///
  /// - Parameters:
  ///   - learningRate: the size of the move.
  ///   - threads: how many threads may work; the result does not depend on it.
  mutating func update<Model: Layer<Element>>(
    _ model: inout Model, learningRate: Double, threads: Int)
}

extension Parameter {
  /// Calls `body` with matching parts of the value, the gradient and some tensors of the same shape
  /// that an optimizer keeps, several parts at a time.
  mutating func update(
    with kept: inout [Tensor<Element>], threads: Int,
    _ body:
      @Sendable (
        _ count: Int, _ value: UnsafeMutablePointer<Element>, _ gradient: UnsafePointer<Element>,
        _ kept: [UnsafeMutablePointer<Element>]
      ) -> Void
  ) {
    // A gradient without memory is zero: nothing came back to this parameter.
    var gradient = gradient
    self.gradient = Tensor(shape: [0])
    defer { self.gradient = gradient }
    let count = value.count
    var pointers: [UnsafeMutablePointer<Element>] = []
    for i in kept.indices {
      kept[i].withUnsafeMutableBufferPointer { $0.baseAddress.map { pointers.append($0) } }
    }
    value.withUnsafeMutableBufferPointer { value in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let value = value.baseAddress, let gradient = gradient.baseAddress else { return }
        nonisolated(unsafe) let (v, g, k) = (value, gradient, pointers)
        forEachRangeConcurrently(count, threads: threads, grain: 1 << 14) { range in
          body(
            range.count, v + range.lowerBound, g + range.lowerBound, k.map { $0 + range.lowerBound }
          )
        }
      }
    }
  }
}
