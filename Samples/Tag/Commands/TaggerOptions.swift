import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// How much work goes into a tagger.
enum TaggerSize: String, ExpressibleByArgument, CaseIterable {
  case small
  case medium
  case large

  /// Hidden units of each direction.
  var hidden: Int {
    switch self {
    case .small: 64
    case .medium: 200
    case .large: 400
    }
  }

  /// The length of a word's vector.
  var wordSize: Int {
    switch self {
    case .small: 50
    case .medium, .large: 100
    }
  }

  var epochs: Double {
    switch self {
    case .small, .medium: 7
    case .large: 10
    }
  }
}

/// What a tagger is made of.
struct TaggerOptions: ParsableArguments {
  @Flag(
    help:
      "Choose the tags of a sentence together, by a conditional random field; else each by itself.")
  var crf = false

  @Option(help: "How much work goes into it: of the network, and of training.")
  var size = TaggerSize.medium

  @Option(help: "The cell of the recurrent layers.")
  var cell = NamedCell.lstm

  @Option(parsing: .unconditional, help: "Hidden units of each direction. (default: by --size)")
  var hidden: Int?

  @Option(parsing: .unconditional, help: "Layers over the words.")
  var layers = 1

  @Option(
    parsing: .unconditional,
    help: "The length of a word's vector. (default: by --size, or that of --vectors)")
  var embedding: Int?

  @Option(
    parsing: .unconditional,
    help: "The length of a character's vector, and of the state that reads them.")
  var characters = 50

  @Option(parsing: .unconditional, help: "Dropout, 0 to below 1.")
  var dropout = 0.5

  @Option(
    parsing: .unconditional,
    help: "How often a word is taken for an unknown one in training, 0 to below 1.")
  var wordDropout = 0.05

  @Option(
    help: """
      How the network writes spans: bio or bioes; files keep their own. (default: bioes where the tags are BIO)
      """)
  var scheme: TagScheme?

  @Option(
    help: ArgumentHelp(
      "Vectors of words to begin with: a word to a line, and its numbers.", valueName: "FILE"))
  var vectors: String?

  func validate() throws {
    try check("--hidden", hidden ?? 1, in: 1...16_384)
    try check("--layers", layers, in: 1...64)
    try check("--embedding", embedding ?? 1, in: 1...16_384)
    try check("--characters", characters, in: 1...16_384)
    try check(0..<1 ~= dropout, "--dropout is \(dropout); it must be in 0..<1")
    try check(0..<1 ~= wordDropout, "--word-dropout is \(wordDropout); it must be in 0..<1")
    try check(
      vectors == nil || embedding == nil, "--embedding is that of --vectors; leave one of them out")
  }

  func configuration(_ vectors: WordVectors?) -> SequenceTagger.Configuration {
    SequenceTagger.Configuration(
      cell: cell, wordSize: vectors?.dimension ?? embedding ?? size.wordSize,
      characterSize: characters, hidden: hidden ?? size.hidden, layers: layers,
      hasRandomField: crf, dropout: dropout, wordDropout: wordDropout)
  }

  /// All of it, for a run that goes on.
  var described: String {
    "\(crf) \(size) \(cell) \(hidden ?? 0) \(layers) \(embedding ?? 0) \(characters) \(dropout) \(wordDropout) "
      + "\(scheme?.rawValue ?? "") \(vectors ?? "")"
  }
}

extension TagScheme: @retroactive ExpressibleByArgument {}
