import UnrollCore

/// How the streams of a batch are shared out, and which of them begin anew.
struct StreamSlices: Sendable {
  /// The streams of each slice.
  let ranges: [Range<Int>]
  private let restarts: [Bool]?

  /// - Parameter count: how many slices there may be.
  init(batch: Int, steps: Int, count: Int, _ context: Context) {
    let count = max(1, min(count, batch))
    ranges = (0..<count).map { ($0 * batch / count)..<(($0 + 1) * batch / count) }
    _ = context.lengths == nil ? [] : context.resolvedLengths(time: steps, batch: batch)
    restarts = context.resolvedRestarts(batch: batch)
  }

  var count: Int { ranges.count }

  /// What the run of one slice knows: it has its part of the threads.
  func share(of context: Context) -> Context {
    var share = context
    share.threads = max(1, context.threads / count)
    return share
  }

  /// A state, or the gradient of one, that is zero for streams that begin anew.
  func restarting<Element>(_ state: Tensor<Element>) -> Tensor<Element> {
    guard let restarts else { return state }
    var state = state
    let zero = Tensor<Element>(shape: [1] + state.shape.dropFirst())
    for b in restarts.indices where restarts[b] { state.setSteps(b..<(b + 1), to: zero) }
    return state
  }
}
