import UnrollCore

/// Both ends of each stream: a sequence's summary by a ``Bidirectional`` layer, for a classifier.
///
///     y = [ a_{n-1} | b_0 ]        x_t = [ a_t | b_t ]        n = the length of the stream
///     da_t = the first half of dy where t = n - 1, else 0
///     db_t = the second half of dy where t = 0, else 0
///
/// The forward half is taken at the last step and the backward half at the first, where each has read
/// the whole sequence: PyTorch's `h_n` of both directions side by side, and what Keras gives without
/// `return_sequences`. A stream of length 0 gives zeros. The steps are those of one chunk: give each
/// sequence whole.
///
/// ```
/// Sequential(seed: 1) {
///   Embedding(vocabularySize: 1000, dimension: 64)
///   Bidirectional { LSTM(inputSize: 64, hiddenSize: 128) }
///   BothEnds()
///   DenseSoftmax(inputSize: 256, classes: 5)
/// }
/// ```
///
/// It belongs behind ``Bidirectional`` with its halves side by side; only layers that keep the features
/// apart, such as ``Dropout``, may stand between them. Elsewhere a stack with it is refused when it is
/// made. To add up or to average both ends, put ``LastStep`` inside
/// ``Bidirectional``.
///
/// # Shapes
/// Input `[T, B, 2 G]`, output `[B, 2 G]`.
public struct BothEnds<Element: Scalar>: StatelessLayer {
  public init() {}

  public var isCausal: Bool { false }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    switch input {
    case .given, .directions: return .pooled
    case .whole, .pooled:
      throw StackError(
        "BothEnds: no layer before it reads in both directions; put LastStep in its place")
    case .mixedDirections(let kind):
      throw StackError(
        "BothEnds: the halves of \(kind) are no longer apart; put it right behind \(kind) with "
          + "its halves side by side, or put LastStep inside \(kind), behind its last layer")
    }
  }

  /// The shape of the input.
  public func makeCache() -> [Int]? { nil }

  public func forward(
    _ input: Tensor<Element>, cache: inout [Int]?, in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, nil], axes: "TBF", of: "BothEnds input")
    Self.require(
      input.columns % 2 == 0,
      "BothEnds: \(input.columns) features are no two halves; expected the output [T, B, 2 G] of "
        + "Bidirectional")
    if context.mode == .training { cache = input.shape }
    let halves = input.reshaped([2 * input.rows, input.columns / 2])
    var output = Tensor<Element>(shape: [2 * input.shape[1], input.columns / 2])
    forEachEnd(of: input.shape, in: context) { end, step in
      output.setStep(end, to: halves.step(step))
    }
    return output.reshaped(Array(input.shape.dropFirst()))
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout [Int]?, in context: Context
  ) -> Tensor<Element> {
    guard let shape = cache.take() else {
      fatalError("BothEnds: backward without a forward in training before")
    }
    gradient.expectShape([shape[1], shape[2]], axes: "BF", of: "BothEnds output gradient")
    let ends = gradient.reshaped([2 * shape[1], shape[2] / 2])
    var halves = Tensor<Element>(shape: [2 * shape[0] * shape[1], shape[2] / 2])
    forEachEnd(of: shape, in: context) { end, step in halves.setStep(step, to: ends.step(end)) }
    return halves.reshaped(shape)
  }

  /// Where the two halves of each stream are: among those of the output, and among those of all
  /// steps. Half `h` of stream `b` at step `t` is number `2 (t B + b) + h`.
  private func forEachEnd(
    of shape: [Int], in context: Context, _ body: (_ end: Int, _ step: Int) -> Void
  ) {
    let (time, batch) = (shape[0], shape[1])
    for (b, length) in context.resolvedLengths(time: time, batch: batch).enumerated()
    where length > 0 {
      body(2 * b, 2 * ((length - 1) * batch + b))
      body(2 * b + 1, 2 * b + 1)
    }
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] % 2 == 0 else {
      throw ShapeError(Self.kind, expected: "[T, B, 2 G]", got: input)
    }
    return Array(input.dropFirst())
  }
}

extension BothEnds where Element == Float {
  public init() {}
}
