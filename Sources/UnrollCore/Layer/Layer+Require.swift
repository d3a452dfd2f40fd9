import UnrollFiles

// The same words for both: a layer and a cell have no protocol in common.

extension Layer {
  /// Stops the program where a condition does not hold that the caller is responsible for, such as a
  /// size, and says what was wrong: `precondition` that keeps its message in optimized builds.
  ///
  ///     Self.require(rate < 1, "Noise: the rate \(rate) is not below 1")
  @inlinable
  public static func require(
    _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #file,
    line: UInt = #line
  ) {
    guard condition else { fatalError(message(), file: file, line: line) }
  }
}

extension RecurrentCell {
  /// Stops the program where a condition does not hold that the caller is responsible for, such as a
  /// size, and says what was wrong: `precondition` that keeps its message in optimized builds.
  @inlinable
  public static func require(
    _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #file,
    line: UInt = #line
  ) {
    guard condition else { fatalError(message(), file: file, line: line) }
  }
}
