import Unroll

extension Trainer {
  /// The steps that fit into a time, by how long some of them take, and what validates them.
  ///
  /// - Parameters:
  ///   - minutes: the time.
  ///   - most: the steps that are wanted.
  ///   - validation: what is validated on, some twenty times in a run; `nil` for nothing.
  public func steps(
    within minutes: Double, atMost most: Int,
    validation: (any BatchSource<Source.Input, Source.Target>)? = nil
  ) throws -> Int where Source.Input == Model.Input {
    var trial = self
    let clock = ContinuousClock()
    for _ in 0..<3 { _ = try trial.trainStep() }
    let step = try clock.measure { for _ in 0..<10 { _ = try trial.trainStep() } } / 10
    var rest = Duration.seconds(minutes * 60)
    if let validation { rest -= try clock.measure { _ = try trial.validate(validation) } * 21 }
    return min(most, max(10, Int(rest / step)))
  }
}
