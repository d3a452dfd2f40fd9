import UnrollCore

/// Stochastic gradient descent, with momentum (Polyak 1964).
///
///     m = momentum m + g        w -= rate m
public struct SGD<Element: Scalar>: Optimizer {
  /// How much of the last move goes on, in `[0, 1)`.
  public var momentum: Double
  private var velocities: [String: Tensor<Element>] = [:]

  public init(momentum: Double = 0) {
    self.init(momentum)
  }

  private init(_ momentum: Double) {
    self.momentum = momentum
  }

  public mutating func update<Model: Layer<Element>>(
    _ model: inout Model, learningRate: Double, threads: Int
  ) {
    let (rate, momentum) = (Element(learningRate), Element(momentum))
    model.visitParameters { name, parameter in
      var kept = [velocities.removeValue(forKey: name) ?? Tensor(shape: parameter.shape)]
      parameter.update(with: &kept, threads: threads) { count, value, gradient, kept in
        Self.step(count, value, gradient, kept[0], rate, momentum)
      }
      velocities[name] = kept[0]
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func step(
    _ count: Int, _ w: UnsafeMutablePointer<Element>, _ g: UnsafePointer<Element>,
    _ m: UnsafeMutablePointer<Element>, _ rate: Element, _ momentum: Element
  ) {
    for i in 0..<count {
      m[i] = momentum * m[i] + g[i]
      w[i] -= rate * m[i]
    }
  }
}

extension SGD where Element == Float {
  public init(momentum: Double = 0) {
    self.init(momentum)
  }
}
