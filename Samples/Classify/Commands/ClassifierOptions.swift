import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// Which columns of a table are what.
struct ExampleOptions: ParsableArguments {
  @Option(help: "The column of the labels.")
  var label: String

  @Option(help: "The column of the texts; each row is one.")
  var text: String?

  @Option(help: "The column that tells sequences of numbers apart; the rows of one are its steps.")
  var sequence: String?

  @Option(help: ArgumentHelp("The columns of numbers.", valueName: "COL[,COL]"))
  var feature: String?

  @Option(
    help: ArgumentHelp(
      "What separates fields; tab for a tab. (default: a comma, a tab in .tsv)",
      valueName: "CHARACTER"))
  var delimiter: String?

  @Flag(help: "The first row is one of the table; columns are called 1, 2 and so on.")
  var noHeader = false

  @Flag(help: "Quotes are characters like others, as they are in .tsv.")
  var noQuotes = false

  func validate() throws {
    try check(
      (text == nil) != (sequence == nil),
      "give --text for texts, or --sequence and --feature for sequences of numbers")
    try check((sequence == nil) == (feature == nil), "--sequence and --feature go together")
    let names = [label] + [text, sequence].compactMap(\.self) + layout.features
    try check(!names.contains(""), "a column has a name, or a number without a header")
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw ValidationError("the column '\(names[twice])' is named twice")
    }
    let separator = layout.delimiter?.unicodeScalars
    try check(
      separator.map {
        $0.count == 1 && $0.allSatisfy { $0.isASCII && !"\n\r\0\"".unicodeScalars.contains($0) }
      }
        ?? true, "--delimiter '\(delimiter ?? "")' is not one character that can separate fields")
  }

  var layout: ExampleLayout {
    ExampleLayout(
      delimiter: delimiter == "tab" ? "\t" : delimiter, hasHeader: !noHeader, isUnquoted: noQuotes,
      label: label, text: text, sequence: sequence,
      features: feature?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        ?? [])
  }
}

/// What a classifier is made of, and how it is trained.
struct ClassifierOptions: ParsableArguments {
  @Option(help: "How much work goes into it: networks, their width, and passes.")
  var size = ClassifierSize.medium

  @Option(help: "The cell of the recurrent layer.")
  var cell = NamedCell.gru

  @Option(parsing: .unconditional, help: "Hidden units of each direction. (default: by --size)")
  var hidden: Int?

  @Option(parsing: .unconditional, help: "Dropout, 0 to below 1.")
  var dropout = 0.5

  @Option(
    parsing: .unconditional,
    help: "Networks; each keeps another part of the examples to choose by. (default: by --size)")
  var members: Int?

  @Option(help: "Of texts: words or characters.")
  var level = TextLevel.word

  @Flag(
    help: "Of numbers: see the form of each sequence apart from its size, and its size beside it.")
  var shapes = false

  @Option(help: "How much labels count: equal, or balanced, rare ones as much as frequent ones.")
  var weights = LabelWeights.equal

  @Option(help: "What is made small: cross-entropy, or focal, in which what is known counts less.")
  var loss = ClassifierLoss.crossEntropy

  @Option(parsing: .unconditional, help: "The smoothing of labels, 0 to below 1; 0 for focal.")
  var smoothing: Double?

  @Option(parsing: .unconditional, help: "Of numbers: noise that is added, in deviations.")
  var jitter = 0.0
  @Option(
    parsing: .unconditional, help: "Of numbers: how much columns grow or shrink, 0.1 a tenth.")
  var scaling = 0.0
  @Option(
    parsing: .unconditional, help: "Of numbers: the most that is cut away at the ends, 0.1 a tenth."
  )
  var slicing = 0.0
  @Option(parsing: .unconditional, help: "Of numbers: how much faster or slower a sequence may go.")
  var warping = 0.0

  func validate() throws {
    try check("--hidden", hidden ?? 1, in: 1...16_384)
    try check("--members", members ?? 1, in: 1...100)
    try check(0..<1 ~= dropout, "--dropout is \(dropout); it must be in 0..<1")
    try check(0..<1 ~= smoothing ?? 0, "--smoothing is \(smoothing ?? 0); it must be in 0..<1")
    try check(
      loss == .crossEntropy || smoothing ?? 0 == 0, "--smoothing is for --loss cross-entropy")
    try check(
      jitter >= 0 && jitter.isFinite && scaling >= 0 && scaling.isFinite,
      "--jitter \(jitter) and --scaling \(scaling) must be numbers of at least 0")
    try check(
      0..<1 ~= slicing && 0..<1 ~= warping,
      "--slicing \(slicing) and --warping \(warping) must be in 0..<1")
  }

  var augmentation: Augmentation {
    Augmentation(jitter: jitter, scaling: scaling, slicing: slicing, warping: warping)
  }

  var configuration: ClassifierConfiguration {
    ClassifierConfiguration(
      cell: cell, hidden: hidden ?? size.hidden, filters: size.hidden, dropout: dropout)
  }

  var described: String {
    "\(size) \(cell) \(hidden ?? 0) \(dropout) \(members ?? 0) \(level) \(shapes) \(weights) \(loss) "
      + "\(smoothing ?? -1) \(jitter) \(scaling) \(slicing) \(warping)"
  }
}

enum ClassifierSize: String, ExpressibleByArgument, CaseIterable {
  case small, medium, large

  var hidden: Int { self == .small ? 32 : self == .medium ? 64 : 96 }
  var members: Int { self == .small ? 1 : self == .medium ? 3 : 5 }
  /// How often every example is learned from.
  func epochs(ofTexts: Bool) -> Double {
    let (small, medium, large) = ofTexts ? (5.0, 8.0, 10.0) : (30.0, 60.0, 100.0)
    return self == .small ? small : self == .medium ? medium : large
  }
}

enum TextLevel: String, ExpressibleByArgument, CaseIterable {
  case word, character

  var unit: Vocabulary.Unit { self == .word ? .word : .character }
}

enum LabelWeights: String, ExpressibleByArgument, CaseIterable {
  case equal, balanced
}

enum ClassifierLoss: String, ExpressibleByArgument, CaseIterable {
  case crossEntropy = "cross-entropy"
  case focal
}
