import UnrollCore

/// A vector for each word of sentences: one of the word, one made of its characters, and one of each of its features,
/// side by side (the characters read in both directions, Ling et al. 2015 and Lample et al. 2016).
///
///     y_t = [ W[word_t] | c(characters_t) | F_1[f_1t] | ... | F_K[f_Kt] ]
///
/// In training the word is taken for the unknown one, 0, with a probability, so that there is a vector for words that
/// were never seen, and the rest of the network learns to do with their characters. Each spelling is read once for a
/// batch.
///
/// ```
/// WordEmbedding(vocabularySize: 5000, dimension: 100, features: [(8, 4), (45, 16)], wordDropout: 0.05) {
///   Embedding(vocabularySize: 90, dimension: 25)
///   Bidirectional { LSTM(inputSize: 25, hiddenSize: 25) }
///   BothEnds()
/// }
/// ```
///
/// # Shapes
/// ``WordSequences`` of words `[T, B]` with K features; output `[T, B, E + G + E_1 + ... + E_K]`. The layers inside
/// take the characters of S spellings, `[C, S]`, and give `[S, G]`.
public struct WordEmbedding<Element: Scalar>: StatelessLayer {
  /// From the characters of spellings to a vector of each.
  public typealias Characters = Sequential<Tokens, Tensor<Element>, Element>

  /// `[V, E]`.
  public var words: Embedding<Element>
  /// What reads the characters.
  public var characters: Characters
  /// A table for each feature.
  public var features: [Embedding<Element>]
  /// How often a word is taken for the unknown one in training, in `[0, 1)`.
  public let wordDropout: Double

  /// - Parameters:
  ///   - vocabularySize: V, the number of words, the unknown one among them.
  ///   - dimension: E, the length of a word's vector.
  ///   - features: for each feature how many values it has, and the length of its vectors.
  ///   - wordDropout: how often a word is taken for the unknown one in training, in `[0, 1)`.
  ///   - characters: layers from characters to a vector of each spelling.
  public init(
    vocabularySize: Int, dimension: Int, features: [(count: Int, dimension: Int)] = [],
    wordDropout: Double = 0,
    @LayerBuilder<Element> characters: () -> LayerStack<Tokens, Tensor<Element>, Element>
  ) {
    self.init(vocabularySize, dimension, features, wordDropout, Characters(seed: nil, characters))
  }

  private init(
    _ vocabularySize: Int, _ dimension: Int, _ features: [(count: Int, dimension: Int)],
    _ wordDropout: Double, _ characters: Characters
  ) {
    Self.require(
      0..<1 ~= wordDropout, "WordEmbedding: the word dropout \(wordDropout) is not in 0..<1")
    words = Self.table(vocabularySize, dimension)
    self.features = features.map { Self.table($0.count, $0.dimension) }
    self.wordDropout = wordDropout
    self.characters = characters
    Self.require(
      characterSize > 0, "WordEmbedding: its layers must make one vector [S, G] of each spelling")
  }

  /// Vectors of a length of about 1.
  private static func table(_ count: Int, _ dimension: Int) -> Embedding<Element> {
    require(count > 0 && dimension > 0, "WordEmbedding: \(count) vectors of \(dimension)")
    let deviation = 1 / Double(dimension).squareRoot()
    return Embedding(weight: Parameter([count, dimension], .normal(standardDeviation: deviation)))
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    words = try container.decode(Embedding<Element>.self, forKey: .words)
    characters = try container.decode(Characters.self, forKey: .characters)
    features = try container.decode([Embedding<Element>].self, forKey: .features)
    wordDropout = try container.decode(Double.self, forKey: .wordDropout)
    try decoder.expect(
      0..<1 ~= wordDropout && characterSize > 0,
      "a word dropout of \(wordDropout), and layers that make no vectors of spellings")
  }

  /// G, the length of a spelling's vector; 0 where the layers make none.
  private var characterSize: Int {
    let shape = try? characters.outputShape(of: [1, 1])
    return shape?.count == 2 ? shape?.last ?? 0 : 0
  }

  /// The length of a word's whole vector.
  public var outputSize: Int { sizes.reduce(0, +) }

  private var sizes: [Int] {
    [words.weight.shape[1], characterSize] + features.map { $0.weight.shape[1] }
  }

  /// What forward keeps.
  public struct Cache: Sendable {
    var words: Tokens?
    var features: [Tokens?] = []
    var characters: Characters.Cache
    /// The spelling of each word, and the number of spellings and of characters.
    var spellings: Tokens?
    var characterCounts: [Int] = []
  }

  public func makeCache() -> Cache { Cache(characters: characters.makeCache()) }

