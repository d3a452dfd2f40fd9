import Foundation

/// The learning rate at every step.
public indirect enum Schedule: Sendable, Equatable {
  /// The same at every step.
  case constant(Double)
  /// From one rate to another in a straight line over some steps, then the second.
  case linear(from: Double, to: Double, steps: Int)
  /// From one rate to another along half a cosine over some steps, then the second (Loshchilov and
  /// Hutter 2017).
  case cosine(from: Double, to: Double, steps: Int)
  /// One schedule for some steps, then another from its beginning.
  case sequence(Schedule, steps: Int, then: Schedule)

  /// A straight rise to `peak`, then half a cosine down to `floor` at step `steps`.
  public static func warmUpAndDecay(
    peak: Double, floor: Double = 0, warmUp: Int, steps: Int
  ) -> Schedule {
    let decay = Schedule.cosine(from: peak, to: floor, steps: max(steps - warmUp, 1))
    guard warmUp > 0 else { return decay }
    let rise = Schedule.linear(from: peak / Double(warmUp), to: peak, steps: max(warmUp - 1, 1))
    return .sequence(rise, steps: warmUp, then: decay)
  }

  /// The learning rate of a step; the first is 0.
  public func rate(at step: Int) -> Double {
    switch self {
    case .constant(let rate):
      return rate
    case .linear(let from, let to, let steps):
      return from + (to - from) * progress(step, steps)
    case .cosine(let from, let to, let steps):
      return to + (from - to) * (1 + cos(.pi * progress(step, steps))) / 2
    case .sequence(let first, let steps, let then):
      return step < steps ? first.rate(at: step) : then.rate(at: step - steps)
    }
  }

  private func progress(_ step: Int, _ steps: Int) -> Double {
    steps > 0 ? min(Double(step) / Double(steps), 1) : 1
  }
}
