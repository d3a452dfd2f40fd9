import UnrollCore

/// What of a sequence a dropout's mask is drawn for.
public enum DropoutMask: String, Codable, Sendable {
  /// Every element by itself (Srivastava et al. 2014).
  case perElement
  /// Every feature of a stream, the same at all steps: `[B, F]` for a sequence `[T, B, F]`, which
  /// leaves a recurrent layer's memory of the other features whole (variational dropout, Gal and
  /// Ghahramani 2016).
  case perSequence
}

/// Makes each feature zero with a probability while training, and scales up the others so that the
/// mean stays (Srivastava et al. 2014).
///
///     y = x m / (1 - rate)        dx = dy m / (1 - rate)        m = 0 with probability rate, else 1
///
/// The mask m is drawn for each element, or for each stream's features once (Gal and Ghahramani
/// 2016). It is not stored: backward draws it again from its context.
///
/// # Shapes
/// Any; the output's is the input's.
public struct Dropout<Element: Scalar>: StatelessLayer {
  /// The probability with which a feature becomes zero, in `[0, 1)`.
  public let rate: Double
  /// What of a sequence a mask is drawn for.
  public let mask: DropoutMask

  /// - Parameters:
  ///   - rate: the probability with which a feature becomes zero, in `[0, 1)`.
  ///   - mask: what of a sequence a mask is drawn for.
  public init(rate: Double, mask: DropoutMask = .perElement) {
    self.init(checking: rate, mask)
  }

  private init(checking rate: Double, _ mask: DropoutMask) {
    Self.require(rate >= 0 && rate < 1, "Dropout: the rate \(rate) is not in 0..<1")
    self.rate = rate
    self.mask = mask
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    rate = try container.decode(Double.self, forKey: .rate)
    mask = try container.decodeIfPresent(DropoutMask.self, forKey: .mask) ?? .perElement
    try decoder.expect(rate >= 0 && rate < 1, "the rate \(rate) is not in 0..<1")
  }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds { input }

  @specialized(where Element == Float)
  public func forward(
    _ input: Tensor<Element>, cache: inout Void, in context: Context
  ) -> Tensor<Element> {
    masked(input, context)
  }

  @specialized(where Element == Float)
  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Void, in context: Context
  ) -> Tensor<Element> {
    masked(gradient, context)
  }

  @specialized(where Element == Float)
  private func masked(_ x: Tensor<Element>, _ context: Context) -> Tensor<Element> {
    guard context.mode == .training, rate > 0 else { return x }
    let scale = Element(1 / (1 - rate))
    let threshold = UInt64(rate * 0x1p53)
    let random = context.random
    // The mask of the first step is drawn again at every other where it is shared.
    let steps = mask == .perSequence && x.rank > 2 ? x.shape[0] : 1
    let width = x.count / max(steps, 1)
    // A piece of a sequence draws what the whole would.
    let drawn = mask == .perElement && x.rank > 2 ? context.firstStep * x.shape[1] * x.columns : 0
    return Tensor(uninitialized: x.shape) { y in
      x.withUnsafeBufferPointer { x in
        nonisolated(unsafe) let (x, y) = (x, y)
        Threads.forEachRange(
          width, threads: context.threads, grain: max(1, (1 << 14) / max(steps, 1))
        ) { range in
          for step in 0..<steps {
            let first = step * width
            for i in range {
              y[first + i] = random.bits(drawn + i) >> 11 < threshold ? 0 : x[first + i] * scale
            }
          }
        }
      }
    }
  }
}

extension Dropout where Element == Float {
  /// - Parameters:
  ///   - rate: the probability with which a feature becomes zero, in `[0, 1)`.
  ///   - mask: what of a sequence a mask is drawn for.
  public init(rate: Double, mask: DropoutMask = .perElement) {
    self.init(checking: rate, mask)
  }
}
