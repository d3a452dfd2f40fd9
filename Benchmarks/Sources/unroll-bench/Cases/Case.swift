/// A benchmark by its name.
struct Case: Sendable {
  var name: String
  /// What is done, with its sizes.
  var summary: String
  var make: @Sendable (_ threads: Int) throws -> any Workload

  static let all: [Case] = training + cells + sampling + inference + products

  static func named(_ name: String) -> Case? { all.first { $0.name == name } }
}
