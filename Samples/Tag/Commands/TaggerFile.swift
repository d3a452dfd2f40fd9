import ProgramSupport
import Unroll
import UnrollModels

/// A model file of this program: the tagger, and how files are read.
struct TaggerFile {
  private static let key = "tag.layout"

  var tagger: SequenceTagger
  var layout: TokenLayout

  init(_ path: String) throws {
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

  static func metadata(_ layout: TokenLayout) throws -> [String: String] {
    [key: try ModelFile.text(of: layout)]
  }
}
