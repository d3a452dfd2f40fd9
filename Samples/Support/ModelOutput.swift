import Foundation
import Unroll

/// What went wrong, in one line.
public struct ProgramError: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) {
    // A name of a file or of a series may have line breaks.
    self.description = String(description.map { $0.isNewline ? " " : $0 })
  }
}

/// A file to be written at the end of a long run; what would stop it is found out at once.
public struct ModelOutput {
  private let path: String

  /// - Throws: where the folder does not exist or cannot be written, and where the file is one of
  ///   `others`, which it would replace.
  public init(_ path: String, apartFrom others: [String?]) throws {
    guard !path.isEmpty else { throw ProgramError(description: "the name of the output is empty") }
    try AtomicFile.checkWritable(path)
    for other in others.compactMap({ $0 }) where fileIdentity(other) == fileIdentity(path) {
      throw ProgramError(description: "\(path) and \(other) are the same file; name another output")
    }
    self.path = path
  }

  /// Saves a model, also when training failed, as long as its weights are numbers; and elsewhere,
  /// where it cannot be saved as asked: a disk may have filled meanwhile.
  ///
  /// - Throws: all that failed, with what became of the model.
  public func save(
    _ network: some Layer<Float>, after failure: (any Error)?, by write: (String) throws -> Void
  ) throws {
    let isFinite = network.parameters.allSatisfy { $0.value.sumOfSquares().isFinite }
    guard isFinite else {
      let reason = failure.map { "\($0)" } ?? "training diverged: its weights are not finite"
      throw ProgramError(description: "\(reason); nothing was saved")
    }
    let before = failure.map { "\($0); " } ?? ""
    do {
      try write(path)
    } catch {
      let rescue = FileManager.default.temporaryDirectory
        .appendingPathComponent("unroll-\(UUID().uuidString).safetensors").path
      do {
        try write(rescue)
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
