/// Stops the program where a condition does not hold that the caller is responsible for, such as a
/// shape, and says what was wrong.
///
/// It is `precondition` that keeps its message in optimised builds, for the layers of this package
/// and for yours.
@inlinable
public func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #file,
  line: UInt = #line
) {
  guard condition else { fatalError(message(), file: file, line: line) }
}
