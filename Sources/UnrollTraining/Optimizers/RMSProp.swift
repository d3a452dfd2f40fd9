import UnrollCore

/// RMSProp (Tieleman and Hinton 2012).
///
///     v = decay v + (1 - decay) g^2        w -= rate (g / (sqrt(v) + epsilon) + weightDecay w)
public struct RMSProp<Element: Scalar>: Optimizer {
  /// How slowly the mean of the squares forgets, in `[0, 1)`.
  public var decay: Double
  /// What keeps the division from zero.
  public var epsilon: Double
  public var weightDecay: Double
  public var moments: [String: [Tensor<Element>]] = [:]

  public static var momentNames: [String] { ["square"] }

  public var settings: [String: Double] {
    ["decay": decay, "epsilon": epsilon, "weightDecay": weightDecay]
  }

  public init(decay: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 0) {
    self.init(decay, epsilon, weightDecay)
  }

  private init(_ decay: Double, _ epsilon: Double, _ weightDecay: Double) {
    self.decay = decay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public mutating func update(
    _ parameter: inout Parameter<Element>, named name: String, by rule: UpdateRule
  ) {
    let (rate, decay) = (Element(rule.learningRate), Element(decay))
    let (epsilon, weightDecay) = (Element(epsilon), Element(rule.weightDecay))
    update(&parameter, named: name, threads: rule.threads) { count, value, gradient, moments in
      Self.step(count, value, gradient, moments[0], rate, decay, epsilon, weightDecay)
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func step(
    _ count: Int, _ w: UnsafeMutablePointer<Element>, _ g: UnsafePointer<Element>,
    _ v: UnsafeMutablePointer<Element>, _ rate: Element, _ decay: Element, _ epsilon: Element,
    _ weightDecay: Element
  ) {
    for i in 0..<count {
      v[i] = decay * v[i] + (1 - decay) * g[i] * g[i]
      w[i] -= rate * (g[i] / (v[i].squareRoot() + epsilon) + weightDecay * w[i])
    }
  }
}

extension RMSProp where Element == Float {
  public init(decay: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 0) {
    self.init(decay, epsilon, weightDecay)
  }
}
