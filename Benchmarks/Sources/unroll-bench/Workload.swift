/// Something whose time is measured.
protocol Workload {
  /// What is done once and timed: a training step, a product, or the next `unitsPerRun` characters.
  mutating func run() throws
  /// What one run counts as: its time is divided by it.
  var unitsPerRun: Int { get }
  /// Floating-point operations of the matrix products in a unit, two for each multiplication.
  var operations: Double { get }
  /// What else the runs have shown, in one line; `nil` for nothing.
  var note: String? { get }
}

extension Workload {
  var unitsPerRun: Int { 1 }
  var note: String? { nil }
}
