import Foundation
import UnrollTraining

/// What a line of progress says of a run, field by field.
package struct ProgressFields {
  private let unit: String
  private let (first, last): (Int, Int)
  private var smoothedLoss: Double?
  /// Seconds that a step takes, and steps of sequences that are read in one.
  private var (duration, read): (Double?, Double?)
  package private(set) var history = LossHistory()
  /// What matters most comes first.
  package private(set) var texts: [String] = []

  /// - Parameters:
  ///   - unit: what the steps of the sequences are that are read.
  ///   - first: the step that the run goes on from.
  ///   - last: the step that it is to reach.
  package init(unit: String, from first: Int, to last: Int) {
    self.unit = unit
    (self.first, self.last) = (first, last)
  }

  package mutating func note(_ report: StepReport) {
    smoothedLoss = smoothedLoss.map { 0.98 * $0 + 0.02 * report.loss } ?? report.loss
    history.add(smoothedLoss ?? 0)
    // The first step fills caches and pools: it says nothing of those to come.
    if report.step > first + 1 {
      let seconds = report.duration / .seconds(1)
      duration = duration.map { 0.95 * $0 + 0.05 * seconds } ?? seconds
      read = read.map { 0.95 * $0 + 0.05 * Double(report.inputSteps) } ?? Double(report.inputSteps)
    }
    let left = duration.flatMap {
      $0 > 0 ? TerminalFormat.clock(seconds: Double(last - report.step) * $0) + " left" : nil
    }
    texts = [
      "step \(report.step)/\(last)", "loss \(TerminalFormat.fixed(report.loss, 3))", left,
      "smoothed \(TerminalFormat.fixed(smoothedLoss ?? 0, 3))",
      speed.map { "\($0.thousands) \(unit)/s" },
    ].compactMap { $0 }
  }

  /// Steps of sequences in a second; none where the clock stands still.
  private var speed: Double? {
    guard let duration, let read, duration > 0, (read / duration).isFinite else { return nil }
    return read / duration
  }
}

extension Double {
  /// Thousands as `12k`, and what is more by its power of ten.
  fileprivate var thousands: String {
    switch self {
    case ..<10_000: "\(Int(self))"
    case ..<1e9: "\(Int(self / 1000))k"
    default: String(format: "%.0e", self)
    }
  }
}
