import Foundation
import UnrollCore
import UnrollLayers
import UnrollText

/// How the next character, byte or word is chosen from the model's distribution.
public struct Sampling: Sendable, Equatable {
  /// Log-probabilities are divided by it: below 1 the likely becomes likelier; 0 always takes the
  /// likeliest. At least 0.
  public var temperature: Double
  /// Only so many of the likeliest are considered; `nil` for all.
  public var topK: Int?
  /// Only the likeliest that together reach this probability are considered (Holtzman et
  /// al. 2020), in `(0, 1]`; `nil` for all.
  public var topP: Double?

  public init(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }

  /// The index that a number, uniform in `[0, 1)`, chooses.
  ///
  /// - Parameter excluded: an index that is never chosen.
  public func choose(
    from logProbabilities: [Float], uniform: Double, excluding excluded: Int? = nil
  ) -> Int {
    var order = logProbabilities.indices.filter { $0 != excluded }
    let best = order.max { logProbabilities[$0] < logProbabilities[$1] } ?? 0
    guard temperature > 0 else { return best }
    let top = Double(logProbabilities[best])
    func weight(_ i: Int) -> Double { exp((Double(logProbabilities[i]) - top) / temperature) }
    if topK != nil || topP != nil {
      order.sort { (logProbabilities[$0], $1) > (logProbabilities[$1], $0) }
      if let topK { order = Array(order.prefix(topK)) }
      if let topP { order = nucleus(order, order.map(weight), topP) }
    }
    let weights = order.map(weight)
    var rest = uniform * weights.reduce(0, +)
    for (index, weight) in zip(order, weights) {
      rest -= weight
      if rest < 0 { return index }
    }
    return best
  }

  /// The shortest beginning of a sorted list whose weights reach a part of the whole.
  private func nucleus(_ order: [Int], _ weights: [Double], _ part: Double) -> [Int] {
    let whole = weights.reduce(0, +)
    var sum = 0.0
    let count = weights.firstIndex {
      sum += $0
      return sum >= part * whole
    }
    return Array(order.prefix((count ?? order.count - 1) + 1))
  }
}

extension LanguageModel {
  /// A distribution that is none: the weights of the model are not numbers, or too large.
  public struct NotFinite: Error, CustomStringConvertible {
    public init() {}

    public var description: String {
      "the model's probabilities are not numbers: its weights are not finite, or too large"
    }
  }

  /// Writes text, a character, byte or word at a time, at a cost for each that does not grow.
  /// It never writes `<unk>`, unless there is nothing else.
  ///
  /// It ends where the model's probabilities are no longer numbers: see ``hasFailed``.
  ///
  /// It is a value: a copy goes on from the same place.
  public struct Generator: Sequence, IteratorProtocol, Sendable {
    private let model: LanguageModel
    private let sampling: Sampling
    private var random: RandomStream
    private var stepper: Stepper<Tokens, Float>
    private var logProbabilities: [Float] = []
    private var decoder: StreamingDecoder

    init(
      _ model: LanguageModel, _ sampling: Sampling, seed: UInt64, after written: [Int32],
      _ weights: WeightPrecision, threads: Int
    ) {
      self.model = model
      self.sampling = sampling
      random = RandomStream(RandomSource(seed: seed).child("sampling"))
      stepper = Stepper(
        model.network, batch: 1, in: Context(.inference, weights: weights, threads: threads))
      decoder = StreamingDecoder(model.vocabulary)
      // A word's space depends on what was before it.
      for id in written { _ = decoder.append(id) }
      read(written.isEmpty ? model.beginning : written)
    }

    /// The distribution of what comes next: a log-probability for each id of the vocabulary.
    public var distribution: [Float] { logProbabilities }

    /// Goes on as if these ids had been written.
    private mutating func read(_ ids: [Int32]) {
      for id in ids {
        stepper.withStep([id]) { output in
          logProbabilities.removeAll(keepingCapacity: true)
          logProbabilities.append(
            contentsOf: UnsafeBufferPointer(start: output.base, count: output.columns))
        }
      }
    }

    /// Whether the model's probabilities are not numbers: there is nothing more to be written.
    public var hasFailed: Bool {
      let most = logProbabilities.max() ?? -.infinity
      return !most.isFinite || logProbabilities.contains { $0.isNaN }
    }

    /// The next character; or word, with the space before it, if one belongs there. For a
    /// vocabulary of bytes it is empty while a character is unfinished.
    public mutating func next() -> String? {
      nextID().map { decoder.append($0) }
    }

    /// The bytes of what comes next: those of its UTF-8, or for a vocabulary of bytes the byte itself,
    /// whether it makes text or not. Call either this or ``next()``.
    public mutating func nextBytes() -> [UInt8]? {
      nextID().map { decoder.appendBytes($0) }
    }

    private mutating func nextID() -> Int32? {
      guard !hasFailed else { return nil }
      let unknown = model.vocabulary.hasUnknown ? 0 : nil
      let id = Int32(
        sampling.choose(from: logProbabilities, uniform: random.uniform(), excluding: unknown))
      read([id])
      return id
    }
  }

  /// A generator that goes on from a prompt; without one, from the beginning of a line.
  ///
  /// - Parameters:
  ///   - weights: how the weights are kept meanwhile. With `.int8` a large model writes some times faster;
  ///     its probabilities are not quite the same.
  ///   - threads: how many may share a product with large weights. The text does not depend on it.
  /// - Throws: ``VocabularyError`` for a character or word of the prompt that the model
  ///   does not know, unless it knows `<unk>`; ``NotFinite`` for a model that diverged.
  public func generate(
    prompt: String = "", sampling: Sampling = Sampling(), seed: UInt64 = 1,
    weights: WeightPrecision = .full, threads: Int = 1
  ) throws -> Generator {
    let generator = Generator(
      self, sampling, seed: seed, after: try vocabulary.encode(prompt), weights,
      threads: threads)
    if generator.hasFailed { throw NotFinite() }
    return generator
  }

  /// What is read before a text that begins: the end of a line.
  var beginning: [Int32] {
    (try? vocabulary.encode("\n")) ?? [Int32(vocabulary.count - 1)]
  }
}
