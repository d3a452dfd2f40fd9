import UnrollCore

/// The mean of the steps of each stream.
///
///     y = 1/n sum of x_t, t < n        dx_t = dy / n where t < n, else 0
///
/// n is the length of the stream; one of length 0 gives zeros. The steps are those of one chunk: give
/// each sequence whole.
///
/// # Shapes
/// Input `[T, B, F]`, output `[B, F]`.
public struct MeanOverTime<Element: Scalar>: StatelessLayer {
  public init() {}

  public var isCausal: Bool { false }
  public func ends(after input: SequenceEnds) throws -> SequenceEnds { .pooled }

  /// The shape of the input.
  public func makeCache() -> [Int]? { nil }

  public func forward(
    _ input: Tensor<Element>, cache: inout [Int]?, in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, nil], axes: "TBF", of: "MeanOverTime input")
    if context.mode == .training { cache = input.shape }
    let lengths = context.resolvedLengths(time: input.shape[0], batch: input.shape[1])
    return dividing(input.zeroingPadding(in: context).sum(overAxis: 0), by: lengths)
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout [Int]?, in context: Context
  ) -> Tensor<Element> {
    guard let shape = cache.take() else {
      fatalError("MeanOverTime: backward without a forward in training before")
    }
    gradient.expectShape([shape[1], shape[2]], axes: "BF", of: "MeanOverTime output gradient")
    let share = dividing(gradient, by: context.resolvedLengths(time: shape[0], batch: shape[1]))
    var result = Tensor<Element>(uninitialized: shape) { _ in }
    for t in 0..<shape[0] { result.setStep(t, to: share) }
    return result.zeroingPadding(in: context)
  }

  /// The row of each stream over its length; of a stream without steps, as it is.
  @specialized(where Element == Float)
  private func dividing(_ rows: Tensor<Element>, by lengths: [Int]) -> Tensor<Element> {
    let features = rows.columns
    return Tensor(uninitialized: rows.shape) { y in
      rows.withUnsafeBufferPointer { x in
        for (b, length) in lengths.enumerated() {
          let n = Element(max(length, 1))
          for i in (b * features)..<((b + 1) * features) { y[i] = x[i] / n }
        }
      }
    }
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3 else {
      throw ShapeError(Self.kind, expected: "[T, B, F]", got: input)
    }
    return Array(input.dropFirst())
  }
}

extension MeanOverTime where Element == Float {
  public init() {}
}
