/// A loss summed over the positions that count.
public struct LossSum: Sendable, Equatable {
  /// The sum, in nats for a likelihood.
  public var total: Double
  /// The number of positions in the sum.
  public var count: Int
  /// What they count: their number, unless they have weights.
  public var weight: Double

  /// - Parameter weight: what the positions count; 1 each by default.
  public init(total: Double = 0, count: Int = 0, weight: Double? = nil) {
    self.total = total
    self.count = count
    self.weight = weight ?? Double(count)
  }

  /// The loss for one position; not a number where there is none that counts.
  public var mean: Double { total / weight }

  public static func += (sum: inout LossSum, other: LossSum) {
    sum.total += other.total
    sum.count += other.count
    sum.weight += other.weight
  }
}

/// What training makes small: a number for an output and its target, and the gradient of it.
public protocol Loss<Output, Target>: Sendable {
  associatedtype Output: Signal
  associatedtype Target: Sendable

  /// The loss, summed over the positions that count.
  func loss(_ output: Output, of target: Target, in context: Context) -> LossSum
  /// The gradient of `scale` times that sum with respect to the output.
  func gradient(
    _ output: Output, of target: Target, scale: Double, in context: Context
  ) -> Output.Gradient
}

/// A last layer that goes from its input to the summed negative log-likelihood of target tokens, so
/// that a probability for every position and class need never be stored.
///
/// Targets are `[T, B]`; those equal to ``Tokens/ignored``, and those beyond a stream's length,
/// are left out, and the others count as ``Context/targetWeights`` says. It agrees with `forward` followed
/// by the loss of its output.
public protocol LossLayer<Element>: Layer {
  /// Whether there is a loss: always, but of a stack that ends in some other layer.
  var endsInLoss: Bool { get }

  /// The loss. In `.training` the cache receives what ``lossBackward(scale:state:cache:in:)``
  /// needs.
  func loss(
    _ input: Input, of targets: Tokens, state: inout State, cache: inout Cache, in context: Context
  ) -> LossSum

  /// The gradient of `scale` times the loss with respect to the input; parameters' gradients are
  /// added to. `state` is treated as in ``Layer/backward(_:state:cache:in:)``.
  mutating func lossBackward(
    scale: Double, state: inout State, cache: inout Cache, in context: Context
  ) -> Input.Gradient
}

extension LossLayer {
  public var endsInLoss: Bool { true }

  func erasedLoss(
    _ input: any Sendable, of targets: Tokens, state: inout any Sendable,
    cache: inout any Sendable, in context: Context
  ) -> LossSum {
    let input: Input = cast(input, "input")
    return Self.inPlace(&state, as: State.self, "state") { state in
      Self.inPlace(&cache, as: Cache.self, "cache") { cache in
        loss(input, of: targets, state: &state, cache: &cache, in: context)
      }
    }
  }

  mutating func erasedLossBackward(
    scale: Double, state: inout any Sendable, cache: inout any Sendable, in context: Context
  ) -> any Sendable {
    Self.inPlace(&state, as: State.self, "state") { state in
      Self.inPlace(&cache, as: Cache.self, "cache") { cache in
        lossBackward(scale: scale, state: &state, cache: &cache, in: context)
      }
    }
  }
}

extension Tokens {
  /// The targets with those beyond a stream's length ignored.
  public func ignoring(beyond lengths: [Int]?) -> Tokens {
    guard let lengths else { return self }
    var targets = self
    for t in 0..<time {
      for b in 0..<batch where t >= lengths[b] { targets.ids[t * batch + b] = Self.ignored }
    }
    return targets
  }
}
