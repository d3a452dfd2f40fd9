import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers

@Suite("SequenceToSequence")
struct SequenceToSequenceTests {
  private typealias Network = SequenceToSequence<Double>

  /// Networks of every kind: with attention and without, one direction and two, states of one part
  /// and of two.
  private static let kinds = ["general", "additive", "dot", "state", "lstm"]

  private static func network<E: Scalar>(
    _ kind: String, as type: E.Type = E.self, dropout: Double = 0
  ) -> SequenceToSequence<E> {
    let score: AttentionScore? =
      switch kind {
      case "general": .general
      case "additive": .additive(size: 6)
      case "dot": .dot
      default: nil
      }
    var network = SequenceToSequence<E>(classes: 6, attention: score) {
      Embedding<E>(vocabularySize: 7, dimension: 3)
      if kind == "lstm" {
        LSTM<E>(inputSize: 3, hiddenSize: 8)
      } else {
        Bidirectional<E> { GRU<E>(inputSize: 3, hiddenSize: 4) }
      }
      if dropout > 0 { Dropout<E>(rate: dropout) }
    } decoder: {
      Embedding<E>(vocabularySize: 6, dimension: 2)
      if kind == "lstm" {
        LSTM<E>(inputSize: 2, hiddenSize: 5)
      } else {
        RNN<E>(inputSize: 2, hiddenSize: 8)
      }
    }
    network.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    return network
  }

  private static let lengths = (source: [4, 1, 3], target: [2, 5, 3])
  private static func ids(_ count: Int, below limit: Int, seed: UInt64) -> [Int32] {
    let random = RandomSource(seed: seed)
    return (0..<count).map { Int32(random.bits($0) % UInt64(limit)) }
  }
  private static let source = Tokens(time: 4, batch: 3, ids: ids(12, below: 7, seed: 2))
  private static let written = Tokens(time: 5, batch: 3, ids: ids(15, below: 6, seed: 3))
  private static let target = Tokens(time: 5, batch: 3, ids: ids(15, below: 6, seed: 4))
  private static let pair = SequencePair(
    source: source, sourceLengths: lengths.source, decoderInput: written)

  /// The loss, and the gradient of every parameter.
  private static func trained<E: Scalar>(
    _ network: SequenceToSequence<E>, _ pair: SequencePair, _ target: Tokens, _ context: Context
  ) -> (LossSum, [String: Tensor<E>]) {
    var (network, cache, state) = (network, network.makeCache(), ())
    let loss = network.loss(pair, of: target, state: &state, cache: &cache, in: context)
    _ = network.lossBackward(scale: 1, state: &state, cache: &cache, in: context)
    var gradients: [String: Tensor<E>] = [:]
    network.visitParameters { gradients[$0] = $1.gradient }
    return (loss, gradients)
  }

  @Test(
    "has the numerical gradients of its loss, from the decoder to the encoder", arguments: kinds)
  func gradients(kind: String) {
    let network: Network = Self.network(kind)
    let context = Context(lengths: Self.lengths.target, threads: 2)
    let (_, gradients) = Self.trained(network, Self.pair, Self.target, context)
    func loss(_ network: Network) -> Double {
      var (cache, state) = (network.makeCache(), ())
      return network.loss(
        Self.pair, of: Self.target, state: &state, cache: &cache,
        in: Context(.inference, lengths: Self.lengths.target, threads: 2)
      ).total
    }
    for (name, value) in network.parameters {
      let gradient = gradients[name] ?? value
      #expect(gradient.sumOfSquares() > 1e-8, "\(name)")
      for i in 0..<value.count {
        func moved(_ step: Double) -> Double {
          var copy = network
          copy.visitParameters { if $0 == name { $1.value[flat: i] += step } }
          return loss(copy)
        }
        let h = 3e-4
        let numerical = (8 * (moved(h) - moved(-h)) - moved(2 * h) + moved(-2 * h)) / (12 * h)
        #expect(abs(numerical - gradient[flat: i]) < 1e-9, "\(name) \(i)")
      }
    }
  }

