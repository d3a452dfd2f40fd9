/// Stops the program where a condition does not hold that the caller is responsible for, and says what
/// was wrong: `precondition` that keeps its message in optimized builds.
@inlinable
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #file,
  line: UInt = #line
) {
  guard condition else { fatalError(message(), file: file, line: line) }
}
