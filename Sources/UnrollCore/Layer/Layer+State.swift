/// A saved state that does not fit a layer.
public struct StateError: Error, CustomStringConvertible {
  public let description: String

  /// - Parameter description: what is wrong, in one line.
  public init(description: String) {
    self.description = description
  }
}

// What follows for every layer from `visitState`, also for a state that grows.
extension Layer {
  /// Zeros in the shapes of a state: the gradient with respect to the final state that truncates
  /// back-propagation.
  public func zeros(like state: State) -> State {
    var zeros = state
    visitState(&zeros) { $1 = Tensor(shape: $1.shape) }
    return zeros
  }

  /// The state of some streams, each as often as it is named: to fork a stream, to reorder beams,
  /// to go on with another batch size.
  public func gathering(_ streams: [Int], of state: State) -> State {
    var picked = state
    visitState(&picked) { $1 = $1.gathering(streams) }
    return picked
  }

  /// Every tensor of a state by its name.
  public func tensors(of state: State) -> [(name: String, value: Tensor<Element>)] {
    var copy = state
    var list: [(name: String, value: Tensor<Element>)] = []
    visitState(&copy) { list.append((name: $0, value: $1)) }
    return list
  }

  /// The state that ``tensors(of:)`` gave.
  ///
  /// - Throws: ``StateError`` where a tensor is missing, is for another number of streams, or has
  ///   another shape than that of a fresh state; along an axis of which that has nothing, a state
  ///   grows. And where the layer refuses it in ``Layer/checkState(_:)``.
  public func restoringState(
    batch: Int, from tensors: [String: Tensor<Element>]
  ) throws -> State {
    var state = makeState(batch: batch)
    try visitState(&state) { name, tensor in
      guard let saved = tensors[name] else {
        throw StateError(description: "the saved state has no '\(name)'")
      }
      let fits =
        saved.rank == tensor.rank
        && zip(saved.shape, tensor.shape).dropFirst().allSatisfy { $1 == 0 || $0 == $1 }
      guard fits, saved.shape.first == batch else {
        throw StateError(
          description: "the saved state '\(name)' has the shape \(saved.shape), not that of "
            + "\(batch) streams, like \(tensor.shape)")
      }
      if let problem = ShapeLimits.problem(of: saved.shape) {
        throw StateError(description: "the saved state '\(name)' is none: \(problem)")
      }
      tensor = saved
    }
    try checkState(state)
    return state
  }
}
