import UnrollCore

/// Stochastic gradient descent, with momentum (Polyak 1964).
///
///     m = momentum m + g        w -= rate (m + weightDecay w)
public struct SGD<Element: Scalar>: Optimizer {
  /// How much of the last move goes on, in `[0, 1)`.
  public var momentum: Double
  public var weightDecay: Double
  public var moments: [String: [Tensor<Element>]] = [:]

  public static var momentNames: [String] { ["velocity"] }

  public var settings: [String: Double] {
    ["momentum": momentum, "weightDecay": weightDecay]
  }

  public init(momentum: Double = 0, weightDecay: Double = 0) {
    self.init(momentum, weightDecay)
  }

  private init(_ momentum: Double, _ weightDecay: Double) {
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  public mutating func update(
    _ parameter: inout Parameter<Element>, named name: String, by rule: UpdateRule
  ) {
    let (rate, momentum) = (Element(rule.learningRate), Element(momentum))
    let weightDecay = Element(rule.weightDecay)
    update(&parameter, named: name, threads: rule.threads) { count, value, gradient, moments in
      Self.step(count, value, gradient, moments[0], rate, momentum, weightDecay)
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func step(
    _ count: Int, _ w: UnsafeMutablePointer<Element>, _ g: UnsafePointer<Element>,
    _ m: UnsafeMutablePointer<Element>, _ rate: Element, _ momentum: Element,
    _ weightDecay: Element
  ) {
    for i in 0..<count {
      m[i] = momentum * m[i] + g[i]
      w[i] -= rate * (m[i] + weightDecay * w[i])
    }
  }
}

extension SGD where Element == Float {
  public init(momentum: Double = 0, weightDecay: Double = 0) {
    self.init(momentum, weightDecay)
  }
}
