import UnrollCore
import UnrollFiles

extension Likelihood {
  /// A number drawn from the distribution, in the unit of the model.
  ///
  /// - Parameters:
  ///   - unit: how many counts one unit of the model is.
  ///   - draw: which of the source's numbers are taken, counted from 0.
  public func sample(
    _ outputs: [Float], unit: Double = 1, _ random: RandomSource, draw: Int
  ) -> Double {
    let random = random.child(draw)
    let width = softplus(Double(outputs[1])) + Self.least
    switch self {
    case .gaussian: return mean(outputs) + width * normal(random)
    case .studentT:
      // A normal number by the root of a mean of squares: n / 2 times a gamma of n / 2.
      let n = 2 + softplus(Double(outputs[2]))
      let squares = 2 * gamma(n / 2, random.child("gamma"))
      return mean(outputs) + width * normal(random) / (squares / n).squareRoot()
    case .negativeBinomial:
      // A Poisson number whose mean is of a gamma distribution.
      let rate = width * unit * mean(outputs) * gamma(1 / width, random.child("gamma"))
      return poisson(rate, random.child("poisson")) / unit
    }
  }

  /// A number of the normal distribution (Box and Muller 1958), whose tails are those of the formula, which those of
  /// ``RandomSource/normal(_:)`` are not.
  private func normal(_ random: RandomSource) -> Double {
    (-2 * logarithm(1 - random.uniform(0))).squareRoot() * cosine(2 * .pi * random.uniform(1))
  }

  /// A number of the gamma distribution of a shape above 0 (Marsaglia and Tsang 2000).
  private func gamma(_ shape: Double, _ random: RandomSource) -> Double {
    guard shape >= 1 else {
      return gamma(shape + 1, random.child("above"))
        * exponential(logarithm(1 - random.uniform(0)) / shape)
    }
    let d = shape - 1 / 3
    let c = 1 / (9 * d).squareRoot()
    for i in 0..<1000 {
      let own = random.child(i)
      let x = normal(own)
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      if logarithm(1 - own.uniform(2)) < 0.5 * x * x + d - d * v + d * logarithm(v) { return d * v }
    }
    return d
  }

  /// A number of the Poisson distribution: of a small mean by how many exponential times fit into it, of others by
  /// rejection from a transformed uniform number (Hörmann 1993, PTRS).
  private func poisson(_ mean: Double, _ random: RandomSource) -> Double {
    guard mean >= 10 else {
      var (count, time) = (0, -logarithm(1 - random.uniform(0)))
      while time < mean {
        count += 1
        time -= logarithm(1 - random.uniform(count))
      }
      return Double(count)
    }
    let b = 0.931 + 2.53 * mean.squareRoot()
    let a = -0.059 + 0.02483 * b
    for i in 0..<1000 {
      let own = random.child(i)
      let (u, v) = (own.uniform(0) - 0.5, 1 - own.uniform(1))
      let us = 0.5 - abs(u)
      let k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
      guard k >= 0, us >= 0.013 || v <= us else { continue }
      let height = v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (us * us) + b)
      if logarithm(height) <= k * logarithm(mean) - mean - logGamma(k + 1) { return k }
    }
    return mean.rounded()
  }
}
