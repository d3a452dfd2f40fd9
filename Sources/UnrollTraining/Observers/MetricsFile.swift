import Foundation
import UnrollCore
import UnrollFiles

/// Writes one JSON object a line for every training step, so that a run can be plotted:
/// `step`, `epoch`, `train_loss`, `validation_loss` (where validated), `characters_per_second`,
/// `gradient_norm`, `learning_rate`, `seconds`. What is not finite is left out.
public struct MetricsFile: TrainingObserver {
  private let file: AppendedFile
  private let speed: String
  private let encoder = JSONEncoder()
  // Held back until the step is finished, since its validation comes after it.
  private var pending: [String: Double] = [:]

  /// Begins a new file, or goes on with one.
  ///
  /// - Parameters:
  ///   - step: the step that the run goes on from: lines up to it are kept, later ones, which an
  ///     interrupted run may have written, are not.
  ///   - unit: what the steps of the sequences are that are read: `word` makes `words_per_second`.
  /// - Throws: ``FileWriteError`` where the file cannot be written.
  public init(path: String, resumingFrom step: Int = 0, unit: String = "character") throws {
    encoder.outputFormatting = .sortedKeys
    speed = "\(unit)s_per_second"
    try AtomicFile.write(Self.lines(of: path, until: step), to: path)
    file = try AppendedFile(path)
  }

  private struct Numbered: Decodable {
    var step: Int
  }

  /// The lines of a file up to a step; none where there is no file.
  private static func lines(of path: String, until step: Int) throws -> Data {
    guard step > 0, FileManager.default.fileExists(atPath: path) else { return Data() }
    guard let lines = FileManager.default.contents(atPath: path) else {
      throw FileWriteError(.read, path: path, code: nil)
    }
    var kept = Data()
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      guard let numbered = try? JSONDecoder().decode(Numbered.self, from: line),
        numbered.step <= step
      else { break }
      kept += line + Data("\n".utf8)
    }
    return kept
  }

  public mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    switch event {
    case .began: break
    case .finished: try flush()
    case .trained(let report):
      try flush()
      pending = [
        "step": Double(report.step), "epoch": report.epoch, "train_loss": report.loss,
        speed: Double(report.inputSteps) / (report.duration / .seconds(1)),
        "gradient_norm": report.gradientNorm,
        "learning_rate": report.learningRate, "seconds": report.elapsed / .seconds(1),
      ]
    case .validated(let report):
      pending["validation_loss"] = report.loss
    case .ended, .failed:
      try flush()
      try file.sync()
    }
    return .continue
  }

  private mutating func flush() throws {
    let line = pending.filter(\.value.isFinite)
    guard !line.isEmpty else { return }
    pending = [:]
    try file.append(encoder.encode(line) + Data("\n".utf8))
  }
}
