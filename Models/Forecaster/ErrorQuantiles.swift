import Foundation
import UnrollCore
import UnrollFiles

/// How far forecasts have been from what came, by quantiles: what makes intervals that keep their word (split-conformal
/// prediction, Vovk et al. 2005; of a model that gives quantiles itself, Romano et al. 2019; each step of the horizon
/// for itself).
///
/// An error is what came less the forecast, relative as the windows are. The quantile p of n errors is that of which
/// p (n + 1) are no greater, so that intervals keep their word of data like those. Of points all quantiles are of the
/// errors of the point; of quantiles each is of the errors of its own.
///
/// # Shapes
/// `[C, H, P]`: C targets, H rows ahead, P probabilities.
public struct ErrorQuantiles: Sendable, Equatable {
  /// The probabilities of which quantiles are kept for points and for sampled paths.
  public static let standardProbabilities: [Double] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7,
    0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995,
  ]

  /// The fewest forecasts by which quantiles that a model has itself are corrected: by fewer they become worse.
  public static let least = 20

  /// The probabilities of which quantiles are kept, rising.
  public let probabilities: [Double]
  /// `[C, H, P]`.
  public let quantiles: Tensor<Float>

  /// `[C, H]`.
  public var shape: [Int] { Array(quantiles.shape.dropLast()) }

  /// - Parameter errors: for each target, row ahead and output all that there were, at least one; one output for all
  ///   probabilities, or one for each.
  init(_ errors: [[[[Float]]]], probabilities: [Double] = standardProbabilities) {
    self.probabilities = probabilities
    let horizon = errors.first?.count ?? 0
    var quantiles = Tensor<Float>(shape: [errors.count, horizon, probabilities.count])
    for (c, steps) in errors.enumerated() {
      for (h, outputs) in steps.enumerated() {
        let sorted = outputs.map { $0.sorted() }
        for (i, p) in probabilities.enumerated() {
          let own = sorted[min(i, sorted.count - 1)]
          quantiles[c, h, i] = own[Self.rank(p, of: own.count)]
        }
      }
    }
    self.quantiles = quantiles
  }

  /// Which of n sorted errors the quantile p is: away from the middle, so that no interval is too narrow.
  static func rank(_ p: Double, of count: Int) -> Int {
    // In thousandths, where those that are kept are whole numbers: one is not to be missed by a rounding.
    let place = (p * 1e6).rounded() / 1000 * Double(count + 1) / 1000
    let rank = Int(p < 0.5 ? place.rounded(.down) : place.rounded(.up))
    return min(max(rank, 1), count) - 1
  }

  /// - Parameter areOfPoints: whether all are of the same errors, so that they rise.
  /// - Throws: ``ForecasterError`` where the numbers are no quantiles.
  init(
    quantiles: Tensor<Float>, probabilities: [Double] = standardProbabilities, areOfPoints: Bool
  ) throws {
    let width = probabilities.count
    guard quantiles.rank == 3, quantiles.columns == width,
      quantiles.withUnsafeBufferPointer({ q in
        q.indices.allSatisfy {
          q[$0].isFinite && (!areOfPoints || $0 % width == 0 || q[$0] >= q[$0 - 1])
        }
      })
    else { throw ForecasterError("its errors are no quantiles") }
    self.probabilities = probabilities
    self.quantiles = quantiles
  }

  /// What to add to a forecast for it to be exceeded with the probability 1 - p.
  public func quantile(_ p: Double, target: Int, step: Int) -> Float {
    let place = QuantilePlace(p, in: probabilities)
    let (low, high) = (quantiles[target, step, place.below], quantiles[target, step, place.above])
    return low + Float(place.part) * (high - low)
  }
}

/// Where a probability is among those that rise: between two neighbors, by proportion of the logarithms of their odds,
/// as quantiles of what is spread like a bell are.
struct QuantilePlace {
  /// The probability below it, or the first one.
  var below: Int
  /// The probability above it, or the last one.
  var above: Int
  /// How far its quantile is from that of the one to that of the other, 0 to 1.
  var part: Double

  init(_ p: Double, in probabilities: [Double]) {
    above = probabilities.firstIndex { $0 >= p } ?? probabilities.count - 1
    below = max(0, above - 1)
    func odds(_ p: Double) -> Double { log(p / (1 - p)) }
    let (low, high) = (odds(probabilities[below]), odds(probabilities[above]))
    part = high > low ? min(max((odds(p) - low) / (high - low), 0), 1) : 0
  }
}
