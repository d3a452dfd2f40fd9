import UnrollFiles

extension Tensor {
  /// Stops the program unless this tensor has the shape that a layer expects.
  ///
  /// ```
  /// x.expectShape([nil, nil, inputSize], axes: "TBI", of: "LSTM input")
  /// // LSTM input: expected [T any, B any, I 4], got [T 3, B 2, I 5]
  /// ```
  ///
  /// - Parameters:
  ///   - expected: the length of each axis; `nil` for any.
  ///   - axes: a letter for each axis.
  ///   - what: the layer and which of its tensors this is.
  @specialized(where Element == Float)
  public func expectShape(_ expected: [Int?], axes: String, of what: @autoclosure () -> String) {
    let fits =
      rank == expected.count && zip(shape, expected).allSatisfy { $1 == nil || $0 == $1 }
    require(
      fits,
      """
      \(what()): expected \(Self.named(expected.map { $0.map(String.init) ?? "any" }, axes)), \
      got \(Self.named(shape.map(String.init), rank == axes.count ? axes : ""))
      """)
  }

  private static func named(_ lengths: [String], _ axes: String) -> String {
    let names = axes.map { "\($0) " } + Array(repeating: "", count: lengths.count)
    return "[" + zip(names, lengths).map { $0 + $1 }.joined(separator: ", ") + "]"
  }

  @specialized(where Element == Float)
  func expectSameShape(as other: Tensor, _ operation: String) {
    require(
      shape == other.shape, "\(operation) of the shapes \(shape) and \(other.shape)")
  }
}
