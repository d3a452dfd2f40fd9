import UnrollCore

extension Context {
  /// The context of a batch. A state is carried on from the batch before, and is a fresh one where all
  /// streams begin anew.
  ///
  /// - Parameters:
  ///   - state: that after the batch before, which becomes the one to begin with.
  ///   - size: the number of streams.
  init<Model: Layer, Target>(
    _ mode: Mode, of batch: Batch<Model.Input, Target>, for model: Model,
    carrying state: inout Model.State, size: Int, threads: Int,
    random: RandomSource = RandomSource(seed: 0)
  ) {
    self.init(mode, lengths: batch.lengths, threads: threads, random: random)
    targetWeights.positions = batch.weights
    switch batch.streams {
    case .fresh: state = model.makeState(batch: size)
    case .continued: break
    case .restarted(let streams): restarts = streams
    }
  }
}
