import UnrollFiles

extension Likelihood {
  /// What keeps widths and means above 0, e.
  static let least = 1e-3

  /// The mean, in the unit of the model.
  public func mean(_ outputs: [Float]) -> Double {
    isOfCounts ? softplus(Double(outputs[0])) + Self.least : Double(outputs[0])
  }

  /// The negative log-density of a number, and its slopes by the outputs.
  ///
  /// - Parameter unit: how many counts one unit of the model is.
  package func loss(
    _ outputs: UnsafePointer<Float>, of y: Double, unit: Double = 1,
    slopes: UnsafeMutablePointer<Double>? = nil
  ) -> Double {
    switch self {
    case .gaussian: gaussian(outputs, y, slopes)
    case .studentT: studentT(outputs, y, slopes)
    case .negativeBinomial: negativeBinomial(outputs, y, unit, slopes)
    }
  }

  private func gaussian(
    _ outputs: UnsafePointer<Float>, _ y: Double, _ slopes: UnsafeMutablePointer<Double>?
  ) -> Double {
    let s = softplus(Double(outputs[1])) + Self.least
    let z = (y - Double(outputs[0])) / s
    // log s + z² / 2 + log(2 π) / 2        d/dm = -z / s        d/ds = (1 - z²) / s
    if let slopes {
      slopes[0] = -z / s
      slopes[1] = (1 - z * z) / s * sigmoid(Double(outputs[1]))
    }
    return logarithm(s) + z * z / 2 + 0.918_938_533_204_672_74
  }

  private func studentT(
    _ outputs: UnsafePointer<Float>, _ y: Double, _ slopes: UnsafeMutablePointer<Double>?
  ) -> Double {
    let s = softplus(Double(outputs[1])) + Self.least
    let n = 2 + softplus(Double(outputs[2]))
    let z = (y - Double(outputs[0])) / s
    // log Γ(n/2) - log Γ((n+1)/2) + log(n π) / 2 + log s + (n+1)/2 log(1 + z²/n)
    let inner = logarithm(1 + z * z / n)
    if let slopes {
      let tail = (n + 1) * z * z / (n + z * z)
      slopes[0] = -(n + 1) * z / (s * (n + z * z))
      slopes[1] = (1 - tail) / s * sigmoid(Double(outputs[1]))
      slopes[2] =
        (digamma(n / 2) - digamma((n + 1) / 2) + 1 / n + inner - tail / n) / 2
        * sigmoid(Double(outputs[2]))
    }
    return logGamma(n / 2) - logGamma((n + 1) / 2) + logarithm(n * .pi) / 2 + logarithm(s)
      + (n + 1) / 2 * inner
  }

  private func negativeBinomial(
    _ outputs: UnsafePointer<Float>, _ y: Double, _ unit: Double,
    _ slopes: UnsafeMutablePointer<Double>?
  ) -> Double {
    let count = (y * unit).rounded()
    let mean = unit * (softplus(Double(outputs[0])) + Self.least)
    let a = softplus(Double(outputs[1])) + Self.least
    let r = 1 / a
    // log k! + log Γ(r) - log Γ(k + r) + r log(1 + a m) - k log(a m / (1 + a m))
    let whole = logarithm(1 + a * mean)
    if let slopes {
      slopes[0] = unit * (mean - count) / (mean * (1 + a * mean)) * sigmoid(Double(outputs[0]))
      slopes[1] =
        r * r
        * (digamma(count + r) - digamma(r) - whole + 1 - (count + r) / (r + mean))
        * sigmoid(Double(outputs[1]))
    }
    return logGamma(count + 1) + logGamma(r) - logGamma(count + r) + (r + count) * whole - count
      * logarithm(a * mean)
  }
}
