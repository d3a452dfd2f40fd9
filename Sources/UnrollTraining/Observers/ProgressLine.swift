import Foundation

/// Shows how training goes: on a terminal as one line that changes and stays at the end, with the
/// curve of the loss behind it; elsewhere as plain lines now and then.
///
///     step 368/900  loss 1.610  0:07 left  smoothed 1.595  196k characters/s  █▇▆▅▄▃▃▂▂▁▁▁
///
/// Fields that do not fit into the window are left out. `NO_COLOR` is respected.
public struct ProgressLine: TrainingObserver {
  private let unit: String
  private let describe: @Sendable (Double) -> String
  private var terminal = StatusLine()
  private var steps = 0
  private var first = 0
  private var smoothedLoss: Double?
  private var speed: Double?
  private var history = LossHistory()
  private var fields: [String] = []
  private var lastShown = ContinuousClock.now - .seconds(1)

  /// - Parameters:
  ///   - unit: what the positions of a batch are.
  ///   - describe: how the loss of a validation is given; with four digits by default.
  public init(
    unit: String = "positions", describingLoss describe: (@Sendable (Double) -> String)? = nil
  ) {
    self.unit = unit
    self.describe = describe ?? { $0.fixed(4) }
  }

  public mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    switch event {
    case .began(let first, let steps):
      (self.first, self.steps) = (first, steps)
    case .trained(let report):
      note(report)
      show(report)
    case .validated(let report):
      terminal.clear()
      print(
        "step \(report.step)  validation loss \(describe(report.loss))"
          + (report.isBest ? "" : "  (not the best)"))
      fflush(nil)
    case .finished: break
    case .ended, .failed:
      // What the line said last stays.
      if terminal.isInteractive && !fields.isEmpty {
        showLine()
        print()
      }
    }
    return .goOn
  }

  private mutating func note(_ report: StepReport) {
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
      "step \(report.step)/\(steps)", "loss \(report.loss.fixed(3))", left,
      "smoothed \((smoothedLoss ?? 0).fixed(3))", speed.map { "\($0.thousands) \(unit)/s" },
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
    terminal.replace(
      with: line(count), tail: room < 8 ? "" : "  " + history.sparkline(width: room))
  }
}

extension Double {
  /// Thousands as `12k`.
  fileprivate var thousands: String { self < 10_000 ? "\(Int(self))" : "\(Int(self / 1000))k" }

  /// With so many digits after the point; a number of very many before it by its power of ten.
  package func fixed(_ digits: Int) -> String {
    String(format: abs(self) < 1e7 ? "%.\(digits)f" : "%.\(digits)e", self)
  }

  /// Seconds as `1:23:45` or `2:07`.
  package var clock: String {
    let seconds = Int(isFinite ? Swift.min(rounded(), 1e9) : 0)
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
      : String(format: "%d:%02d", minutes, seconds % 60)
  }
}