  public func forward(
    _ input: WordSequences, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    if let problem = problem(of: input) { Self.require(false, "WordEmbedding: \(problem)") }
    let isTraining = context.mode == .training
    var state = characters.makeState(batch: input.characters.batch)
    let read = characters.forward(
      input.characters, state: &state, cache: &cache.characters,
      in: self.context(context, input.characterCounts))
    let rows = read.gathering(input.spellings.ids.map(Int.init))
    var parts = [
      words.forward(dropped(input.words, context), cache: &cache.words, in: context),
      rows.reshaped([input.time, input.batch, read.columns]),
    ]
    cache.features = Array(repeating: nil, count: features.count)
    for (k, table) in features.enumerated() {
      parts.append(table.forward(input.features[k], cache: &cache.features[k], in: context))
    }
    if isTraining {
      (cache.spellings, cache.characterCounts) = (input.spellings, input.characterCounts)
    }
    return Tensor.concatenatingColumns(parts)
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> NoGradient {
    guard let spellings = cache.spellings.take() else {
      fatalError("WordEmbedding: backward without a forward in training before")
    }
    gradient.expectShape(
      [spellings.time, spellings.batch, outputSize], axes: "TBE",
      of: "WordEmbedding output gradient")
    var (start, parts) = (0, [Tensor<Element>]())
    for size in sizes {
      parts.append(gradient.columns(start..<(start + size)))
      start += size
    }
    _ = words.backward(parts[0], cache: &cache.words, in: context)
    for k in features.indices {
      _ = features[k].backward(parts[2 + k], cache: &cache.features[k], in: context)
    }
    let counts = cache.characterCounts
    let read = Self.summing(parts[1], spellings, count: counts.count)
    var state = characters.zeros(like: characters.makeState(batch: counts.count))
    _ = characters.backward(
      read, state: &state, cache: &cache.characters, in: self.context(context, counts))
    return NoGradient()
  }

  /// The gradient of each spelling: the sum of those of its words.
  @specialized(where Element == Float)
  private static func summing(
    _ gradient: Tensor<Element>, _ spellings: Tokens, count: Int
  ) -> Tensor<Element> {
    let width = gradient.columns
    var sums = Tensor<Element>(shape: [count, width])
    sums.withUnsafeMutableBufferPointer { y in
      gradient.withUnsafeBufferPointer { x in
        // From the last position to the first, as all gradients are summed.
        for (position, id) in spellings.ids.enumerated().reversed() {
          let (to, from) = (Int(id) * width, position * width)
          for j in 0..<width { y[to + j] += x[from + j] }
        }
      }
    }
    return sums
  }

  /// The context of the layers that read characters: spellings are their streams.
  private func context(_ context: Context, _ characterCounts: [Int]) -> Context {
    var own = context.child(0)
    (own.lengths, own.restarts, own.firstStep) = (characterCounts, nil, 0)
    return own
  }

  /// The words, some of them taken for the unknown one.
  private func dropped(_ words: Tokens, _ context: Context) -> Tokens {
    guard context.mode == .training, wordDropout > 0 else { return words }
    let (random, drawn) = (context.random.child("words"), context.firstStep * words.batch)
    var dropped = words
    for i in dropped.ids.indices where random.uniform(drawn + i) < wordDropout {
      dropped.ids[i] = 0
    }
    return dropped
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try words.visitParameters { try visit("words.\($0)", &$1) }
    try characters.visitParameters { try visit("characters.\($0)", &$1) }
    for k in features.indices {
      try features[k].visitParameters { try visit("features.\(k).\($0)", &$1) }
    }
  }

  public var innerLayers: [[any Layer<Element>]] { [characters.layers] }
  public func ends(after input: SequenceEnds) throws -> SequenceEnds { .given }

  private func problem(of input: WordSequences) -> String? {
    guard input.features.count == features.count else {
      return "\(input.features.count) features of each word where there are \(features.count)"
    }
    for (name, tokens, table) in [("word", input.words, words)]
      + zip(input.features, features).map({ ("feature", $0, $1) })
    {
      let count = table.weight.shape[0]
      if let id = tokens.ids.first(where: { $0 < 0 || $0 >= count }) {
        return "the \(name) \(id) of \(count)"
      }
    }
    return nil
  }

  public func checkInput(_ input: WordSequences) throws {
    if let problem = problem(of: input) { throw InputError("WordEmbedding: \(problem)") }
    try characters.checkInput(input.characters)
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 2 else { throw ShapeError(Self.kind, expected: "[T, B]", got: input) }
    return input + [outputSize]
  }
}

extension WordEmbedding where Element == Float {
  /// A layer of single precision; see the other initializer.
  public init(
    vocabularySize: Int, dimension: Int, features: [(count: Int, dimension: Int)] = [],
    wordDropout: Double = 0,
    @LayerBuilder<Float> characters: () -> LayerStack<Tokens, Tensor<Float>, Float>
  ) {
    self.init(vocabularySize, dimension, features, wordDropout, Characters(seed: nil, characters))
  }
}
