import UnrollCore

/// Makes each feature zero with a probability while training, and scales up the others so that the
/// mean stays (Srivastava et al. 2014).
///
///     y = x m / (1 - rate)        dx = dy m / (1 - rate)        m = 0 with probability rate, else 1
///
/// The mask is not stored: backward draws it again from its context.
///
/// # Shapes
/// Any; the output's is the input's.
public struct Dropout<Element: Scalar>: StatelessLayer {
  /// The probability with which a feature becomes zero, in `[0, 1)`.
  public let rate: Double

  /// - Precondition: the rate is in `[0, 1)`.
  public init(_ rate: Double) {
    self.init(checking: rate)
  }

  private init(checking rate: Double) {
    require(rate >= 0 && rate < 1, "Dropout: the rate \(rate) is not in 0..<1")
    self.rate = rate
  }

  private enum Key: String, CodingKey {
    case rate
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let rate = try container.decode(Double.self, forKey: .rate)
    guard rate >= 0 && rate < 1 else {
      throw DecodingError.dataCorruptedError(
        forKey: .rate, in: container, debugDescription: "the rate \(rate) is not in 0..<1")
    }
    self.rate = rate
  }

  public func makeCache() {}

  public func forward(
    _ input: Tensor<Element>, cache: inout Void, in context: Context
  ) -> Tensor<Element> {
    masked(input, context)
  }

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
    return Tensor(uninitialized: x.shape) { y in
      x.withUnsafeBufferPointer { x in
        nonisolated(unsafe) let (x, y) = (x, y)
        forEachRangeConcurrently(x.count, threads: context.threads, grain: 1 << 14) { range in
          for i in range { y[i] = random.bits(i) >> 11 < threshold ? 0 : x[i] * scale }
        }
      }
    }
  }
}

extension Dropout where Element == Float {
  /// - Precondition: the rate is in `[0, 1)`.
  public init(_ rate: Double) {
    self.init(checking: rate)
  }
}
