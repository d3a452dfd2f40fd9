import Unroll

/// What is read, and what has been written so far.
struct Pair: Signal {
  typealias Gradient = NoGradient
  let source, target: Tokens
}

/// A sequence for a sequence, by state alone: the decoder begins in the state in which the encoder ends.
struct StateHandover<Element: Scalar>: StatelessLayer {
  typealias Network = Sequential<Tokens, Tensor<Element>, Element>
  var encoder, decoder: Network

  init(symbols: Int, hidden: Int) {
    encoder = Network(seed: nil) {
      Embedding(vocabularySize: symbols, dimension: hidden)
      GRU(inputSize: hidden, hiddenSize: hidden)
    }
    decoder = Network(seed: nil) {
      Embedding(vocabularySize: symbols, dimension: hidden)
      GRU(inputSize: hidden, hiddenSize: hidden)
      DenseSoftmax(inputSize: hidden, classes: symbols)
    }
  }

  struct Cache: Sendable {
    var encoder, decoder: Network.Cache
    var encoded: [Int] = []
  }
  func makeCache() -> Cache { Cache(encoder: encoder.makeCache(), decoder: decoder.makeCache()) }

  func forward(_ x: Pair, cache: inout Cache, in context: Context) -> Tensor<Element> {
    var read = encoder.makeState(batch: x.source.batch)
    let encoded = encoder.forward(
      x.source, state: &read, cache: &cache.encoder, in: context.child(0))
    cache.encoded = encoded.shape
    var written = decoder.makeState(batch: x.source.batch)
    written[1, as: GRU<Element>.self] = read[1, as: GRU<Element>.self]
    return decoder.forward(x.target, state: &written, cache: &cache.decoder, in: context.child(1))
  }

  mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> NoGradient {
    var (read, written) = (
      encoder.makeState(batch: gradient.shape[1]), decoder.makeState(batch: gradient.shape[1])
    )
    _ = decoder.backward(gradient, state: &written, cache: &cache.decoder, in: context.child(1))
    read[1, as: GRU<Element>.self] = written[1, as: GRU<Element>.self]
    let none = Tensor<Element>(shape: cache.encoded)
    return encoder.backward(none, state: &read, cache: &cache.encoder, in: context.child(0))
  }

  mutating func visitParameters(_ visit: (String, inout Parameter<Element>) throws -> Void) rethrows
  {
    try encoder.visitParameters { try visit("encoder.\($0)", &$1) }
    try decoder.visitParameters { try visit("decoder.\($0)", &$1) }
  }
}
