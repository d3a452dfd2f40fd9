import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// What is read and written, and by which network.
struct RewriteModelOptions: ParsableArguments {
  @Option(help: "How much work goes into it: of the network, and of training.")
  var size = RewriteSize.medium

  @Option(help: "What is read and written one by one.")
  var level = RewriteLevel.character

  @Flag(
    help: "Attend, while writing, to what was read; without it the decoder has its state alone.")
  var attention = false

  @Option(help: "With --attention, how well a place that is written and one that was read match.")
  var score: ScoreChoice?

  @Option(help: "The cell of the recurrent layers, of both sides.")
  var cell = NamedCell.gru

  @Flag(help: "Read from the first symbol to the last only, not in both directions.")
  var unidirectional = false

  @Option(parsing: .unconditional, help: "Hidden units of each layer. (default: by --size)")
  var hidden: Int?

  @Option(parsing: .unconditional, help: "Recurrent layers of each side.")
  var layers = 1

  @Option(
    parsing: .unconditional, help: "The part of the features dropped in training, 0 to below 1.")
  var dropout = 0.0

  @Option(
    parsing: .unconditional,
    help: """
      Characters or words that occur less often in the pairs to learn from are <unk>, and so is \
      all that does not occur there. (default: 1, 2 for words)
      """)
  var minimumCount: Int?

  func validate() throws {
    try check("--hidden", hidden ?? 2, in: 1...100_000)
    try check("--layers", layers, in: 1...64)
    try check("--minimum-count", minimumCount ?? 1, in: 1...1_000_000_000)
    try check(0..<1 ~= dropout, "--dropout is \(dropout); it must be in 0..<1")
    try check(score == nil || attention, "--score is for --attention")
    try check(
      unidirectional || (hidden ?? 2) % 2 == 0,
      "--hidden is \(hidden ?? 0); two directions need an even number, or give --unidirectional")
  }

  var configuration: EncoderDecoder.Configuration {
    let hidden = hidden ?? size.hidden
    return EncoderDecoder.Configuration(
      cell: cell, embedding: size.embedding, hidden: hidden, layers: layers,
      isBidirectional: !unidirectional,
      attention: attention ? (score ?? .general).score(hidden: hidden) : nil, dropout: dropout)
  }

  /// The vocabulary of some texts.
  func vocabulary(_ texts: [String], column: String, path: String) throws -> Vocabulary {
    do {
      return try Vocabulary(
        texts.joined(separator: level == .word ? " " : ""), unit: level.unit,
        unknown: .token(minimumCount: minimumCount ?? (level == .word ? 2 : 1)))
    } catch let error as VocabularyError {
      throw ProgramError(
        description: "\(path), column '\(column)': \(error.problem); make --minimum-count smaller, "
          + "or give more pairs")
    }
  }

  /// By which a run goes on or does not.
  var described: String {
    "\(size.rawValue) \(level.rawValue) \(configuration) \(minimumCount ?? 0)"
  }
}

enum RewriteSize: String, ExpressibleByArgument, CaseIterable {
  case small
  case medium
  case large

  var hidden: Int {
    switch self {
    case .small: 64
    case .medium: 128
    case .large: 256
    }
  }

  var embedding: Int { hidden / 4 }

  var steps: Int {
    switch self {
    case .small: 2000
    case .medium: 4000
    case .large: 8000
    }
  }
}

enum RewriteLevel: String, ExpressibleByArgument, CaseIterable {
  case character
  case word

  var unit: Vocabulary.Unit { self == .word ? .word : .character }
}

enum ScoreChoice: String, ExpressibleByArgument, CaseIterable {
  case dot
  case general
  case additive

  func score(hidden: Int) -> AttentionScore {
    switch self {
    case .dot: .dot
    case .general: .general
    case .additive: .additive(size: hidden)
    }
  }
}
