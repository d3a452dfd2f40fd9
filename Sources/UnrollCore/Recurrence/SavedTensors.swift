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

  @inlinable
  func index(of name: String) -> Int {
    guard let index = names.firstIndex(of: name) else {
      fatalError("a cell saves '\(name)', and its savedSizes have \(names)")
    }
    return index
  }
}
