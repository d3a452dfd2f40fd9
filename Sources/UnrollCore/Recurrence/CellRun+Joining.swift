// What several threads did, as one run again: gradients are summed over all streams at once, in an
// order that does not know how many threads there were.
extension CellRun {
  /// The run of all streams, from runs of some of them each, in order.
  @specialized(where Element == Float)
  package static func joining(_ runs: [CellRun], in context: Context) -> CellRun {
    guard runs.count > 1 else { return runs[0] }
    var saved = runs[0].saved
    for i in saved.tensors.indices {
      saved.tensors[i] = .concatenatingStreams(runs.map { $0.saved.tensors[i] })
    }
    var all = CellRun(
      input: .concatenatingStreams(runs.map(\.input)),
      streams: 0..<runs[runs.count - 1].streams.upperBound, in: context, saved: saved,
      state: .concatenatingStreams(runs.map(\.state)))
    all.projected = .concatenatingStreams(runs.map(\.projected))
    all.gradient = .concatenatingRows(runs.map(\.gradient))
    if runs.contains(where: { $0.ownInputGradient != nil }) {
      all.ownInputGradient = .concatenatingStreams(
        runs.map { $0.ownInputGradient ?? Tensor(shape: $0.input.shape) })
    }
    let masks = runs.compactMap(\.recurrentMask)
    all.recurrentMask = masks.isEmpty ? nil : .concatenatingRows(masks)
    return all
  }
}

extension Tensor {
  /// `[T, b, ...]` several times as `[T, B, ...]`.
  @specialized(where Element == Float)
  fileprivate static func concatenatingStreams(_ parts: [Tensor]) -> Tensor {
    let (batch, first) = (parts.reduce(0) { $0 + $1.shape[1] }, parts[0].shape)
    var joined = Tensor(uninitialized: [first[0], batch] + first.dropFirst(2)) { _ in }
    var start = 0
    for part in parts {
      joined.setStreams(start..<(start + part.shape[1]), to: part)
      start += part.shape[1]
    }
    return joined
  }

  /// `[b, Z]` several times as `[B, Z]`.
  @specialized(where Element == Float)
  fileprivate static func concatenatingRows(_ parts: [Tensor]) -> Tensor {
    let joined = concatenatingStreams(parts.map { $0.reshaped([1] + $0.shape) })
    return joined.reshaped(Array(joined.shape.dropFirst()))
  }
}
