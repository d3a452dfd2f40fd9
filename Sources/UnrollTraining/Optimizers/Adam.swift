import CUnrollKernels
import UnrollCore

/// Adam (Kingma and Ba 2015), and with a weight decay AdamW (Loshchilov and Hutter 2019).
///
///     m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2
///     w -= rate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + decay w)
public struct Adam<Element: Scalar>: Optimizer {
  /// How slowly the mean of the gradients forgets, in `[0, 1)`.
  public var beta1: Double
  /// How slowly the mean of their squares forgets, in `[0, 1)`.
  public var beta2: Double
  /// What keeps the division from zero.
  public var epsilon: Double
  public var weightDecay: Double
  public var moments: [String: [Tensor<Element>]] = [:]

  public static var momentNames: [String] { ["mean", "square"] }

  public var settings: [String: Double] {
    ["beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weightDecay": weightDecay]
  }

  /// - Parameter weightDecay: above 0 this is AdamW.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.init(beta1, beta2, epsilon, weightDecay)
  }

  private init(_ beta1: Double, _ beta2: Double, _ epsilon: Double, _ weightDecay: Double) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public mutating func update(
    _ parameter: inout Parameter<Element>, named name: String, by rule: UpdateRule
  ) {
    let correction1 = 1 - beta1.power(rule.step)
    let correction2 = 1 - beta2.power(rule.step)
    let (beta1, beta2, epsilon) = (beta1, beta2, epsilon)
    update(&parameter, named: name, threads: rule.threads) { count, value, gradient, moments in
      unroll_adam(
        Element.kernelType, count, value, gradient, moments[0], moments[1], rule.learningRate,
        beta1, beta2, epsilon, correction1, correction2, rule.weightDecay)
    }
  }
}

extension Double {
  /// A power by multiplication: the same on every platform.
  func power(_ exponent: Int) -> Double {
    var (result, base, rest) = (1.0, self, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= base }
      base *= base
      rest >>= 1
    }
    return result
  }
}

extension Adam where Element == Float {
  /// - Parameter weightDecay: above 0 this is AdamW.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.init(beta1, beta2, epsilon, weightDecay)
  }
}
