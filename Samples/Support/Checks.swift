import ArgumentParser
import Foundation

/// Refuses a number outside a range, with the option that has it.
public func check(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
  try check(
    range.contains(value),
    "\(option) is \(value); it must be at least \(range.lowerBound) and at most \(range.upperBound)"
  )
}

/// Refuses files to write that would replace one that is read, or one another; `-` is none.
public func checkOutputs(
  _ outputs: [(option: String, path: String?)], apartFrom inputs: [String]
) throws {
  var taken = inputs.map { ("the input", $0) }
  for case (let option, let path?) in outputs where path != "-" {
    if let other = taken.first(where: { fileIdentity($0.1) == fileIdentity(path) }) {
      throw ValidationError("\(other.0) and \(option) must be different files, not both \(path)")
    }
    taken.append((option, path))
  }
}

/// What two paths of one file have in common.
func fileIdentity(_ path: String) -> String {
  URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
}

/// Refuses the command line where something does not hold.
public func check(_ condition: Bool, _ message: String) throws {
  if !condition { throw ValidationError(message) }
}
