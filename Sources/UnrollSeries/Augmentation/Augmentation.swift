import UnrollFiles

/// What is done to a sequence of numbers each time that it is learned from, so that few of them teach more (Um et al. 2017).
public struct Augmentation: Codable, Sendable, Equatable {
  /// The standard deviation of noise that is added to every number, in its unit.
  public var jitter: Double
  /// The standard deviation of a factor around 1, one for each column.
  public var scaling: Double
  /// The largest share of the steps that is cut away at the ends, in `[0, 1)`.
  public var slicing: Double
  /// How much faster or slower a sequence may go in places, in `[0, 1)`: 0.2 for a fifth. It keeps its length.
  public var warping: Double

  public static let none = Augmentation()

  public init(
    jitter: Double = 0, scaling: Double = 0, slicing: Double = 0, warping: Double = 0
  ) {
    require(
      jitter >= 0 && jitter.isFinite && scaling >= 0 && scaling.isFinite && 0..<1 ~= slicing
        && 0..<1 ~= warping,
      "Augmentation: jitter \(jitter), scaling \(scaling), slicing \(slicing), warping \(warping)")
    (self.jitter, self.scaling) = (jitter, scaling)
    (self.slicing, self.warping) = (slicing, warping)
  }
}
