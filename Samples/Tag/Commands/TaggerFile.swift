import ProgramSupport
import Unroll
import UnrollModels

/// A model file of this program: the tagger, and how files are read.
struct TaggerFile {
  private static let key = "tag.layout"

  let path: String
  var tagger: SequenceTagger
  var layout: TokenLayout

  init(_ path: String) throws {
    self.path = path
    let file = try ModelFile(contentsOf: path)
    tagger = try SequenceTagger(file, registry: Toolkit.current.registry)
    guard let layout = try file.value(TokenLayout.self, forKey: Self.key) else {
      throw ModelFileError(
        path, "was not written by tag train: it does not say which columns are what")
    }
    guard layout.columns.count == tagger.vocabulary.columns.count else {
      throw ModelFileError(
        path,
        "names \(layout.columns.count) columns, and its tagger sees "
          + "\(tagger.vocabulary.columns.count)")
    }
    guard tagger.network.parameters.allSatisfy({ $0.value.sumOfSquares().isFinite }) else {
      throw ModelFileError(path, "has weights that are not finite, or too large; train it anew")
    }
    self.layout = layout
  }

  /// The tags of sentences.
  ///
  /// - Throws: where the weights are so large that no tag has a score.
  func tags(of sentences: [TaggedSentence], threads: Int) throws -> [[String]] {
    let tags = tagger.tags(of: sentences, threads: threads)
    guard zip(tags, sentences).allSatisfy({ $0.count == $1.words.count }) else {
      throw ModelFileError(
        path, "gives scores that are no numbers: its weights are too large; train it anew")
    }
    return tags
  }

  static func metadata(_ layout: TokenLayout) throws -> [String: String] {
    [key: try ModelFile.text(of: layout)]
  }
}
