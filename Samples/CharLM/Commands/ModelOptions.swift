import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

extension Vocabulary.Unit: @retroactive ExpressibleByArgument {}

/// What a model reads and writes, and what it is made of.
struct ModelOptions: ParsableArguments {
  @Option(
    help: """
      What is predicted: the next character, the next byte, whatever the text is made of, or the next \
      word (or punctuation mark, or line end).
      """)
  var level = Vocabulary.Unit.character

  @Option(
    parsing: .unconditional,
    help: """
      With --level word, the most words to know. Those that are rarer are <unk>. (default: 10000)
      """)
  var vocabularySize: Int?

  @Option(
    parsing: .unconditional,
    help: """
      Characters or words that occur less often in the part that is trained on are <unk>, and so is \
      all that does not occur there. (default: 2 for words; for characters there is no <unk>)
      """)
  var minimumCount: Int?

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

  @Flag(help: "A layer normalization after each recurrent layer.")
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
      "--minimum-count": minimumCount.map { "\($0)" } ?? "not given",
      "--cell": cell.name, "--hidden": "\(hidden)", "--layers": "\(layers)",
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
    try check(
      recurrentDropout == 0 || cell.hasRecurrentProduct,
      "--recurrent-dropout is for cells whose steps see the hidden units, and not for \(cell)")
    if let vocabularySize {
      try check(level == .word, "--vocabulary-size is for --level word")
      try check("--vocabulary-size", vocabularySize, in: 2...500_000)
    }
    if let minimumCount {
      try check(
        level != .byte, "--minimum-count is for --level character and word; all bytes are known")
      try check("--minimum-count", minimumCount, in: 1...1_000_000_000)
    }
  }

  /// The vocabulary that a text gets.
  var vocabulary: Vocabulary.Choice {
    switch level {
    case .character: minimumCount.map { .frequentCharacters(minimumCount: $0) } ?? .characters
    case .byte: .bytes
    case .word: .words(maximumSize: vocabularySize ?? 10_000, minimumCount: minimumCount ?? 2)
    }
  }

  /// Splits a text; where it cannot be, the error says why, and what to do about it.
  ///
  /// - Parameter known: the vocabulary of a run that goes on, where there is one.
  func split(
    _ text: [UInt8], known: Vocabulary?, _ validation: ValidationOptions,
    batchSize: Int, chunkLength: Int
  ) throws -> SplitText {
    func split(_ choice: Vocabulary.Choice) throws -> SplitText {
      try validation.split.split(
        text, into: choice, fraction: validation.validation, batchSize: batchSize,
        chunkLength: chunkLength, validationLimit: validation.validationLimit.count)
    }
    do {
      // What a run knew it goes on with; where the text has more, it is another text, which is
      // found out later.
      if let known, known.unit == level, let text = try? split(.existing(known)) { return text }
      return try split(vocabulary)
    } catch var error as TextStreamsError {
      error.unit = level
      throw error
    } catch VocabularyError.noEntries {
      throw ProgramError(
        description: "no \(level) occurs \(minimumCount ?? 2) times or more in the part that is "
          + "trained on; use more text, or a lower --minimum-count")
    }
  }
}

extension Vocabulary {
  /// What a text of these ids is made of, in a few words.
  func summary(of ids: TokenSequence) -> String {
    guard unit != .byte else { return "\(ids.count) bytes" }
    guard hasUnknown else { return "\(ids.count) \(unit)s, \(count) different" }
    let unknown = 100 * Double(ids.count(of: 0)) / Double(max(1, ids.count))
    return
      "\(ids.count) \(unit)s, \(count) in the vocabulary, \(TerminalFormat.fixed(unknown, 1))% <unk>"
  }

  /// A loss in nats, as it is usual to give it.
  func described(loss: Double) -> String {
    let evaluation = LanguageModel.Evaluation(tokens: 1, nats: loss)
    return switch unit {
    case .character, .byte:
      "\(TerminalFormat.fixed(loss, 4)) nats, \(TerminalFormat.fixed(evaluation.bits, 4)) bits per \(unit)"
    case .word:
      "\(TerminalFormat.fixed(loss, 4)) nats, perplexity \(TerminalFormat.fixed(evaluation.perplexity, 1)) per word"
    }
  }

  /// How well counts of single ids and of pairs predict what the model is to predict better.
  func baselines(_ training: TextStreams, _ validation: TextStreams) -> String {
    let model = BigramModel(counting: training, vocabularySize: count, limit: 5_000_000)
    let (unigram, bigram) = model.losses(over: validation)
    let all = training.batchSize * training.streamLength
    let counted =
      model.pairCount < all ? ", counted over \(model.pairCount) of \(all) \(unit)s" : ""
    return """
      baselines on the part kept for validation\(counted):
        unigrams  \(described(loss: unigram.mean))
        bigrams   \(described(loss: bigram.mean))
      """
  }
}

extension SplitText {
  /// Which characters the model will know and never see in training, in a few words.
  var untrainedNote: String {
    let shown = untrained.prefix(10).map { vocabulary.decode([$0]).debugDescription.printable }
    let rest = untrained.count - shown.count
    return
      "note: \(untrained.count) of the \(vocabulary.unit)s occur outside the part that is trained "
      + "on alone, and cannot be learned: " + shown.joined(separator: " ")
      + (rest > 0 ? " and \(rest) more" : "") + "; with --minimum-count they are <unk>"
  }
}