  @Test("of a padded batch has the gradients of one pair at a time", arguments: kinds)
  func padding(kind: String) {
    let network: Network = Self.network(kind)
    let (loss, gradients) = Self.trained(
      network, Self.pair, Self.target, Context(lengths: Self.lengths.target, threads: 2))
    var (total, sums) = (0.0, gradients.mapValues { Tensor<Double>(shape: $0.shape) })
    for b in 0..<3 {
      func alone(_ tokens: Tokens, _ length: Int) -> Tokens {
        Tokens(
          time: length, batch: 1, ids: (0..<length).map { tokens.ids[$0 * tokens.batch + b] })
      }
      let (m, n) = (Self.lengths.source[b], Self.lengths.target[b])
      let one = Self.trained(
        network,
        SequencePair(source: alone(Self.source, m), decoderInput: alone(Self.written, n)),
        alone(Self.target, n), Context(threads: 1))
      total += one.0.total
      for (name, gradient) in one.1 { sums[name]? += gradient }
    }
    #expect(abs(total - loss.total) < 1e-12 && loss.count == 10)
    for (name, sum) in sums { #expect(difference(sum, gradients[name] ?? sum) < 1e-12, "\(name)") }
  }

  @Test("takes a stream without steps for none, on both sides")
  func emptyStreams() {
    let network: Network = Self.network("general")
    let full = Self.trained(
      network, Self.pair, Self.target, Context(lengths: Self.lengths.target)
    )
    func widened(_ tokens: Tokens) -> Tokens {
      var ids: [Int32] = []
      for t in 0..<tokens.time { ids += Array(tokens.ids[(t * 3)..<(t * 3 + 3)]) + [1] }
      return Tokens(time: tokens.time, batch: 4, ids: ids)
    }
    let more = Self.trained(
      network,
      SequencePair(
        source: widened(Self.source), sourceLengths: Self.lengths.source + [0],
        decoderInput: widened(Self.written)),
      widened(Self.target), Context(lengths: Self.lengths.target + [0]))
    #expect(full.0 == more.0)
    for (name, gradient) in full.1 {
      #expect(difference(gradient, more.1[name] ?? gradient) < 1e-14, "\(name)")
    }
  }

  @Test("written step by step has the probabilities of a target read at once", arguments: kinds)
  func decoding(kind: String) {
    let network: Network = Self.network(kind)
    let y = network(Self.pair, batch: 3)
    var decoding = network.decoding(of: Self.source, lengths: Self.lengths.source)
    for t in 0..<5 {
      let before = Array(Self.written.ids[(t * 3)..<(t * 3 + 3)])
      #expect(difference(network.next(after: before, &decoding), y.step(t)) < 1e-14)
      if t == 2 {
        // Streams go on in another order, and one twice.
        var other = network.gathering([2, 0, 2], of: decoding)
        let next = network.next(after: [1, 2, 3], &other)
        var own = decoding
        let same = network.next(after: [2, 5, 1], &own)
        #expect(next.step(1) == same.step(0) && next.step(0) == same.step(2))
        #expect(next.step(2) != same.step(2))
      }
    }
  }

  @Test("attends to steps that count, as much as its weights say")
  func weights() throws {
    let network: Network = Self.network("general")
    let weights = try #require(
      network.attentionWeights(
        Self.pair, in: Context(.inference, lengths: Self.lengths.target)))
    #expect(weights.shape == [5, 3, 4])
    for t in 0..<5 {
      for b in 0..<3 {
        let row = (0..<4).map { weights[t, b, $0] }
        #expect(row[Self.lengths.source[b]...].allSatisfy { $0 == 0 })
        #expect(abs(row.reduce(0, +) - (t < Self.lengths.target[b] ? 1 : 0)) < 1e-14)
      }
    }
    #expect(Self.network("state", as: Double.self).attentionWeights(Self.pair) == nil)
  }

  @Test("begins in a state that follows from all that was read")
  func summary() {
    for kind in ["state", "lstm"] {
      let network: Network = Self.network(kind)
      func first(_ source: Tokens) -> Tensor<Double> {
        var decoding = network.decoding(of: source)
        return network.next(after: [0], &decoding)
      }
      for place in 0..<4 {
        var other = Tokens(time: 4, batch: 1, ids: [1, 2, 3, 4])
        let before = first(other)
        other.ids[place] = 6
        #expect(difference(first(other), before) > 1e-4, "\(kind) \(place)")
      }
    }
  }

  @Test("of a file is what was written; parts that do not fit each other are refused")
  func files() throws {
    let network: SequenceToSequence<Float> = Self.network("general")
    let text = try ModelFile.architecture(of: network)
    func read(_ text: String) throws -> SequenceToSequence<Float> {
      var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: text])
      for (name, value) in network.parameters { writer.add(name, value) }
      return try ModelFile(data: writer.serialized()).model(
        SequenceToSequence<Float>.self, registry: .standard)
    }
    #expect(try read(text)(Self.pair, batch: 3) == network(Self.pair, batch: 3))
    // Other shapes in one place alone: the parts no longer fit each other.
    for (part, word) in [
      (("attention", "querySize", "8", "4"), "Attention"),
      (("combination", "shape", "[8,16]", "[8,15]"), "fit each other"),
      (("output", "shape", "[6,8]", "[6,7]"), "fit each other"),
    ] {
      let (key, _, old, new) = part
      let start = try #require(text.range(of: "\"\(key)\":"))
      let place = try #require(text.range(of: old, range: start.upperBound..<text.endIndex))
      let changed = text.replacingCharacters(in: place, with: new)
      let error = #expect(throws: ModelFileError.self) { try read(changed) }
      #expect(error?.reason.contains(word) == true, "\(String(describing: error))")
    }
    for key in ["attention", "combination"] {
      let changed = text.replacing("\"\(key)\":", with: "\"\(key)s\":")
      #expect(throws: ModelFileError.self) { try read(changed) }
    }
  }
}

