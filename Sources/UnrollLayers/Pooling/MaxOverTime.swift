import UnrollCore

/// The largest value of each feature over the steps of each stream (Collobert et al. 2011).
///
///     y = max of x_t, t < n        dx_t = dy where t is the first step that has the maximum, else 0
///
/// n is the length of the stream; one of length 0 gives zeros. The steps are those of one chunk: give
/// each sequence whole.
///
/// # Shapes
/// Input `[T, B, F]`, output `[B, F]`.
public struct MaxOverTime<Element: Scalar>: StatelessLayer {
  public init() {}

  public var isCausal: Bool { false }
  public func ends(after input: SequenceEnds) throws -> SequenceEnds { .pooled }

  /// Where the maxima were.
  public struct Cache: Sendable {
    var shape: [Int]?
    /// The step of each maximum, `[B, F]`; -1 where there was none.
    var steps: [Int32] = []
  }

  public func makeCache() -> Cache { Cache() }

  @specialized(where Element == Float)
  public func forward(
    _ input: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, nil], axes: "TBF", of: "MaxOverTime input")
    let (time, batch, features) = (input.shape[0], input.shape[1], input.shape[2])
    let lengths = context.resolvedLengths(time: time, batch: batch)
    var steps = [Int32](repeating: -1, count: batch * features)
    var output = Tensor<Element>(shape: [batch, features])
    output.withUnsafeMutableBufferPointer { y in
      input.withUnsafeBufferPointer { x in
        for t in 0..<time {
          for b in 0..<batch where t < lengths[b] {
            for i in (b * features)..<((b + 1) * features) {
              let value = x[t * batch * features + i]
              // What is not a number is no maximum, but must not be lost.
              if t == 0 || value > y[i] || value.isNaN { (y[i], steps[i]) = (value, Int32(t)) }
            }
          }
        }
      }
    }
    if context.mode == .training { (cache.shape, cache.steps) = (input.shape, steps) }
    return output
  }

  @specialized(where Element == Float)
  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let shape = cache.shape.take() else {
      fatalError("MaxOverTime: backward without a forward in training before")
    }
    gradient.expectShape([shape[1], shape[2]], axes: "BF", of: "MaxOverTime output gradient")
    let steps = cache.steps
    cache.steps = []
    var result = Tensor<Element>(shape: shape)
    result.withUnsafeMutableBufferPointer { dx in
      gradient.withUnsafeBufferPointer { dy in
        for i in dy.indices where steps[i] >= 0 { dx[Int(steps[i]) * dy.count + i] = dy[i] }
      }
    }
    return result
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3 else {
      throw ShapeError(Self.kind, expected: "[T, B, F]", got: input)
    }
    return Array(input.dropFirst())
  }
}

extension MaxOverTime where Element == Float {
  public init() {}
}
