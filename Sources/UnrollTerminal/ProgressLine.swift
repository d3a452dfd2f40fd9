import Foundation
import UnrollTraining

/// Shows how training goes: on a terminal as one line that changes and stays at the end, with the
/// curve of the loss behind it; elsewhere as plain lines now and then.
///
///     step 368/900  loss 1.610  0:07 left  smoothed 1.595  196k characters/s  █▇▆▅▄▃▃▂▂▁▁▁
///
/// A validation that is the best so far is marked by `*`. Fields that do not fit into the window are left out. `NO_COLOR` is respected.
public struct ProgressLine: TrainingObserver {
  private let unit: String
  private let describe: @Sendable (Double) -> String
  private var terminal = StatusLine()
  private var (first, last) = (0, 0)
  private var fields = ProgressFields(unit: "", from: 0, to: 0)
  private var lastShown = ContinuousClock.now - .seconds(1)

  /// - Parameters:
  ///   - unit: what the steps of the sequences are that are read: characters, words, hours.
  ///   - describe: how the loss of a validation is given; with four digits by default.
  public init(
    unit: String = "steps", describingLoss describe: (@Sendable (Double) -> String)? = nil
  ) {
    self.unit = unit
    self.describe = describe ?? { TerminalFormat.fixed($0, 4) }
  }

  public mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    switch event {
    case .began(let first, let last):
      (self.first, self.last) = (first, last)
      fields = ProgressFields(unit: unit, from: first, to: last)
    case .trained(let report):
      fields.note(report)
      show(report.step)
    case .validated(let report):
      terminal.clear()
      print(
        "step \(report.step)  validation loss \(describe(report.loss))"
          + (report.isBest ? " *" : ""))
      fflush(nil)
    case .finished: break
    case .ended, .failed:
      // What the line said last stays.
      if terminal.isInteractive && !fields.texts.isEmpty {
        showLine()
        print()
      }
    }
    return .continue
  }

  private mutating func show(_ step: Int) {
    let now = ContinuousClock.now
    let isLast = step == last
    // A clock may go back.
    let waited = now < lastShown ? .seconds(60) : now - lastShown
    if terminal.isInteractive {
      guard waited > .milliseconds(100) || isLast else { return }
      showLine()
    } else {
      let isDue = step == first + 1 || step % max(last / 20, min(10, last), 1) == 0
      guard isDue || isLast || waited > .seconds(30) else { return }
      print(fields.texts.joined(separator: "  "))
      fflush(nil)
    }
    lastShown = now
  }

  /// As many fields as fit, at least the first, and behind them the loss so far: eight columns of it
  /// are worth more than the fields after the third.
  private mutating func showLine() {
    let columns = terminal.width - 1
    let texts = fields.texts
    func line(_ count: Int) -> String { texts.prefix(count).joined(separator: "  ") }
    let withCurve = (3...max(3, texts.count)).last { line($0).count + 10 <= columns }
    let count = withCurve ?? (1...texts.count).last { line($0).count <= columns } ?? 1
    let room = min(40, columns - line(count).count - 2)
    terminal.replace(
      with: line(count), tail: room < 8 ? "" : "  " + fields.history.sparkline(width: room))
  }
}
