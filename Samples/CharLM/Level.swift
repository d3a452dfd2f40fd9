import ArgumentParser
import Unroll
import UnrollModels

extension Vocabulary.Unit: ExpressibleByArgument {}

/// What a model reads and writes.
struct Level: ParsableArguments {
  @Option(
    help: """
      What is predicted: the next character, the next byte of UTF-8, or the next word (or punctuation \
      mark, or line end).
      """)
  var level = Vocabulary.Unit.character

  @Option(
    parsing: .unconditional,
    help: """
      With --level word, the most words to know. Those that are rarer, or occur once, are <unk>. \
      (default: 10000)
      """)
  var vocabularySize: Int?

  func validate() throws {
    guard let vocabularySize else { return }
    guard level == .word else {
      throw ValidationError("--vocabulary-size is for --level word")
    }
    guard (2...500_000).contains(vocabularySize) else {
      throw ValidationError(
        "--vocabulary-size is \(vocabularySize); it must be at least 2 and at most 500000")
    }
  }

  func vocabulary(of text: String) throws -> Vocabulary {
    switch level {
    case .character, .byte: try Vocabulary(text, unit: level)
    case .word:
      try Vocabulary(words: text, maximumSize: vocabularySize ?? 10_000, minimumCount: 2)
    }
  }

  /// Splits a text; where it is too short, the error says what of.
  func split(
    _ ids: [Int32], _ split: TextSplit, fraction: Double, batchSize: Int, chunkLength: Int
  ) throws -> (training: TextStreams, validation: TextStreams?) {
    do {
      return try split.split(
        ids, fraction: fraction, batchSize: batchSize, chunkLength: chunkLength)
    } catch var error as TextStreamsError {
      error.unit = level
      throw error
    }
  }
}

extension Vocabulary {
  /// What a text of these ids is made of, in a few words.
  func summary(of ids: [Int32]) -> String {
    guard hasUnknown else { return "\(ids.count) \(unit)s, \(count) different" }
    let unknown = 100 * Double(ids.count { $0 == 0 }) / Double(max(1, ids.count))
    return "\(ids.count) \(unit)s, \(count) in the vocabulary, \(unknown.fixed(1))% <unk>"
  }

  /// A loss in nats, as it is usual to give it.
  func described(loss: Double) -> String {
    let evaluation = LanguageModel.Evaluation(tokens: 1, nats: loss)
    return switch unit {
    case .character, .byte:
      "\(loss.fixed(4)) nats, \(evaluation.bits.fixed(4)) bits per \(unit)"
    case .word: "\(loss.fixed(4)) nats, perplexity \(evaluation.perplexity.fixed(1)) per word"
    }
  }

  /// How well counts of single ids and of pairs predict what the model is to be held against.
  func baselines(_ training: TextStreams, _ validation: TextStreams) -> String {
    let (unigram, bigram) = BigramModel(counting: training, vocabularySize: count)
      .losses(over: validation)
    return """
      to be beaten on the part kept for validation:
        unigrams  \(described(loss: unigram.mean))
        bigrams   \(described(loss: bigram.mean))
      """
  }
}
