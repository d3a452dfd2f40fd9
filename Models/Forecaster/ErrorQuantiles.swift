import UnrollCore
import UnrollFiles

/// How far forecasts have been from what came, by quantiles: what makes intervals of points (split-conformal
/// prediction, Vovk et al. 2005; each step of the horizon for itself).
///
/// An error is what came less the forecast, relative as the windows are. The quantile p of n errors is that of which
/// p (n + 1) are no greater, so that intervals keep their word of data like those.
///
/// # Shapes
/// `[C, H, P]`: C targets, H rows ahead, P probabilities.
public struct ErrorQuantiles: Sendable, Equatable {
  /// The probabilities of which quantiles are kept.
  public static let probabilities: [Double] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7,
    0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995,
  ]

  /// `[C, H, P]`, rising with the probability.
  public let quantiles: Tensor<Float>

  /// `[C, H]`.
  public var shape: [Int] { Array(quantiles.shape.dropLast()) }

  /// - Parameter errors: for each target and row ahead all that there were, at least one.
  init(_ errors: [[[Float]]]) {
    let probabilities = Self.probabilities
    let horizon = errors.first?.count ?? 0
    var quantiles = Tensor<Float>(shape: [errors.count, horizon, probabilities.count])
    for (c, steps) in errors.enumerated() {
      for (h, unsorted) in steps.enumerated() {
        let sorted = unsorted.sorted()
        for (i, p) in probabilities.enumerated() {
          quantiles[c, h, i] = sorted[Self.rank(p, of: sorted.count)]
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

  /// - Throws: ``ForecasterError`` where the numbers are no quantiles.
  init(quantiles: Tensor<Float>) throws {
    let width = Self.probabilities.count
    guard quantiles.rank == 3, quantiles.columns == width,
      quantiles.withUnsafeBufferPointer({ q in
        q.indices.allSatisfy { q[$0].isFinite && ($0 % width == 0 || q[$0] >= q[$0 - 1]) }
      })
    else { throw ForecasterError("its errors are no quantiles") }
    self.quantiles = quantiles
  }

  /// What to add to a forecast for it to be exceeded with the probability 1 - p; between two that are kept by
  /// proportion.
  public func quantile(_ p: Double, target: Int, step: Int) -> Float {
    let all = Self.probabilities
    guard let above = all.firstIndex(where: { $0 >= p }) else {
      return quantiles[target, step, all.count - 1]
    }
    guard above > 0 else { return quantiles[target, step, 0] }
    let part = Float((p - all[above - 1]) / (all[above] - all[above - 1]))
    let (low, high) = (quantiles[target, step, above - 1], quantiles[target, step, above])
    return low + part * (high - low)
  }
}
