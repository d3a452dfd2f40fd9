import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// Which columns of a table are pairs.
struct PairColumns: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The column that is read: its number, where none has a name, or its name in the first row.",
      valueName: "COLUMN"))
  var source = "1"

  @Option(
    help: ArgumentHelp(
      "The column that is written: its number, where --source is one, or its name.",
      valueName: "COLUMN"))
  var target = "2"

  private var areNumbers: [Bool] { [source, target].map { Int($0) != nil } }

  func validate() throws {
    try check(
      areNumbers[0] == areNumbers[1],
      "--source '\(source)' and --target '\(target)' must be two numbers or two names")
    try check(source != target, "--source and --target are the same column, '\(source)'")
  }

  /// Reads the pairs of a table, tabs between its columns unless its name ends in `.csv`.
  func read(_ path: String) throws -> PairTable {
    let table = try CSVTable(
      path, dialect: CSVDialect(forPath: path) ?? .tsv, header: areNumbers[0] ? .none : .firstRow)
    let pairs = zip(try table.strings(source), try table.strings(target)).map {
      EncoderDecoder.TextPair(source: $0, target: $1)
    }
    guard !pairs.isEmpty else { throw ProgramError(description: "\(path): there is no pair in it") }
    return PairTable(path: path, columns: (source, target), pairs: pairs, lines: table.lines)
  }
}

/// Pairs, and where they are.
struct PairTable {
  let path: String
  let columns: (source: String, target: String)
  private(set) var pairs: [EncoderDecoder.TextPair]
  private(set) var lines: [Int]

  /// The pairs at some places.
  func taking(_ places: [Int]) -> PairTable {
    var part = self
    part.pairs = places.map { pairs[$0] }
    part.lines = places.map { lines[$0] }
    return part
  }

  /// Calls `body`, which takes the pairs; what is wrong with one names its line.
  func reading<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as PairError {
      let column = error.side == .source ? columns.source : columns.target
      throw ProgramError(
        description: "\(path), line \(lines[error.pair]), column '\(column)': "
          + "\(error.error.problem) of the model; leave the pair out")
    }
  }

  /// - Throws: for a text that would take more memory than it is worth.
  func checkLengths() throws {
    for (pair, line) in zip(pairs, lines) {
      for (text, column) in [(pair.source, columns.source), (pair.target, columns.target)]
      where text.unicodeScalars.count > Self.longest {
        throw ProgramError(
          description: "\(path), line \(line), column '\(column)': \(text.unicodeScalars.count) "
            + "characters are more than the \(Self.longest) allowed; cut the text, or leave it out")
      }
    }
  }

  /// The most characters of a text.
  static let longest = 2000

  /// The pairs to learn from and those to choose by: of a source that is there more than once, all
  /// of them in one part.
  func split(fraction: Double, seed: UInt64) -> (training: PairTable, validation: PairTable) {
    let random = RandomSource(seed: seed).child("validation")
    let held = pairs.indices.filter { random.child(pairs[$0].source).uniform(0) < fraction }
    let rest = Set(held)
    return (taking(pairs.indices.filter { !rest.contains($0) }), taking(held))
  }
}
