import UnrollCore

/// In which state a ``Recurrent`` layer begins a sequence.
public enum InitialState: Sendable {
  /// Zeros.
  case zero
  /// One that is trained like any parameter, `initial_state [Z]`, and begins at zero.
  case learned
}

// With b 0 for a stream that has not begun and 1 for one that has, a chunk begins in the state
// `s + (1 - b) s_0`, so that a fresh state is zeros here too.
//
//     ds = dh_0        ds_0 = sum over streams of (1 - b) dh_0        db = -s_0^T dh_0
extension Recurrent {
  /// The state in which a chunk begins, `[B, Z]`.
  func beginning(_ values: Tensor<Element>, _ begun: Tensor<Element>?) -> Tensor<Element> {
    guard let begun, let initialState else { return values }
    let row = initialState.value.reshaped([1, initialState.count])
    return values + Tensor.product((1 - begun).matrix, PackedMatrix(row.matrix))
  }

  /// Adds the gradient of the learned state.
  ///
  /// - Parameter gradient: that of the state in which the chunk began, `[B, Z]`.
  /// - Returns: the gradient of `begun`.
  mutating func learnBeginning(
    _ gradient: Tensor<Element>, _ begun: Tensor<Element>?
  ) -> Tensor<Element>? {
    guard let begun, let value = initialState?.value else { return nil }
    let ones = Tensor<Element>(shape: [1, value.count], repeating: 1)
    let fresh = Tensor.product((1 - begun).matrix, PackedMatrix(ones.matrix))
    initialState?.gradient.addRowSums(of: fresh * gradient, threads: 1)
    let column = value.reshaped([value.count, 1])
    return 0 - Tensor.product(gradient.matrix, PackedMatrix(column.matrix))
  }
}

extension Recurrent {
  private enum CodingKeys: String, CodingKey {
    case cell, initialState
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    cell = try container.decode(Cell.self, forKey: .cell)
    initialState = try container.decodeIfPresent(Parameter<Element>.self, forKey: .initialState)
    try decoder.expect(
      initialState.map { $0.shape == [cell.stateSize] } ?? true,
      "an initial state \(initialState?.shape ?? []) is not that of \(cell.stateSize) numbers")
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(cell, forKey: .cell)
    try container.encodeIfPresent(initialState, forKey: .initialState)
  }
}
