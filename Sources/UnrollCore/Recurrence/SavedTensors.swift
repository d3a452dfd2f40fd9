import UnrollFiles

/// What the steps of a cell keep for their backward: tensors `[T, b, S]` by name.
///
/// ```
/// run.saved["f"].setStep(t, to: f)
/// ```
public struct SavedTensors<Element: Scalar>: Sendable {
  // A handful: going through them is faster than a dictionary.
  @usableFromInline var names: [String]
  @usableFromInline var tensors: [Tensor<Element>]

  /// - Parameter sizes: S of each, by name.
  @specialized(where Element == Float)
  init(_ sizes: [String: Int], steps: Int, rows: Int) {
    names = sizes.keys.sorted()
    tensors = names.map { name in
      Tensor(uninitialized: [steps, rows, sizes[name] ?? 0]) { _ in }
    }
  }

  /// The tensor of a name, to be read, or written in place.
  ///
  /// - Precondition: it is one of the cell's ``RecurrentCell/savedSizes``.
  @inlinable
  public subscript(name: String) -> Tensor<Element> {
    _read { yield tensors[index(of: name)] }
    _modify { yield &tensors[index(of: name)] }
  }

  /// What step `t` keeps, as tensors of one step.
  func step(_ t: Int) -> SavedTensors {
    var one = self
    one.tensors = tensors.map { $0.steps(t..<(t + 1)) }
    return one
  }

  /// Takes up what step `t` kept.
  mutating func setStep(_ t: Int, to one: SavedTensors) {
    for i in tensors.indices { tensors[i].setSteps(t..<(t + 1), to: one.tensors[i]) }
  }

  @inlinable
  func index(of name: String) -> Int {
    guard let index = names.firstIndex(of: name) else {
      fatalError("a cell saves '\(name)', and its savedSizes have \(names)")
    }
    return index
  }
}
