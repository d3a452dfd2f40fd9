import Foundation
import Unroll
import UnrollModels

/// Shows how training goes: on a terminal as one line that changes, elsewhere as lines now and then.
struct TrainingProgress: TrainingObserver {
  private let vocabulary: Vocabulary
  private let seed: UInt64
  private let terminal = Terminal()
  private var steps = 0
  private var smoothedLoss: Double?
  private var speed: Double?
  private var lastShown = ContinuousClock.now - .seconds(1)

  init(vocabulary: Vocabulary, seed: UInt64) {
    self.vocabulary = vocabulary
    self.seed = seed
  }

  mutating func observe(
    _ event: TrainingEvent, of model: some Layer
  ) throws -> TrainingDecision {
    switch event {
    case .began(let steps):
      self.steps = steps
    case .trained(let report):
      smooth(report)
      show(report)
    case .validated(let report):
      terminal.clearLine()
      print(
        "step \(report.step)  validation loss \(vocabulary.described(loss: report.loss))")
      try showSample(of: model)
    case .ended:
      terminal.clearLine()
    }
    return .goOn
  }

  private mutating func smooth(_ report: StepReport) {
    let rate = Double(report.positions) / report.duration
    smoothedLoss = smoothedLoss.map { 0.98 * $0 + 0.02 * report.loss } ?? report.loss
    speed = speed.map { 0.95 * $0 + 0.05 * rate } ?? rate
  }

  private mutating func show(_ report: StepReport) {
    let speed = speed ?? 0
    let left = Double((steps - report.step) * report.positions) / max(speed, 1)
    // What matters most comes first: a narrow window cuts the end off.
    let line =
      "step \(report.step)/\(steps)  \(left.clock) left  loss \(report.loss.fixed(3))  "
      + "smoothed \((smoothedLoss ?? 0).fixed(3))  \(Int(speed)) \(vocabulary.unit)s/s"
    let now = ContinuousClock.now
    let isLast = report.step == steps
    if terminal.isInteractive {
      guard now - lastShown > .milliseconds(100) || isLast else { return }
      terminal.replaceLine(with: line)
    } else {
      let isDue = report.step == 1 || report.step % max(steps / 20, min(10, steps)) == 0
      guard isDue || isLast || now - lastShown > .seconds(30) else { return }
      print(line)
      fflush(nil)
    }
    lastShown = now
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

/// Standard output, as a line that can be written over where it is a terminal.
struct Terminal {
  let isInteractive = isatty(STDOUT_FILENO) == 1

  /// Columns; asked for each time, since a window may be resized.
  var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  func replaceLine(with text: String) {
    print("\r\u{1B}[K" + text.prefix(width - 1), terminator: "")
    fflush(nil)
  }

  func clearLine() {
    if isInteractive { print("\r\u{1B}[K", terminator: "") }
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
