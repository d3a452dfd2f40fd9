import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// A text that a model of some unit is to read; where it cannot, the error says what to do about it
/// here.
struct TextInput {
  let path: String
  let column: String?

  /// The bytes of the text.
  ///
  /// - Parameter advice: what else can be done about a text that is not UTF-8.
  func read(_ unit: Vocabulary.Unit, orElse advice: String = "") throws -> [UInt8] {
    do {
      return try TextFile.bytes(path, unit == .byte ? .any : .utf8, column: column)
    } catch let error as FileError {
      switch error.problem {
      case .notUTF8: throw ProgramError(description: "\(error)\(advice)")
      case .tooLarge(let limit):
        throw ProgramError(
          description: "\(path): longer than the limit of \(limit) bytes; split the file")
      default: throw error
      }
    }
  }

  /// Calls `body`, which is to read the text with a model.
  ///
  /// - Throws: what `body` throws; for what the model does not know, with what to do about it.
  func reading<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as VocabularyError {
      throw ProgramError(
        description: "\(path): \(error.problem) of the model; remove it, or give --skip-unknown")
    }
  }
}

/// What becomes of a text that a model does not know all of.
struct UnknownOptions: ParsableArguments {
  @Flag(
    help: """
      Leave out characters, bytes and words that the model does not know, instead of refusing the text \
      or reading them as <unk>, and say how many they were.
      """)
  var skipUnknown = false

  var unknowns: LanguageModel.Unknowns { skipUnknown ? .skipped : .read }
}
