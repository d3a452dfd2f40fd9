import Foundation
import Unroll
import UnrollModels

/// What went wrong, in one line.
struct ProgramError: Error, CustomStringConvertible {
  let description: String
}

/// A file to be written at the end of a long run; what would stop it is found out at once.
struct ModelOutput {
  private let path: String

  /// - Throws: where the folder does not exist or cannot be written, and where the file is one of
  ///   `others`, which it would replace.
  init(_ path: String, apartFrom others: [String?]) throws {
    guard !path.isEmpty else { throw ProgramError(description: "the name of the output is empty") }
    try AtomicFile.checkWritable(path)
    for other in others.compactMap({ $0 }) where Self.identity(other) == Self.identity(path) {
      throw ProgramError(description: "\(path) and \(other) are the same file; name another output")
    }
    self.path = path
  }

  private static func identity(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }

  /// Saves a model, also when training failed, as long as its weights are numbers; and elsewhere,
  /// where it cannot be saved as asked: a disk may have filled meanwhile.
  ///
  /// - Throws: all that failed, with what became of the model.
  func save(_ model: LanguageModel, after failure: (any Error)?) throws {
    let isFinite = model.network.parameters.allSatisfy { $0.value.sumOfSquares().isFinite }
    guard isFinite else {
      let reason = failure.map { "\($0)" } ?? "training diverged: its weights are not finite"
      throw ProgramError(description: "\(reason); nothing was saved")
    }
    let before = failure.map { "\($0); " } ?? ""
    do {
      try model.save(to: path)
    } catch {
      let rescue = FileManager.default.temporaryDirectory
        .appendingPathComponent("charlm-\(UUID().uuidString).safetensors").path
      do {
        try model.save(to: rescue)
      } catch let second {
        throw ProgramError(description: "\(before)\(error); \(second); the model is lost")
      }
      throw ProgramError(
        description: "\(before)\(error); the best model so far was saved as \(rescue) instead")
    }
    if failure != nil {
      throw ProgramError(description: "\(before)the best model so far was saved as \(path)")
    }
  }
}

/// Writes bytes to standard output as they are, at once.
///
/// - Throws: where they did not arrive, as on a full disk.
func writeOutput(_ bytes: [UInt8]) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno != EINTR {
      throw ProgramError(
        description: "standard output cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}

/// Ends writing to standard output.
///
/// - Throws: where what was written did not arrive, as on a full disk.
func finishOutput() throws {
  if fflush(nil) != 0 {
    throw ProgramError(
      description: "standard output cannot be written: \(String(cString: strerror(errno)))")
  }
}
