/// A benchmark by its name.
struct Case: Sendable {
  var name: String
  /// What is done, with its sizes.
  var summary: String
  /// Whether it is timed only where it is named, since it takes long or writes a large file.
  var isLarge = false
  var make: @Sendable (_ threads: Int) throws -> any Workload

  static let all: [Case] = training + cells + sampling + inference + products + feeding

  static func named(_ name: String) -> Case? { all.first { $0.name == name } }
}
