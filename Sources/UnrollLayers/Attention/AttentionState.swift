import UnrollCore

/// The keys and values of the steps before a chunk, that its steps attend to as well.
///
/// Streams may have different numbers of steps: each has its own at the beginning of axis 1, oldest
/// first, and zeros after them.
public struct AttentionState<Element: Scalar>: Sendable {
  /// `[B, S, F]`, S being the most steps that a stream has.
  public var keys: Tensor<Element>
  /// `[B, S, F]`.
  public var values: Tensor<Element>
  /// How many steps each stream has, `[B]`.
  public var steps: Tensor<Element>

  /// The state of streams that have had no step yet.
  init(batch: Int, size: Int) {
    keys = Tensor(shape: [batch, 0, size])
    values = Tensor(shape: [batch, 0, size])
    steps = Tensor(shape: [batch])
  }

  /// The state after a chunk: each stream's keys and values that are kept, `[n, F]`.
  init(keeping keys: [Tensor<Element>], _ values: [Tensor<Element>], size: Int) {
    let counts = keys.map { $0.shape[0] }
    self.keys = Self.stacked(keys, counts.max() ?? 0, size)
    self.values = Self.stacked(values, counts.max() ?? 0, size)
    steps = Tensor(shape: [keys.count], scalars: counts.map { Element($0) })
  }

  /// The gradient with respect to a state of S steps: that of each stream's carried keys and values,
  /// `[n, F]`. The numbers of steps have none.
  init(
    gradientOf keys: [Tensor<Element>], _ values: [Tensor<Element>], steps: Int, size: Int
  ) {
    self.keys = Self.stacked(keys, steps, size)
    self.values = Self.stacked(values, steps, size)
    self.steps = Tensor(shape: [keys.count])
  }

  /// `[n, F]` of each stream as one `[B, S, F]`.
  private static func stacked(
    _ streams: [Tensor<Element>], _ steps: Int, _ size: Int
  ) -> Tensor<Element> {
    var rows = Tensor<Element>(shape: [streams.count * steps, size])
    for (b, stream) in streams.enumerated() {
      rows.setSteps((b * steps)..<(b * steps + stream.shape[0]), to: stream)
    }
    return rows.reshaped([streams.count, steps, size])
  }

  /// The first `count` steps of a stream, `[n, F]`, of ``keys`` or of ``values``.
  static func steps(_ count: Int, of stream: Int, in all: Tensor<Element>) -> Tensor<Element> {
    let first = stream * all.shape[1]
    return all.reshaped([all.shape[0] * all.shape[1], all.shape[2]])
      .steps(first..<(first + count))
  }

  /// How many steps each stream has, none where it begins anew.
  func counts(in context: Context) -> [Int] {
    let restarts = context.resolvedRestarts(batch: steps.count)
    return steps.scalars.enumerated().map { b, count in
      let count = count.rounded()
      SelfAttention<Element>.require(
        count >= 0 && count <= Element(keys.shape[1]),
        "SelfAttention state: \(count) steps of stream \(b), and it has \(keys.shape[1])")
      return restarts?[b] == true ? 0 : Int(count)
    }
  }

  /// What is wrong with a state of which each tensor has a shape that it may have, if anything.
  var problem: String? {
    guard keys.shape == values.shape else {
      return "the saved state has keys \(keys.shape) and values \(values.shape)"
    }
    let most = Element(keys.shape[1])
    let wrong = steps.scalars.first { !($0 >= 0 && $0 <= most && $0 == $0.rounded()) }
    return wrong.map { "the saved state has \($0) of \(keys.shape[1]) steps" }
  }

  /// Stops the program unless this is the state, or the gradient of one, of so many streams.
  func expectShapes(batch: Int, size: Int, of what: String) {
    keys.expectShape([batch, nil, size], axes: "BSF", of: "SelfAttention \(what) keys")
    values.expectShape(
      [batch, keys.shape[1], size], axes: "BSF", of: "SelfAttention \(what) values")
    steps.expectShape([batch], axes: "B", of: "SelfAttention \(what) steps")
  }
}
