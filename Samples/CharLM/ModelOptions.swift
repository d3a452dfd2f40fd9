import ArgumentParser
import Unroll
import UnrollModels

extension Vocabulary.Unit: ExpressibleByArgument {}
extension LanguageModel.Cell: ExpressibleByArgument {}

/// What a model reads and writes, and what it is made of.
struct ModelOptions: ParsableArguments {
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

  @Option(help: "The cell of the recurrent layers.")
  var cell = LanguageModel.Cell.lstm

  @Option(parsing: .unconditional, help: "Hidden units of each recurrent layer.")
  var hidden = 128

  @Option(parsing: .unconditional, help: "Recurrent layers.")
  var layers = 2

  @Option(parsing: .unconditional, help: "The length of the vector of a character, byte or word.")
  var embedding = 64

  @Flag(
    help: """
      One weight for the embedding and the softmax; with a linear map between where --embedding and \
      --hidden differ.
      """)
  var tie = false

  @Flag(help: "A layer normalisation after each recurrent layer.")
  var layerNorm = false

  @Option(
    parsing: .unconditional, help: "The fraction of features dropped in training, 0 to below 1.")
  var dropout = 0.0

  @Option(
    parsing: .unconditional,
    help: "The fraction of hidden units that the next step does not see in training, 0 to below 1.")
  var recurrentDropout = 0.0

  var configuration: LanguageModel.Configuration {
    LanguageModel.Configuration(
      cell: cell, embedding: embedding, hidden: hidden, layers: layers, dropout: dropout,
      recurrentDropout: recurrentDropout, isTied: tie, hasLayerNorm: layerNorm)
  }

  var settings: [String: String] {
    [
      "--level": level.rawValue,
      "--vocabulary-size": vocabularySize.map { "\($0)" } ?? "all",
      "--cell": cell.rawValue, "--hidden": "\(hidden)", "--layers": "\(layers)",
      "--embedding": "\(embedding)", "--tie": "\(tie)", "--layer-norm": "\(layerNorm)",
      "--dropout": "\(dropout)", "--recurrent-dropout": "\(recurrentDropout)",
    ]
  }

  func validate() throws {
    try check("--hidden", hidden, in: 1...65536)
    try check("--layers", layers, in: 1...1000)
    try check("--embedding", embedding, in: 1...65536)
    try check(0..<1 ~= dropout, "--dropout is \(dropout); it must be in 0..<1")
    try check(
      0..<1 ~= recurrentDropout,
      "--recurrent-dropout is \(recurrentDropout); it must be in 0..<1")
    if let vocabularySize {
      try check(level == .word, "--vocabulary-size is for --level word")
      try check("--vocabulary-size", vocabularySize, in: 2...500_000)
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
