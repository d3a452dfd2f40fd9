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
  private var fields: [String] = []
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
      if terminal.isInteractive && !fields.isEmpty {
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
    // What matters most comes first: where a window is narrow, the last ones are left out.
    fields = [
      "step \(report.step)/\(steps)", left, "loss \(report.loss.fixed(3))",
      "smoothed \((smoothedLoss ?? 0).fixed(3))",
      speed.map { "\($0.thousands) \(vocabulary.unit)s/s" },
    ].compactMap { $0 }
    let now = ContinuousClock.now
    let isLast = report.step == steps
    if terminal.isInteractive {
      guard now - lastShown > .milliseconds(100) || isLast else { return }
      showLine()
    } else {
      let isDue = report.step == first + 1 || report.step % max(steps / 20, min(10, steps)) == 0
      guard isDue || isLast || now - lastShown > .seconds(30) else { return }
      print(fields.joined(separator: "  "))
      fflush(nil)
    }
    lastShown = now
  }

  /// As many fields as fit, at least the first, and behind them the loss so far: eight columns of it
  /// are worth more than the fields after the third.
  private mutating func showLine() {
    let columns = terminal.width - 1
    func line(_ count: Int) -> String { fields.prefix(count).joined(separator: "  ") }
    let withCurve = (3...max(3, fields.count)).last { line($0).count + 10 <= columns }
    let count = withCurve ?? (1...fields.count).last { line($0).count <= columns } ?? 1
    let room = min(40, columns - line(count).count - 2)
    terminal.replaceLine(
      with: line(count), tail: room < 8 ? "" : "  " + history.sparkline(width: room))
  }

  private func showSample(of model: some Layer) throws {
    guard let network = model as? LanguageModel.Network else { return }
    let model = LanguageModel(vocabulary: vocabulary, network: network)
    let text = try model.writing(120, sampling: Sampling(temperature: 0.7), seed: seed)
    for line in text.split(whereSeparator: \.isNewline) {
      let shown = line.filter {
        !$0.unicodeScalars.contains { $0.properties.generalCategory == .control }
      }
      print(
        "    | \(terminal.isInteractive ? shown.prefix(max(0, terminal.width - 7)) : shown[...])")
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
  /// Rounded to three digits or more, thousands as `12k`.
  fileprivate var thousands: String { self < 10_000 ? "\(Int(self))" : "\(Int(self / 1000))k" }

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