@Suite("Scheduled sampling")
struct ScheduledSamplingTests {
  private static func network() -> SequenceToSequence<Float> {
    var network = SequenceToSequence<Float>(classes: 4) {
      Embedding(vocabularySize: 3, dimension: 2)
      GRU(inputSize: 2, hiddenSize: 6)
    } decoder: {
      Embedding(vocabularySize: 4, dimension: 2)
      GRU(inputSize: 2, hiddenSize: 5)
    }
    network.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    return network
  }

  private static func pair(
    _ written: Int32, batch: Int = 40, time: Int = 6, sampling: Double
  ) -> SequencePair {
    SequencePair(
      source: Tokens(time: 2, batch: batch, ids: (0..<(2 * batch)).map { Int32($0 % 3) }),
      decoderInput: Tokens(
        time: time, batch: batch,
        ids: (0..<(time * batch)).map { $0 < batch ? 3 : written }),
      sampling: sampling)
  }

  private static func output(
    _ pair: SequencePair, mode: Context.Mode = .training, seed: UInt64 = 1, threads: Int = 1
  ) -> Tensor<Float> {
    let network = network()
    var (state, cache): (Void, SequenceToSequence<Float>.Cache) = ((), network.makeCache())
    return network.forward(
      pair, state: &state, cache: &cache,
      in: Context(mode, threads: threads, random: RandomSource(seed: seed)))
  }

  @Test("with a probability of 0, and in inference, is teacher forcing")
  func never() {
    let plain = Self.output(Self.pair(1, sampling: 0))
    #expect(Self.output(Self.pair(1, sampling: 0), seed: 2) == plain)
    #expect(
      Self.output(Self.pair(1, sampling: 1), mode: .inference)
        == Self.output(Self.pair(1, sampling: 0), mode: .inference))
  }

  @Test("with a probability of 1 reads nothing of the target but the beginning")
  func always() {
    let drawn = Self.output(Self.pair(1, sampling: 1))
    #expect(Self.output(Self.pair(2, sampling: 1)) == drawn)
    #expect(Self.output(Self.pair(1, sampling: 1), seed: 2) != drawn)
    #expect(Self.output(Self.pair(1, sampling: 1), threads: 3) == drawn)
    // The first step reads the beginning in any case.
    #expect(drawn.step(0) == Self.output(Self.pair(1, sampling: 0)).step(0))
  }

  @Test("reads what the network would have written, as often as it would have")
  func frequencies() {
    let (network, batch) = (Self.network(), 6000)
    // All streams read the same: what they draw at the first step are draws of one distribution.
    let pair = SequencePair(
      source: Tokens(time: 1, batch: batch, ids: Array(repeating: 1, count: batch)),
      decoderInput: Tokens(
        time: 2, batch: batch,
        ids: Array(repeating: 3, count: batch) + Array(repeating: 0, count: batch)),
      sampling: 0.6)
    let output = Self.output(pair).step(1)
    // What comes after each symbol tells which one was read.
    var (counts, expected) = ([0, 0, 0, 0], [Tensor<Float>]())
    var first = network.decoding(of: Tokens(time: 1, batch: 1, ids: [1]))
    let probabilities = network.next(after: [3], &first).exp().scalars
    for symbol in 0..<4 {
      var copy = first
      expected.append(network.next(after: [Int32(symbol)], &copy).step(0))
    }
    for b in 0..<batch {
      let row = output.step(b)
      let nearest = expected.indices.min {
        difference(expected[$0], row) < difference(expected[$1], row)
      }
      counts[nearest ?? 0] += 1
    }
    for symbol in 0..<4 {
      let p = 0.6 * Double(probabilities[symbol]) + (symbol == 0 ? 0.4 : 0)
      let deviation = (Double(batch) * p * (1 - p)).squareRoot()
      #expect(
        abs(Double(counts[symbol]) - Double(batch) * p) < 4 * deviation,
        "\(symbol): \(counts[symbol]) of \(Double(batch) * p)")
    }
  }
}
