/// What a call of `forward` or `backward` needs to know beside its tensors.
///
/// Composite layers pass `context.child(i)` to the layers inside, so that no two of them draw the
/// same random numbers.
public struct Context: Sendable {
  /// Whether `forward` keeps what `backward` will need, and whether dropout drops.
  public enum Mode: Sendable {
    case training
    case inference
  }

  public var mode: Mode
  /// The number of steps of each stream that count, where sequences are padded; `nil` for all.
  public var lengths: [Int]?
  /// The streams that begin anew at this chunk, their carried state forgotten; `nil` for none.
  public var restarts: [Bool]?
  /// The number of the first step, where a call is given a piece of what its caller was given; else 0.
  /// A layer that draws random numbers for each step draws those of its step in the whole.
  public var firstStep = 0
  /// How much the targets of a loss count.
  public var targetWeights = TargetWeights()
  /// How weights are kept that are packed for products, in inference; in training they stay as they
  /// are.
  ///
  /// ```
  /// let context = Context(.inference, weights: .int8)
  /// ```
  ///
  /// Every layer heeds it, built in or not, that packs its weights for its context: `packed.pack(weight,
  /// for: context)`, see ``PackedMatrix``. Model files are the same.
  public var weights: WeightPrecision
  /// How many threads may work at once. No result depends on it.
  public var threads: Int
  /// The random numbers of this call: the same ones in `forward` and in its `backward`, so that a
  /// mask is drawn again and not stored. Training gives every step a source of its own; two
  /// contexts of the same source draw the same masks.
  public var random: RandomSource

  public init(
    _ mode: Mode = .training, lengths: [Int]? = nil, restarts: [Bool]? = nil,
    weights: WeightPrecision = .full, threads: Int = Threads.default,
    random: RandomSource = RandomSource(seed: 0)
  ) {
    // Whatever computes has a context.
    _ = EnvironmentSettings.warning
    self.mode = mode
    self.lengths = lengths
    self.restarts = restarts
    self.weights = weights
    self.threads = threads
    self.random = random
  }

  /// The context of the inner layer with this index: the same, with random numbers of its own.
  public func child(_ index: Int) -> Context {
    var context = self
    context.random = random.child(index)
    return context
  }
}
