import UnrollCore

/// The last step of each stream: a sequence's summary by the layer that read it, for a classifier.
///
///     y = x_{n-1}        dx_t = dy where t = n - 1, else 0        n = the length of the stream
///
/// A stream of length 0 gives zeros. The steps are those of one chunk: give each sequence whole.
///
/// It belongs behind a layer that reads forward. Behind ``Bidirectional`` the last step is no summary:
/// the backward half has seen that one step only. There a stack with it is refused when it is made,
/// also with layers between them that change each step by itself, such as ``Dropout`` and ``Dense``; a
/// model of a file, which has learned with it, is loaded all the same. ``BothEnds`` is what belongs there.
///
/// ```
/// Sequential(seed: 1) {
///   Embedding(vocabularySize: 1000, dimension: 64)
///   LSTM(inputSize: 64, hiddenSize: 128)
///   LastStep()
///   DenseSoftmax(inputSize: 128, classes: 5)
/// }
/// ```
///
/// # Shapes
/// Input `[T, B, F]`, output `[B, F]`.
public struct LastStep<Element: Scalar>: StatelessLayer {
  public init() {}

  public var isCausal: Bool { false }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    switch input {
    case .given, .whole, .pooled: return .pooled
    case .directions(let kind):
      throw StackError(
        "LastStep: the backward half of \(kind) has seen only one step there; put BothEnds in its "
          + "place, or MeanOverTime or MaxOverTime")
    case .mixedDirections(let kind):
      throw StackError(
        "LastStep: the backward half of \(kind) has seen only one step there; put LastStep inside "
          + "\(kind), behind its last layer, or MeanOverTime or MaxOverTime in its place")
    }
  }

  /// The shape of the input.
  public func makeCache() -> [Int]? { nil }

  public func forward(
    _ input: Tensor<Element>, cache: inout [Int]?, in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, nil], axes: "TBF", of: "LastStep input")
    let (time, batch, features) = (input.shape[0], input.shape[1], input.shape[2])
    if context.mode == .training { cache = input.shape }
    let rows = input.reshaped([time * batch, features])
    var output = Tensor<Element>(shape: [batch, features])
    for (b, length) in context.resolvedLengths(time: time, batch: batch).enumerated()
    where length > 0 {
      output.setStep(b, to: rows.step((length - 1) * batch + b))
    }
    return output
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout [Int]?, in context: Context
  ) -> Tensor<Element> {
    guard let shape = cache.take() else {
      fatalError("LastStep: backward without a forward in training before")
    }
    let (time, batch, features) = (shape[0], shape[1], shape[2])
    gradient.expectShape([batch, features], axes: "BF", of: "LastStep output gradient")
    var rows = Tensor<Element>(shape: [time * batch, features])
    for (b, length) in context.resolvedLengths(time: time, batch: batch).enumerated()
    where length > 0 {
      rows.setStep((length - 1) * batch + b, to: gradient.step(b))
    }
    return rows.reshaped(shape)
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3 else {
      throw ShapeError(Self.kind, expected: "[T, B, F]", got: input)
    }
    return Array(input.dropFirst())
  }
}

extension LastStep where Element == Float {
  public init() {}
}
