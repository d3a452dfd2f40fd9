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
  /// A rate that is multiplied by a factor after every so many steps.
  case step(from: Double, factor: Double, every: Int)
  /// A rate that is multiplied by a factor over so many steps, a little at each.
  case exponential(from: Double, factor: Double, over: Int)
  /// The product of two: a schedule of rates, and one of factors.
  case product(Schedule, Schedule)
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

  /// One rise and one fall, both along half a cosine, and an end far below the beginning (Smith and
  /// Topin 2019).
  ///
  /// - Parameters:
  ///   - rise: the part of the steps in which the rate rises, from a 25th of the peak.
  public static func oneCycle(peak: Double, steps: Int, rise: Double = 0.3) -> Schedule {
    let up = max(1, Int((Double(steps) * rise).rounded()))
    return .sequence(
      .cosine(from: peak / 25, to: peak, steps: up), steps: up,
      then: .cosine(from: peak, to: peak / 250_000, steps: max(steps - up, 1)))
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
    case .step(let from, let factor, let every):
      return from * pow(factor, Double(step / max(every, 1)))
    case .exponential(let from, let factor, let over):
      return from * pow(factor, Double(step) / Double(max(over, 1)))
    case .product(let rates, let factors):
      return rates.rate(at: step) * factors.rate(at: step)
    case .sequence(let first, let steps, let then):
      return step < steps ? first.rate(at: step) : then.rate(at: step - steps)
    }
  }

  private func progress(_ step: Int, _ steps: Int) -> Double {
    steps > 0 ? min(Double(step) / Double(steps), 1) : 1
  }
}
