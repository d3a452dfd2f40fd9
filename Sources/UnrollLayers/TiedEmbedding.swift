import UnrollCore

/// A language model whose embedding and softmax are one weight, with layers between them (Press and
/// Wolf 2017; Inan, Khosravi and Socher 2017).
///
///     x_t = W[id_t]        h = f(x)        y_t = log softmax(W h_t + b)
///     dW = that of the softmax + that of the embedding        db, dh as in DenseSoftmax
///
/// It saves V E numbers, and a token seen as a target trains its vector as an input.
///
/// ```
/// let model = Sequential(seed: 1) {
///   TiedEmbedding(vocabularySize: 65, dimension: 128) {
///     LSTM(inputSize: 128, hiddenSize: 128)
///   }
/// }
/// ```
///
/// # Shapes
/// Input: tokens `[T, B]`; the layers inside take and give `[T, B, E]`; output: log-probabilities
/// `[T, B, V]`. `weight [V, E]` begins normal, of deviation `1 / sqrt(E)`, `bias [V]` at zero.
public struct TiedEmbedding<Element: Scalar>: LossLayer {
  /// The layers inside.
  public typealias Inner = Sequential<Tensor<Element>, Tensor<Element>, Element>

  /// The softmax, which has the one weight, `[V, E]`.
  public var output: DenseSoftmax<Element>
  /// The layers inside.
  public var inner: Inner

  /// - Parameters:
  ///   - vocabularySize: V, the number of tokens.
  ///   - dimension: E, the length of a vector, and the number of features that the layers inside
  ///     give.
  public init(
    vocabularySize: Int, dimension: Int,
    @LayerBuilder<Element> _ build: () -> LayerStack<Tensor<Element>, Tensor<Element>, Element>
  ) {
    Self.require(
      vocabularySize > 0 && dimension > 0,
      "TiedEmbedding: vocabularySize \(vocabularySize), dimension \(dimension)")
    output = DenseSoftmax(inputSize: dimension, classes: vocabularySize)
    output.dense.weight.initializer = .normal(standardDeviation: 1 / Double(dimension).squareRoot())
    inner = Inner(seed: nil, build)
    do {
      _ = try outputShape(of: [1, 1])
    } catch {
      fatalError("\(error)")
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    output = try container.decode(DenseSoftmax<Element>.self, forKey: .output)
    inner = try container.decode(Inner.self, forKey: .inner)
    do {
      _ = try outputShape(of: [1, 1])
    } catch let error as ShapeError {
      try decoder.expect(false, error.description)
    }
  }

  /// V, the number of tokens.
  public var vocabularySize: Int { output.classes }
  /// E, the length of a token's vector.
  public var dimension: Int { output.inputSize }

  /// What the embedding, the layers inside and the softmax keep.
  public struct Cache: Sendable {
    var tokens: Tokens?
    var inner: Inner.Cache
    var output: DenseSoftmax<Element>.Cache
  }

  public var isCausal: Bool { inner.isCausal }
  public func makeState(batch: Int) -> Inner.State { inner.makeState(batch: batch) }

  public func makeCache() -> Cache {
    Cache(inner: inner.makeCache(), output: output.makeCache())
  }

  public func forward(
    _ input: Tokens, state: inout Inner.State, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    let hidden = hidden(input, &state, &cache, context)
    var none: Void = ()
    return output.forward(hidden, state: &none, cache: &cache.output, in: context)
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Inner.State, cache: inout Cache, in context: Context
  ) -> NoGradient {
    var none: Void = ()
    let dh = output.backward(gradient, state: &none, cache: &cache.output, in: context)
    return hiddenBackward(dh, &state, &cache, context)
  }

  public func loss(
    _ input: Tokens, of targets: Tokens, state: inout Inner.State, cache: inout Cache,
    in context: Context
  ) -> LossSum {
    let hidden = hidden(input, &state, &cache, context)
    var none: Void = ()
    return output.loss(hidden, of: targets, state: &none, cache: &cache.output, in: context)
  }

  public mutating func lossBackward(
    scale: Double, state: inout Inner.State, cache: inout Cache, in context: Context
  ) -> NoGradient {
    var none: Void = ()
    let dh = output.lossBackward(
      scale: scale, state: &none, cache: &cache.output, in: context)
    return hiddenBackward(dh, &state, &cache, context)
  }

  /// `h = f(W[id])`.
  private func hidden(
    _ input: Tokens, _ state: inout Inner.State, _ cache: inout Cache, _ context: Context
  ) -> Tensor<Element> {
    let vectors = Embedding(weight: output.dense.weight)
      .forward(input, cache: &cache.tokens, in: context)
    let hidden = inner.forward(
      vectors, state: &state, cache: &cache.inner, in: context.child(0))
    Self.require(
      hidden.shape == vectors.shape,
      "TiedEmbedding: the layers inside make \(hidden.shape) of \(vectors.shape); they must give "
        + "[T, B, E \(dimension)]")
    return hidden
  }

  /// Takes the gradient of h back to the weight, as an embedding.
  private mutating func hiddenBackward(
    _ gradient: Tensor<Element>, _ state: inout Inner.State, _ cache: inout Cache,
    _ context: Context
  ) -> NoGradient {
    let dx = inner.backward(
      gradient, state: &state, cache: &cache.inner, in: context.child(0))
    // The weight moves to the embedding and back: held twice, its gradient would be copied.
    var embedding = Embedding<Element>(weight: Parameter([0, 0], .zeros))
    swap(&embedding.weight, &output.dense.weight)
    defer { swap(&embedding.weight, &output.dense.weight) }
    return embedding.backward(dx, cache: &cache.tokens, in: context)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try output.visitParameters(visit)
    try inner.visitParameters { try visit("inner.\($0)", &$1) }
  }

  public func visitState(
    _ state: inout Inner.State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try inner.visitState(&state, visit)
  }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    try inner.ends(after: input).mixingFeatures
  }

  public func checkState(_ state: Inner.State) throws { try inner.checkState(state) }

  public var innerLayers: [[any Layer<Element>]] { [inner.layers] }

  public func checkInput(_ input: Tokens) throws {
    try input.check(vocabularySize: vocabularySize)
    try checkInputShape(input)
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 2 else {
      throw ShapeError(Self.kind, expected: "tokens [T, B]", got: input)
    }
    let hidden = try inner.boundedOutputShape(of: input + [dimension])
    guard hidden == input + [dimension] else {
      throw ShapeError(
        Self.kind, expected: "layers inside that give [T, B, \(dimension)]", got: hidden)
    }
    return input + [vocabularySize]
  }
}
