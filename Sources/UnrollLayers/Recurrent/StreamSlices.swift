import UnrollCore

/// How the streams of a batch are shared out, and which of them begin anew.
struct StreamSlices: Sendable {
  /// The streams of each slice.
  let ranges: [Range<Int>]
  private let restarts: [Bool]?

  /// At most 28 streams to a slice, two of the kernels' panels, and an even number of slices from 8
  /// streams on, so that two threads have equal work.
  init(batch: Int, steps: Int, _ context: Context) {
    var count = max((batch + 27) / 28, batch < 8 ? 1 : 2)
    if count > 1 { count += count % 2 }
    ranges = (0..<count).map { ($0 * batch / count)..<(($0 + 1) * batch / count) }
    _ = context.resolvedLengths(time: steps, batch: batch)
    restarts = context.resolvedRestarts(batch: batch)
  }

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
