import UnrollCore
import UnrollFiles
import UnrollText

/// Texts with a label each, out of two columns of a table.
///
///     let table = try CSVTable("sms.tsv", header: .none)
///     let all = try LabeledTexts(table, text: "2", label: "1")
///     let (training, validation) = all.split(fraction: 0.1)
public struct LabeledTexts: Sendable {
  /// The texts, as they are in the table. A text may be empty.
  public let texts: [String]
  /// The id of each text's label.
  public let ids: [Int32]
  /// What the ids mean.
  public let labels: LabelTable

  /// The table's path, the column of the texts, and the line of each, for errors.
  private let path: String
  private let column: String
  private let lines: [Int]

  /// Reads two columns.
  ///
  /// - Parameters:
  ///   - table: The table.
  ///   - text: The name of the column with the texts.
  ///   - label: The name of the column with the labels.
  ///   - labels: The labels that there may be, as those of a trained model; by default those of the
  ///     table.
  /// - Throws: ``CSVError`` if a column is not there, the table has no rows, or a label is empty or
  ///   not one of those there may be.
  public init(
    _ table: CSVTable, text: String, label: String, labels: LabelTable? = nil
  ) throws {
    let texts = try table.strings(text)
    let names = try table.strings(label)
    guard let labels = labels ?? LabelTable(names), !names.isEmpty else {
      throw CSVError(path: table.path, problem: .empty)
    }
    func error(_ row: Int, _ problem: CSVError.Problem) -> CSVError {
      CSVError(path: table.path, line: table.lines[row], column: label, problem: problem)
    }
    ids = try names.enumerated().map { row, name in
      guard !name.isEmpty else { throw error(row, .missingLabel) }
      guard let id = labels.id(of: name) else {
        throw error(row, .unknownLabel(name, known: labels.names))
      }
      return id
    }
    self.texts = texts
    self.labels = labels
    path = table.path
    column = text
    lines = table.lines
  }

  private init(_ all: LabeledTexts, _ rows: some Sequence<Int>) {
    texts = rows.map { all.texts[$0] }
    ids = rows.map { all.ids[$0] }
    labels = all.labels
    path = all.path
    column = all.column
    lines = rows.map { all.lines[$0] }
  }

  /// The number of texts.
  public var count: Int { texts.count }

  /// The texts as ids.
  ///
  /// - Throws: ``CSVError`` naming the line of the text, and where in it, for what the vocabulary
  ///   does not have.
  public func encoded(by vocabulary: Vocabulary) throws -> [[Int32]] {
    try texts.enumerated().map { row, text in
      do {
        return try vocabulary.encode(text)
      } catch {
        throw CSVError(
          path: path, line: lines[row], column: column,
          problem: .notInVocabulary(reason: "\(error)"))
      }
    }
  }

  /// Two parts of the texts, drawn at random, in which they keep their order.
  ///
  /// - Parameters:
  ///   - fraction: How many are in the second part, in `0...1`: of N texts `fraction * N`, rounded.
  ///   - seed: What decides which ones.
  public func split(
    fraction: Double, seed: UInt64 = 1
  ) -> (rest: LabeledTexts, part: LabeledTexts) {
    require(
      (0...1).contains(fraction), "LabeledTexts: the fraction is in 0...1, not \(fraction)")
    var order = Array(0..<count)
    order.shuffle(by: RandomSource(seed: seed).child("split"))
    let taken = Int((Double(count) * fraction).rounded())
    return (
      LabeledTexts(self, order.dropFirst(taken).sorted()),
      LabeledTexts(self, order.prefix(taken).sorted())
    )
  }
}
