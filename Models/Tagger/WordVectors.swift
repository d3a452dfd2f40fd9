import UnrollFiles
import UnrollText

/// Vectors of words out of a text file: a word to a line, and its numbers after it, apart by blanks.
///
/// That is how GloVe's are; a first line of two whole numbers, how many there are and how long, as word2vec writes
/// it, is left out.
public struct WordVectors: Sendable, Equatable {
  public let words: [String]
  /// One for each word, all of the same length.
  public let vectors: [[Float]]

  /// The length of each.
  public var dimension: Int { vectors.first?.count ?? 0 }

  /// - Throws: ``FileError``, and ``WordVectorsError`` with the line that is wrong.
  public init(contentsOf path: String) throws {
    let lines = try TextFile.bytes(path)
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var (words, vectors): ([String], [[Float]]) = ([], [])
    for (index, line) in lines.enumerated() {
      func error(_ reason: String) -> WordVectorsError {
        WordVectorsError(path: path, line: index + 1, reason: reason)
      }
      let parts = line.split {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains($0)
      }
      .map { String(decoding: $0, as: UTF8.self) }
      guard let word = parts.first else { continue }
      if index == 0, parts.count == 2, Int(word) != nil, Int(parts[1]) != nil { continue }
      let numbers = try parts.dropFirst().map { text in
        guard let number = Float(text), number.isFinite else {
          throw error("\(quoted(text)) is no finite number")
        }
        return number
      }
      guard !numbers.isEmpty, vectors.isEmpty || numbers.count == vectors[0].count else {
        throw error(
          "\(numbers.count) numbers after the word, and "
            + (vectors.isEmpty ? "there has to be one" : "\(vectors[0].count) in the line before"))
      }
      words.append(word)
      vectors.append(numbers)
    }
    guard !words.isEmpty else {
      throw WordVectorsError(path: path, line: 1, reason: "there is no vector")
    }
    (self.words, self.vectors) = (words, vectors)
  }
}

/// A file of vectors that is none.
public struct WordVectorsError: Error, Equatable, CustomStringConvertible {
  public let path: String
  /// From 1.
  public let line: Int
  public let reason: String

  public var description: String { "\(oneLine(path)), line \(line): \(reason); correct the line" }
}
