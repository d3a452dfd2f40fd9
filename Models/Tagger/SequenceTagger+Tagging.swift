import UnrollCore
import UnrollLayers

extension SequenceTagger {
  /// The tags of the words of a sentence, and how sure they are.
  public struct Tagging: Sendable, Equatable {
    public var tags: [String]
    /// The logarithm of the probability of all of them together.
    public var logProbability: Double

    public init(tags: [String], logProbability: Double) {
      (self.tags, self.logProbability) = (tags, logProbability)
    }
  }

  /// What is tagged at once.
  private static let batch = 64

  /// The best tags of each sentence.
  ///
  /// - Precondition: sentences with the columns that the tagger was trained with.
  public func tags(
    of sentences: [TaggedSentence], threads: Int = Threads.default
  ) -> [[String]] {
    taggings(of: sentences, threads: threads).map { $0.first?.tags ?? [] }
  }

  /// The best ways to tag each sentence, best first.
  ///
  /// - Parameter count: how many, at least 1; there are fewer where fewer are possible, and one where the network does
  ///   not end in a ``ConditionalRandomField``. A sentence without words has one, without tags.
  /// - Precondition: sentences with the columns that the tagger was trained with.
  public func taggings(
    of sentences: [TaggedSentence], count: Int = 1, threads: Int = Threads.default
  ) -> [[Tagging]] {
    var taggings = [[Tagging]](repeating: [], count: sentences.count)
    // Sentences of a similar length together: less is padded.
    let order = sentences.indices.sorted {
      (sentences[$0].words.count, $0) < (sentences[$1].words.count, $1)
    }
    for start in stride(from: 0, to: order.count, by: Self.batch) {
      let places = order[start..<min(start + Self.batch, order.count)]
      let encoded = places.map { vocabulary.encode(sentences[$0]) }
      let paths = paths(of: encoded, count: count, threads: threads)
      for (place, paths) in zip(places, paths) {
        taggings[place] = paths.map {
          Tagging(tags: vocabulary.tags(of: $0.labels), logProbability: $0.logProbability)
        }
      }
    }
    return taggings
  }

  private func paths(
    of sentences: [TaggerVocabulary.Encoded], count: Int, threads: Int
  ) -> [[LabelPath]] {
    let input = WordSequences(
      sentences, features: vocabulary.featureCounts.count, batch: sentences.count)
    let context = Context(
      .inference, lengths: sentences.map(\.words.count), threads: threads)
    guard let field = network.layers.last as? ConditionalRandomField<Float>,
      let body = try? Network(layers: network.layers.dropLast(), seed: nil)
    else { return likeliest(network, input, context) }
    var (state, cache) = (body.makeState(batch: input.batch), body.makeCache())
    let output = body.forward(input, state: &state, cache: &cache, in: context)
    return field.bestPaths(of: output, count: count, in: context)
  }

  /// The likeliest label of each word by itself.
  private func likeliest(
    _ network: Network, _ input: WordSequences, _ context: Context
  ) -> [[LabelPath]] {
    var (state, cache) = (network.makeState(batch: input.batch), network.makeCache())
    let output = network.forward(input, state: &state, cache: &cache, in: context)
    return context.resolvedLengths(time: input.time, batch: input.batch).enumerated().map {
      b, length in
      var path = LabelPath(labels: [], logProbability: 0)
      for t in 0..<length {
        var best = 0
        for l in 1..<max(1, output.columns) where output[t, b, l] > output[t, b, best] { best = l }
        path.labels.append(Int32(best))
        path.logProbability += Double(output[t, b, best])
      }
      return [path]
    }
  }
}
