import UnrollCore

/// How the streams of a batch are shared out, and which of them begin anew.
struct StreamSlices: Sendable {
  /// The streams of each slice.
  let ranges: [Range<Int>]
  private let restarts: [Bool]?

  /// At most 28 streams to a slice, two groups of rows to the kernels, and an even number of slices from
  /// 4 streams on, so that two threads have equal work.
  ///
  /// Weights that do not fit the second-level cache come from memory farther away once for each slice and
  /// step, so that slices of up to 64 streams share them. In inference nothing is summed over streams,
  /// and there are as many slices as threads.
  ///
  /// - Parameter weights: the bytes of what a step multiplies with.
  init(batch: Int, steps: Int, weights: Int, _ context: Context) {
    let most = weights > 1 << 20 ? 64 : 28
    var count = max(1, (batch + most - 1) / most)
    if context.mode == .inference {
      count = max(count, min(context.threads, batch / 2))
    } else if batch >= 4 {
      count = max(2, count + count % 2)
    }
    ranges = (0..<count).map { ($0 * batch / count)..<(($0 + 1) * batch / count) }
    _ = context.lengths == nil ? [] : context.resolvedLengths(time: steps, batch: batch)
    restarts = context.resolvedRestarts(batch: batch)
  }

  var count: Int { ranges.count }

  /// Whether no stream begins anew.
  var allGoOn: Bool { restarts == nil }

  /// The threads that each slice may have for itself, where all have so many.
  func threadsOfEach(_ threads: Int) -> Int { max(1, threads / ranges.count) }

  /// A state, or the gradient of one, that is zero for streams that begin anew.
  func restarting<Element>(_ state: Tensor<Element>) -> Tensor<Element> {
    guard let restarts else { return state }
    var state = state
    let zero = Tensor<Element>(shape: [1] + state.shape.dropFirst())
    for b in restarts.indices where restarts[b] { state.setSteps(b..<(b + 1), to: zero) }
    return state
  }
}
