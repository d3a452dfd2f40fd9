import UnrollCore
import UnrollFiles

/// What a model says of a number that comes: a distribution, by a few outputs for each; and the loss by which it
/// learns to, the negative logarithm of the density.
///
///     Gaussian      m = o_0,  s = softplus(o_1) + e                     density N(m, s²)
///     Student's t   m, s the same,  n = 2 + softplus(o_2)               density t_n((y - m) / s) / s
///
/// with e = 1e-3, so that no series that stands still makes the loss infinite (Salinas et al. 2020).
///
/// # Shapes
/// Outputs `[T, B, P]`, targets `[T, B, 1]`; steps beyond a stream's length are left out.
public enum Likelihood: String, Codable, Sendable, CaseIterable {
  case gaussian = "gaussian"
  /// For errors of which some are wild.
  case studentT = "student-t"

  /// P, the outputs that a number needs.
  public var outputs: Int { self == .gaussian ? 2 : 3 }

  /// A distribution.
  struct Parameters {
    var mean: Double
    var width: Double
    /// Of a Gaussian it is infinite.
    var freedom = Double.infinity
  }

  func parameters(_ outputs: UnsafePointer<Float>) -> Parameters {
    let width = softplus(Double(outputs[1])) + 1e-3
    return switch self {
    case .gaussian: Parameters(mean: Double(outputs[0]), width: width)
    case .studentT:
      Parameters(
        mean: Double(outputs[0]), width: width, freedom: 2 + softplus(Double(outputs[2])))
    }
  }

  /// The mean.
  public func mean(_ outputs: [Float]) -> Double { Double(outputs[0]) }

  /// A number drawn from the distribution.
  ///
  /// - Parameter draw: which of the source's numbers are taken, counted from 0.
  public func sample(_ outputs: [Float], _ random: RandomSource, draw: Int) -> Double {
    let p = outputs.withUnsafeBufferPointer { outputs in
      outputs.baseAddress.map { parameters($0) } ?? Parameters(mean: 0, width: 1)
    }
    let random = random.child(draw)
    let normal = random.normal(0)
    guard p.freedom.isFinite else { return p.mean + p.width * normal }
    // A normal number by the root of a mean of squares: n / 2 times a gamma of n / 2.
    let squares = 2 * gamma(p.freedom / 2, random.child("gamma"))
    return p.mean + p.width * normal / (squares / p.freedom).squareRoot()
  }

  /// A number of the gamma distribution of a shape of at least 1 (Marsaglia and Tsang 2000).
  private func gamma(_ shape: Double, _ random: RandomSource) -> Double {
    let d = shape - 1 / 3
    let c = 1 / (9 * d).squareRoot()
    for i in 0..<1000 {
      let own = random.child(i)
      let x = own.normal(0)
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      if logarithm(own.uniform(2)) < 0.5 * x * x + d - d * v + d * logarithm(v) { return d * v }
    }
    return d
  }

  /// The negative log-density of a number, and its slopes by the outputs.
  package func loss(
    _ outputs: UnsafePointer<Float>, of y: Double, slopes: UnsafeMutablePointer<Double>? = nil
  ) -> Double {
    let p = parameters(outputs)
    let z = (y - p.mean) / p.width
    switch self {
    case .gaussian:
      // log s + z² / 2 + log(2 π) / 2        d/dm = -z / s        d/ds = (1 - z²) / s
      if let slopes {
        slopes[0] = -z / p.width
        slopes[1] = (1 - z * z) / p.width * sigmoid(Double(outputs[1]))
      }
      return logarithm(p.width) + z * z / 2 + 0.918_938_533_204_672_74
    case .studentT:
      // log Γ(n/2) - log Γ((n+1)/2) + log(n π) / 2 + log s + (n+1)/2 log(1 + z²/n)
      let n = p.freedom
      let inner = logarithm(1 + z * z / n)
      if let slopes {
        slopes[0] = -(n + 1) * z / (p.width * (n + z * z))
        slopes[1] =
          (1 - (n + 1) * z * z / (n + z * z)) / p.width * sigmoid(Double(outputs[1]))
        slopes[2] =
          (digamma(n / 2) - digamma((n + 1) / 2) + 1 / n + inner - (n + 1) * z * z
            / (n * (n + z * z)))
          / 2 * sigmoid(Double(outputs[2]))
      }
      return logGamma(n / 2) - logGamma((n + 1) / 2) + logarithm(n * .pi) / 2 + logarithm(p.width)
        + (n + 1) / 2 * inner
    }
  }
}

extension Likelihood: Loss {
  public func loss(
    _ output: Tensor<Float>, of target: Tensor<Float>, in context: Context
  ) -> LossSum {
    var sum = LossSum()
    forEach(output, target, context) { outputs, y, _ in
      sum.total += loss(outputs, of: y)
      sum.count += 1
      sum.weight += 1
    }
    return sum
  }

  public func gradient(
    _ output: Tensor<Float>, of target: Tensor<Float>, scale: Double, in context: Context
  ) -> Tensor<Float> {
    var gradient = Tensor<Float>(shape: output.shape)
    gradient.withUnsafeMutableBufferPointer { d in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: self.outputs) { slopes in
        guard let at = slopes.baseAddress else { return }
        at.initialize(repeating: 0, count: self.outputs)
        forEach(output, target, context) { outputs, y, place in
          _ = loss(outputs, of: y, slopes: at)
          for i in 0..<self.outputs { d[place + i] = Float(scale * at[i]) }
        }
      }
    }
    return gradient
  }

  private func forEach(
    _ output: Tensor<Float>, _ target: Tensor<Float>, _ context: Context,
    _ body: (_ outputs: UnsafePointer<Float>, _ y: Double, _ place: Int) -> Void
  ) {
    output.expectShape([nil, nil, outputs], axes: "TBP", of: "Likelihood output")
    let (time, batch) = (output.shape[0], output.shape[1])
    target.expectShape([time, batch, 1], axes: "TB1", of: "Likelihood target")
    output.withUnsafeBufferPointer { o in
      target.withUnsafeBufferPointer { y in
        guard let start = o.baseAddress else { return }
        for t in 0..<time {
          for b in 0..<batch where t < context.lengths?[b] ?? time {
            let row = t * batch + b
            body(start + row * outputs, Double(y[row]), row * outputs)
          }
        }
      }
    }
  }
}
