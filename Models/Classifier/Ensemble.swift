import UnrollCore
import UnrollLayers

/// Gradients that can be added up, as what goes back from several networks to one input must be.
public protocol SummableGradient: Sendable {
  static func + (a: Self, b: Self) -> Self
}

extension NoGradient: SummableGradient {
  public static func + (a: NoGradient, b: NoGradient) -> NoGradient { a }
}

extension Tensor: SummableGradient {}

/// Networks that see the same input, with their outputs side by side: those of an ensemble, in one file.
///
/// # Shapes
/// Outputs `[B, V]` of M networks make `[B, M V]`. Parameters are named by position: `0.3.weight` is of the first.
public struct Ensemble<Input: Signal>: Layer where Input.Gradient: SummableGradient {
  public typealias Element = Float
  public typealias Member = Sequential<Input, Tensor<Float>, Float>

  /// The networks, at least one.
  public var members: [Member]

  /// - Precondition: there is at least one network.
  public init(_ members: [Member]) {
    Self.require(!members.isEmpty, "Ensemble: of no networks")
    self.members = members
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    members = try container.decode([Member].self, forKey: .members)
    try decoder.expect(!members.isEmpty && members.count < 1 << 12, "\(members.count) networks")
  }

  public var isCausal: Bool { members.allSatisfy(\.isCausal) }
  public func makeState(batch: Int) -> [Member.State] { members.map { $0.makeState(batch: batch) } }

  /// The caches of the networks, and the columns of each output.
  public struct Cache: Sendable {
    var members: [Member.Cache]
    var columns: [Int] = []
  }

  public func makeCache() -> Cache { Cache(members: members.map { $0.makeCache() }) }

  public func forward(
    _ input: Input, state: inout [Member.State], cache: inout Cache, in context: Context
  ) -> Tensor<Float> {
    let outputs = members.indices.map { i in
      members[i].forward(
        input, state: &state[i], cache: &cache.members[i], in: context.child(i))
    }
    cache.columns = outputs.map(\.columns)
    return Tensor.concatenatingColumns(outputs)
  }

  public mutating func backward(
    _ gradient: Tensor<Float>, state: inout [Member.State], cache: inout Cache, in context: Context
  ) -> Input.Gradient {
    Self.require(
      gradient.rank > 0 && gradient.columns == cache.columns.reduce(0, +),
      "Ensemble output gradient: expected \(cache.columns) columns, got \(gradient.shape)")
    var (sum, first): (Input.Gradient?, Int) = (nil, 0)
    for i in members.indices {
      let own = gradient.columns(first..<(first + cache.columns[i]))
      first += cache.columns[i]
      let back = members[i].backward(
        own, state: &state[i], cache: &cache.members[i], in: context.child(i))
      sum = sum.map { $0 + back } ?? back
    }
    guard let sum else { fatalError("Ensemble: of no networks") }
    return sum
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Float>) throws -> Void
  ) rethrows {
    for i in members.indices {
      try members[i].visitParameters { try visit("\(i).\($0)", &$1) }
    }
  }

  public func visitState(
    _ state: inout [Member.State], _ visit: (String, inout Tensor<Float>) throws -> Void
  ) rethrows {
    for i in members.indices {
      try members[i].visitState(&state[i]) { try visit("\(i).\($0)", &$1) }
    }
  }

  public func checkState(_ state: [Member.State]) throws {
    for (member, state) in zip(members, state) { try member.checkState(state) }
  }

  public func checkInput(_ input: Input) throws {
    for member in members { try member.checkInput(input) }
  }

  public var inputFeatures: Int? { members[0].inputFeatures }
  public var innerLayers: [[any Layer<Float>]] { members.map(\.layers) }
  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    try members[0].ends(after: input)
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    let shapes = try members.map { try $0.boundedOutputShape(of: input) }
    guard Set(shapes.map { $0.dropLast() }).count == 1, let others = shapes.first?.dropLast() else {
      throw ShapeError(
        Self.kind, expected: "networks whose outputs lie side by side", got: shapes[0])
    }
    return others + [shapes.reduce(0) { $0 + ($1.last ?? 0) }]
  }
}
