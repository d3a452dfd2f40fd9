import UnrollCore

/// What is done to gradients that are too long (Pascanu et al. 2013).
public enum GradientClipping: Sendable, Equatable {
  case none
  /// All gradients are scaled so that together they are no longer than this.
  case globalNorm(Double)
  /// Every number is brought into `[-limit, limit]`.
  case value(Double)

  /// Clips the gradients of a model. Where their length is not finite, they stay as they are, so that
  /// it can be seen which are to blame.
  ///
  /// - Returns: their length, all parameters together, before clipping.
  @discardableResult
  public func clip<Model: Layer>(_ model: inout Model) -> Double {
    let norm = model.gradientNorm
    guard norm.isFinite else { return norm }
    switch self {
    case .none: break
    case .globalNorm(let limit):
      guard norm > limit else { break }
      let factor = Model.Element(limit / norm)
      model.visitParameters { _, parameter in parameter.gradient *= factor }
    case .value(let limit):
      let limit = Model.Element(limit)
      model.visitParameters { _, parameter in
        parameter.gradient.withUnsafeMutableBufferPointer { g in
          for i in g.indices { g[i] = min(max(g[i], -limit), limit) }
        }
      }
    }
    return norm
  }
}

extension Layer {
  /// The length of all gradients together.
  var gradientNorm: Double {
    var copy = self
    var sum = 0.0
    copy.visitParameters { _, parameter in sum += parameter.gradient.sumOfSquares() }
    return sum.squareRoot()
  }
}
