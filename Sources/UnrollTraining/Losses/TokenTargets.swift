import UnrollCore
import UnrollFiles

extension Tokens {
  /// The targets of an output: those beyond a stream's length ignored, where there are steps. After
  /// pooling a target counts whatever a stream's length.
  ///
  /// - Parameter loss: what is told where the shapes do not agree.
  func targets<Element>(
    of output: Tensor<Element>, in context: Context, loss: String
  ) -> Tokens {
    let isSequence = output.rank > 2
    let positions = isSequence ? [time, batch] : [batch]
    require(
      output.shape == positions + [output.columns] && (isSequence || time == 1)
        && ids.allSatisfy { $0 < output.columns },
      "\(loss): targets [T \(time), B \(batch)] up to \(ids.max() ?? -1) for an output of shape "
        + "\(output.shape)")
    return isSequence ? ignoring(beyond: context.lengths) : self
  }
}
