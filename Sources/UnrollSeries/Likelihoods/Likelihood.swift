import UnrollCore
import UnrollFiles

/// What a model says of a number that comes: a distribution, by a few outputs for each; and the loss by which it
/// learns to, the negative logarithm of the density.
///
///     Gaussian            m = o_0,  s = softplus(o_1) + e             density N(m, s²)
///     Student's t         m, s the same,  n = 2 + softplus(o_2)       density t_n((y - m) / s) / s
///     negative binomial   m = softplus(o_0) + e,  a = softplus(o_1) + e
///                         of the count k = u y, with the mean u m and the variance u m + a (u m)²
///
/// with e = 1e-3, so that no series that stands still makes the loss infinite (Salinas et al. 2020).
///
/// # Shapes
/// Outputs `[T, B, P]`, targets `[T, B, 1]`, or `[T, B, 2]` for the negative binomial: the number as a model sees it, and
/// how many counts one of its units is, u. Steps beyond a stream's length are left out.
public enum Likelihood: String, Codable, Sendable, CaseIterable {
  case gaussian = "gaussian"
  /// For errors of which some are wild.
  case studentT = "student-t"
  /// For counts: whole numbers from 0, which may vary more than their mean.
  case negativeBinomial = "negative-binomial"

  /// P, the outputs that a number needs.
  public var outputs: Int { self == .studentT ? 3 : 2 }

  /// The columns of a target: the number, and for counts the unit.
  public var targetColumns: Int { isOfCounts ? 2 : 1 }

  /// Whether it is of whole numbers.
  public var isOfCounts: Bool { self == .negativeBinomial }
}

extension Likelihood: Loss {
  public func loss(
    _ output: Tensor<Float>, of target: Tensor<Float>, in context: Context
  ) -> LossSum {
    var sum = LossSum()
    forEach(output, target, context) { outputs, y, unit, _ in
      sum.total += loss(outputs, of: y, unit: unit)
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
        forEach(output, target, context) { outputs, y, unit, place in
          _ = loss(outputs, of: y, unit: unit, slopes: at)
          for i in 0..<self.outputs { d[place + i] = Float(scale * at[i]) }
        }
      }
    }
    return gradient
  }

  private func forEach(
    _ output: Tensor<Float>, _ target: Tensor<Float>, _ context: Context,
    _ body: (_ outputs: UnsafePointer<Float>, _ y: Double, _ unit: Double, _ place: Int) -> Void
  ) {
    output.expectShape([nil, nil, outputs], axes: "TBP", of: "Likelihood output")
    let (time, batch, width) = (output.shape[0], output.shape[1], targetColumns)
    target.expectShape([time, batch, width], axes: "TBC", of: "Likelihood target")
    output.withUnsafeBufferPointer { o in
      target.withUnsafeBufferPointer { y in
        guard let start = o.baseAddress else { return }
        for t in 0..<time {
          for b in 0..<batch where t < context.lengths?[b] ?? time {
            let row = t * batch + b
            let unit = width > 1 ? Double(y[row * width + 1]) : 1
            body(start + row * outputs, Double(y[row * width]), unit, row * outputs)
          }
        }
      }
    }
  }
}
