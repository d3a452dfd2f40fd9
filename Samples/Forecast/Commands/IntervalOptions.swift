import ArgumentParser
import ProgramSupport

/// The intervals whose coverage and width are told.
struct IntervalOptions: ParsableArguments {
  static let standard = [0.5, 0.8, 0.95]

  @Option(
    help: ArgumentHelp(
      "The probabilities of the intervals whose coverage and width are told, from 0.01 to 0.99.",
      valueName: "P,P"))
  var intervals = standard.map { "\($0)" }.joined(separator: ",")

  func validate() throws { _ = try probabilities() }

  /// In the order that they were given in.
  func probabilities() throws -> [Double] {
    let all = intervals.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0) ?? -1
    }
    guard all.allSatisfy({ $0 >= 0.01 && $0 <= 0.99 }), Set(all).count == all.count else {
      throw ValidationError(
        "--intervals '\(intervals)' are not different probabilities from 0.01 to 0.99, such as "
          + "0.5,0.8,0.95")
    }
    return all
  }

  /// The probabilities of the quantiles that an interval lies between, as much below it as above.
  static func ends(of interval: Double) -> (lower: Double, upper: Double) {
    // In millionths, so that those of 0.8 are 0.1 and 0.9.
    let below = ((1 - interval) * 500_000).rounded()
    return (below / 1e6, (1e6 - below) / 1e6)
  }
}
