import Foundation
import Unroll
import UnrollModels

/// Shows how training goes: on a terminal as one line that changes, elsewhere as lines now and then.
struct TrainingProgress: TrainingObserver {
  private let vocabulary: Vocabulary
  private let seed: UInt64
  private var terminal = Terminal()
  private var steps = 0
  private var first = 0
  private var smoothedLoss: Double?
  private var speed: Double?
  private var history = LossHistory()
  private var line = ""
  private var lastShown = ContinuousClock.now - .seconds(1)

  init(vocabulary: Vocabulary, seed: UInt64) {
    self.vocabulary = vocabulary
    self.seed = seed
  }

  mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    switch event {
    case .began(let first, let steps):
      (self.first, self.steps) = (first, steps)
    case .trained(let report):
      smooth(report)
      show(report)
    case .validated(let report):
      terminal.clearLine()
      print(
        "step \(report.step)  validation loss \(vocabulary.described(loss: report.loss))"
          + (report.isBest ? "" : "  (not the best)"))
      try showSample(of: run.averagedModel)
    case .finished: break
    case .ended:
      // What the line said last stays.
      if terminal.isInteractive && !line.isEmpty {
        showLine()
        print()
      }
    }
    return .goOn
  }

  private mutating func smooth(_ report: StepReport) {
    smoothedLoss = smoothedLoss.map { 0.98 * $0 + 0.02 * report.loss } ?? report.loss
    history.add(smoothedLoss ?? 0)
    // The first step fills caches and pools: it says nothing of those to come.
    guard report.step > first + 1 else { return }
    let rate = Double(report.positions) / report.duration
    speed = speed.map { 0.95 * $0 + 0.05 * rate } ?? rate
  }

  private mutating func show(_ report: StepReport) {
    let left = speed.map { speed in
      (Double((steps - report.step) * report.positions) / max(speed, 1)).clock + " left"
    }
    // What matters most comes first: a narrow window cuts the end off.
    line = [
      "step \(report.step)/\(steps)", left, "loss \(report.loss.fixed(3))",
      "smoothed \((smoothedLoss ?? 0).fixed(3))", speed.map { "\(Int($0)) \(vocabulary.unit)s/s" },
    ].compactMap { $0 }.joined(separator: "  ")
    let now = ContinuousClock.now
    let isLast = report.step == steps
    if terminal.isInteractive {
      guard now - lastShown > .milliseconds(100) || isLast else { return }
      showLine()
    } else {
      let isDue = report.step == first + 1 || report.step % max(steps / 20, min(10, steps)) == 0
      guard isDue || isLast || now - lastShown > .seconds(30) else { return }
      print(line)
      fflush(nil)
    }
    lastShown = now
  }

  /// The line, and as much of the loss so far as fits behind it.
  private mutating func showLine() {
    let room = min(40, terminal.width - line.count - 3)
    terminal.replaceLine(with: line, tail: room < 8 ? "" : "  " + history.sparkline(width: room))
  }

  private func showSample(of model: some Layer) throws {
    guard let network = model as? LanguageModel.Network else { return }
    let model = LanguageModel(vocabulary: vocabulary, network: network)
    let text = try model.writing(120, sampling: Sampling(temperature: 0.7), seed: seed)
    for line in text.split(whereSeparator: \.isNewline) {
      let shown = line.filter {
        !$0.unicodeScalars.contains { $0.properties.generalCategory == .control }
      }
      print("    | \(terminal.isInteractive ? shown.prefix(terminal.width - 7) : shown[...])")
    }
    fflush(nil)
  }
}

extension LanguageModel {
  /// Text of the model's own, of about so many characters.
  func writing(_ length: Int, sampling: Sampling, seed: UInt64) throws -> String {
    let count = vocabulary.unit == .word ? length / 5 : length
    return try generate(sampling: sampling, seed: seed).prefix(count).joined()
  }
}

extension Double {
  /// With so many digits after the point.
  func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }

  /// Seconds as `1:23:45` or `2:07`.
  var clock: String {
    let seconds = Int(isFinite ? rounded() : 0)
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
      : String(format: "%d:%02d", minutes, seconds % 60)
  }
}
