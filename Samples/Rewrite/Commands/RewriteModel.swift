import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// A model of a file; what it cannot do is told with what can be done about it here.
struct RewriteModel {
  let path: String
  let model: EncoderDecoder

  init(_ path: String) throws {
    self.path = path
    model = try EncoderDecoder(contentsOf: path, registry: Toolkit.current.registry)
  }

  /// The best texts for a text.
  ///
  /// - Parameter place: what the text is called.
  func rewritings(
    of text: String, place: String, search: BeamSearch, count: Int = 1
  ) throws -> [ScoredText] {
    try told(text, place) { try model.rewritings(of: text, search: search, count: count) }
  }

  /// What it attends to while it writes for a text.
  func attention(from text: String) throws -> AttentionMap? {
    try told(text, "the text") { try model.attention(from: text) }
  }

  private func told<Result>(
    _ text: String, _ place: String, _ body: () throws -> Result
  ) throws -> Result {
    guard text.unicodeScalars.count <= PairTable.longest else {
      throw ProgramError(
        description: "\(place) has \(text.unicodeScalars.count) characters, more than the "
          + "\(PairTable.longest) allowed; cut it")
    }
    if let unknown = model.source.firstUnknown(in: text), model.source.hasUnknown {
      let note = "note: in \(place), \(unknown.problem) of the model, which reads <unk> for it\n"
      FileHandle.standardError.write(Data(note.utf8))
    }
    return try diverging {
      do {
        return try body()
      } catch let error as VocabularyError {
        throw ProgramError(description: "in \(place), \(error.problem) of the model; leave it out")
      }
    }
  }

  /// Calls `body`; a model that diverged is named.
  func diverging<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as LanguageModel.NotFinite {
      throw ProgramError(description: "\(path): \(error); the model diverged")
    }
  }
}
