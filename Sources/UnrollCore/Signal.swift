import UnrollFiles

/// What flows between layers, and the type of what flows back.
public protocol Signal: Sendable {
  associatedtype Gradient: Sendable
}

/// The gradient of a signal that has none, such as ``Tokens``.
public struct NoGradient: Sendable {
  public init() {}
}

/// A batch of token sequences, time-major: the input of an embedding, or the targets of a loss.
///
/// # Shapes
/// `[T, B]`: the token of stream `b` at step `t` is `ids[t * batch + b]`.
public struct Tokens: Signal, Equatable {
  public typealias Gradient = NoGradient

  /// The id of a target that is left out of the loss.
  public static let ignored: Int32 = -1

  /// Steps, T.
  public let time: Int
  /// Streams, B.
  public let batch: Int
  /// Identifiers, `T * B` of them, time-major.
  public var ids: [Int32]

  /// - Precondition: there are `time * batch` ids.
  public init(time: Int, batch: Int, ids: [Int32]) {
    require(
      ids.count == time * batch,
      "Tokens [T \(time), B \(batch)] need \(time * batch) ids, not \(ids.count)")
    self.time = time
    self.batch = batch
    self.ids = ids
  }
}
