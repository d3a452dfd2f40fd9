import Foundation
import UnrollCore

/// Writes one JSON object a line for every training step, so that a run can be plotted:
/// `step`, `epoch`, `train_loss`, `validation_loss` (where validated), `characters_per_second`,
/// `gradient_norm`, `learning_rate`, `seconds`.
public struct MetricsFile: TrainingObserver {
  private struct Line: Encodable {
    var step: Int
    var epoch: Double
    var trainLoss: Double
    var validationLoss: Double?
    var charactersPerSecond: Double
    var gradientNorm: Double
    var learningRate: Double
    var seconds: Double
  }

  private let file: FileHandle
  private let encoder = JSONEncoder()
  // Held back until the step is finished, since its validation comes after it.
  private var pending: Line?

  /// Begins a new file, or goes on with one.
  ///
  /// - Parameter step: the step that the run goes on from: lines up to it are kept, later ones, which
  ///   an interrupted run may have written, are not.
  /// - Throws: where the file cannot be written.
  public init(path: String, goingOnFrom step: Int = 0) throws {
    encoder.outputFormatting = .sortedKeys
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let url = URL(fileURLWithPath: path)
    try Self.lines(of: url, until: step).write(to: url)
    file = try FileHandle(forWritingTo: url)
    try file.seekToEnd()
  }

  private struct Numbered: Decodable {
    var step: Int
  }

  /// The lines of a file up to a step; none where there is no file.
  private static func lines(of url: URL, until step: Int) throws -> Data {
    guard step > 0, FileManager.default.fileExists(atPath: url.path) else { return Data() }
    var kept = Data()
    for line in try Data(contentsOf: url).split(separator: UInt8(ascii: "\n")) {
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
      pending = Line(
        step: report.step, epoch: report.epoch, trainLoss: report.loss,
        charactersPerSecond: Double(report.positions) / report.duration,
        gradientNorm: report.gradientNorm, learningRate: report.learningRate,
        seconds: report.seconds)
    case .validated(let report):
      pending?.validationLoss = report.loss
    case .ended:
      try flush()
      try file.synchronize()
    }
    return .goOn
  }

  private mutating func flush() throws {
    guard let line = pending else { return }
    pending = nil
    try file.write(contentsOf: encoder.encode(line) + Data("\n".utf8))
  }
}
