import Foundation

/// What a line of progress says of a run, field by field.
struct ProgressFields {
  private let unit: String
  private let (first, last): (Int, Int)
  private var smoothedLoss: Double?
  /// Seconds that a step takes, and steps of sequences that are read in one.
  private var (duration, read): (Double?, Double?)
  private(set) var history = LossHistory()
  /// What matters most comes first.
  private(set) var texts: [String] = []

  /// - Parameters:
  ///   - unit: what the steps of the sequences are that are read.
  ///   - first: the step that the run goes on from.
  ///   - last: the step that it is to reach.
  init(unit: String, from first: Int, to last: Int) {
    self.unit = unit
    (self.first, self.last) = (first, last)
  }

  mutating func note(_ report: StepReport) {
    smoothedLoss = smoothedLoss.map { 0.98 * $0 + 0.02 * report.loss } ?? report.loss
    history.add(smoothedLoss ?? 0)
    // The first step fills caches and pools: it says nothing of those to come.
    if report.step > first + 1 {
      duration = duration.map { 0.95 * $0 + 0.05 * report.duration } ?? report.duration
      read = read.map { 0.95 * $0 + 0.05 * Double(report.inputSteps) } ?? Double(report.inputSteps)
    }
    let left = duration.flatMap { $0 > 0 ? (Double(last - report.step) * $0).clock + " left" : nil }
    texts = [
      "step \(report.step)/\(last)", "loss \(report.loss.fixed(3))", left,
      "smoothed \((smoothedLoss ?? 0).fixed(3))", speed.map { "\($0.thousands) \(unit)/s" },
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

  /// With so many digits after the point; a number of very many before it by its power of ten.
  package func fixed(_ digits: Int) -> String {
    String(format: abs(self) < 1e7 ? "%.\(digits)f" : "%.\(digits)e", self)
  }

  /// Seconds as `1:23:45` or `2:07`.
  package var clock: String {
    let seconds = Int(isFinite ? Swift.min(Swift.max(rounded(), 0), 1e9) : 0)
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
      : String(format: "%d:%02d", minutes, seconds % 60)
  }
}
