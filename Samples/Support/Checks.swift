import ArgumentParser

/// Refuses a number outside a range, with the option that has it.
public func check(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
  try check(
    range.contains(value),
    "\(option) is \(value); it must be at least \(range.lowerBound) and at most \(range.upperBound)"
  )
}

/// Refuses the command line where something does not hold.
public func check(_ condition: Bool, _ message: String) throws {
  if !condition { throw ValidationError(message) }
}
