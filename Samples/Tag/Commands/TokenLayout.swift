import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// Which columns of a file are what.
struct TokenLayout: Codable, Sendable, Equatable {
  var token: String
  var tag: String
  /// What else is seen of a word.
  var columns: [String]
  /// The column of a table that tells sentences apart; `nil` of CoNLL files.
  var sequence: String?

  /// Reads sentences.
  ///
  /// - Parameter tagged: whether they have tags, which are read then.
  func read(_ path: String, tagged: Bool) throws -> (sentences: [TaggedSentence], TokenTable) {
    let table = try table(path)
    let words = try table.column(token)
    let columns = try columns.map { try table.column($0) }
    let tags = tagged ? try table.column(tag) : nil
    let sentences = words.indices.map { i in
      TaggedSentence(words: words[i], columns: columns.map { $0[i] }, tags: tags.map { $0[i] })
    }
    return (sentences, table)
  }

  private func table(_ path: String) throws -> TokenTable {
    guard let sequence else { return try TokenTable(conll: path) }
    return try TokenTable(CSVTable(path), sequence: sequence)
  }
}

/// The columns of the file to learn from.
struct TokenOptions: ParsableArguments {
  @Option(help: "The column of the words: its number, from 1; of a table its name.")
  var token = "1"

  @Option(help: "The column of the tags.")
  var tag = "2"

  @Option(
    help: ArgumentHelp(
      "Columns to be seen too, such as the parts of speech.", valueName: "COLUMN[,COLUMN]"))
  var with: String?

  @Option(
    help: ArgumentHelp(
      "The file is a table, .csv or .tsv, whose rows with the same in this column are a sentence.",
      valueName: "COLUMN"))
  var sequence: String?

  var layout: TokenLayout {
    TokenLayout(
      token: token, tag: tag,
      columns: with?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? [],
      sequence: sequence)
  }

  func validate() throws {
    let layout = layout
    let all = [layout.token, layout.tag] + layout.columns + (sequence.map { [$0] } ?? [])
    for (i, name) in all.enumerated() {
      try check(!name.isEmpty, "the name of a column is empty")
      try check(
        !all[..<i].contains(name),
        "column '\(name)' is named twice; --token, --tag, --with and --sequence are different columns"
      )
      try check(
        sequence != nil || 1...10_000 ~= Int(name) ?? 0,
        "'\(name)' is no column of a CoNLL file, which are numbered from 1; tables need --sequence")
    }
  }
}
