import UnrollFiles

/// Sentences of tokens with some columns each, as they are in a file: words, parts of speech, tags.
///
///     let table = try TokenTable(conll: "train.txt")
///     let words = try table.column("1"), tags = try table.column("3")
///
/// The columns of a CoNLL file are called by their numbers, from 1; those of a CSV file have names.
public struct TokenTable: Sendable {
  /// The file, for errors.
  public let path: String
  /// The names of the columns; for CoNLL files, whose lines may have unequal numbers of them, `nil`.
  let names: [String]?
  /// The tokens of each sentence. No sentence is empty.
  let sentences: [[Token]]

  /// A line of the file.
  struct Token: Sendable {
    var fields: [String]
    /// From 1.
    var line: Int
  }

  /// Sentences whose columns have names, out of the rows of a table: those that follow each other with the same
  /// sentence are one.
  ///
  /// - Parameters:
  ///   - columns: the names of the columns.
  ///   - rows: for each token the sentence that it is of, its fields and its line.
  package init(
    path: String, columns: [String], rows: [(sentence: String, fields: [String], line: Int)]
  ) {
    (self.path, names) = (path, columns)
    var sentences: [[Token]] = []
    for (index, row) in rows.enumerated() {
      let token = Token(fields: row.fields, line: row.line)
      if index > 0, rows[index - 1].sentence == row.sentence {
        sentences[sentences.count - 1].append(token)
      } else {
        sentences.append([token])
      }
    }
    self.sentences = sentences
  }

  init(path: String, conll sentences: [[Token]]) {
    (self.path, names, self.sentences) = (path, nil, sentences)
  }

  /// The number of sentences.
  public var count: Int { sentences.count }
  /// The number of tokens.
  public var tokenCount: Int { sentences.reduce(0) { $0 + $1.count } }
  /// The lines of the tokens, from 1.
  public var lines: [[Int]] { sentences.map { $0.map(\.line) } }

  /// What a column says of each token.
  ///
  /// - Throws: ``TokenTableError`` where a token does not have it, or it is empty.
  public func column(_ name: String) throws -> [[String]] {
    let place = try place(of: name)
    return try sentences.map { sentence in
      try sentence.map { token in
        guard place < token.fields.count else {
          throw TokenTableError(
            path, line: token.line, problem: .missingField(name, found: token.fields.count))
        }
        guard !token.fields[place].isEmpty else {
          throw TokenTableError(path, line: token.line, problem: .emptyField(name))
        }
        return token.fields[place]
      }
    }
  }

  private func place(of name: String) throws -> Int {
    if let names {
      let places = names.indices.filter { names[$0] == name }
      guard let place = places.first, places.count == 1 else {
        throw TokenTableError(path, problem: .noSuchColumn(name, available: names))
      }
      return place
    }
    guard let number = Int(name), 1...10_000 ~= number else {
      throw TokenTableError(path, problem: .notANumber(name))
    }
    return number - 1
  }
}

/// What is wrong with a file of tokens.
public struct TokenTableError: Error, Equatable, CustomStringConvertible {
  @nonexhaustive
  public enum Problem: Equatable, Sendable {
    /// There is no token in it.
    case noTokens
    /// A line has fewer columns than are asked for.
    case missingField(String, found: Int)
    /// A column has nothing at a token.
    case emptyField(String)
    /// No column, or more than one, has such a name.
    case noSuchColumn(String, available: [String])
    /// A column of a CoNLL file is asked for by what is no number.
    case notANumber(String)
  }

  public let path: String
  /// From 1; `nil` where it is the whole file.
  public let line: Int?
  public let problem: Problem

  public init(_ path: String, line: Int? = nil, problem: Problem) {
    (self.path, self.line, self.problem) = (path, line, problem)
  }

  /// One line: the path, the line, what is wrong and what to do about it.
  public var description: String {
    let place = oneLine(path) + (line.map { ", line \($0)" } ?? "")
    switch problem {
    case .noTokens:
      return "\(place): there are no tokens; give a file with one to a line"
    case .missingField(let name, let found):
      let columns = found == 1 ? "1 column" : "\(found) columns"
      return
        "\(place): column \(oneLine(name)) is asked for, and there \(found == 1 ? "is" : "are") "
        + "\(columns); name another one, or complete the line"
    case .emptyField(let name):
      return "\(place): nothing in column \(quoted(name)); fill it in"
    case .noSuchColumn(let name, let available):
      let names = available.prefix(10).map { quoted($0) }.joined(separator: ", ")
      return "\(place): not one column is called \(quoted(name)); there are \(names)"
    case .notANumber(let name):
      return
        "\(place): columns of a CoNLL file are numbered from 1; \(quoted(name)) is no such number"
    }
  }
}
