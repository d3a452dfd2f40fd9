import UnrollCore

/// RMSProp (Tieleman and Hinton 2012).
///
///     v = decay v + (1 - decay) g^2        w -= rate g / (sqrt(v) + epsilon)
public struct RMSProp<Element: Scalar>: Optimizer {
  /// How slowly the mean of the squares forgets, in `[0, 1)`.
  public var decay: Double
  /// What keeps the division from zero.
  public var epsilon: Double
  private var squares: [String: Tensor<Element>] = [:]

  public init(decay: Double = 0.95, epsilon: Double = 1e-8) {
    self.init(decay, epsilon)
  }

  private init(_ decay: Double, _ epsilon: Double) {
    self.decay = decay
    self.epsilon = epsilon
  }

  public mutating func update<Model: Layer<Element>>(
    _ model: inout Model, learningRate: Double, threads: Int
  ) {
    let (rate, decay, epsilon) = (Element(learningRate), Element(decay), Element(epsilon))
    model.visitParameters { name, parameter in
      var kept = [squares.removeValue(forKey: name) ?? Tensor(shape: parameter.shape)]
      parameter.update(with: &kept, threads: threads) { count, value, gradient, kept in
        Self.step(count, value, gradient, kept[0], rate, decay, epsilon)
      }
      squares[name] = kept[0]
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func step(
    _ count: Int, _ w: UnsafeMutablePointer<Element>, _ g: UnsafePointer<Element>,
    _ v: UnsafeMutablePointer<Element>, _ rate: Element, _ decay: Element, _ epsilon: Element
  ) {
    for i in 0..<count {
      v[i] = decay * v[i] + (1 - decay) * g[i] * g[i]
      w[i] -= rate * g[i] / (v[i].squareRoot() + epsilon)
    }
  }
}

extension RMSProp where Element == Float {
  public init(decay: Double = 0.95, epsilon: Double = 1e-8) {
    self.init(decay, epsilon)
  }
}
