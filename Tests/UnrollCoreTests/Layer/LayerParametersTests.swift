import Testing
import UnrollCore

/// Two parameters, visited under the names in `visits`: those that begin with 'a' are the first.
private struct Pair: StatelessLayer {
  var visits: [String]
  /// The name to give in place of each of `visits`.
  var onlyName: String?
  var first = Parameter<Float>([2, 3], .normal(deviation: 1))
  var second = Parameter<Float>([3, 2], .glorot)

  init(_ visits: String...) { self.visits = visits }

  func makeCache() {}
  func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> { x }
  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Float>) throws -> Void
  ) rethrows {
    for name in visits {
      let given = onlyName ?? name
      if name.hasPrefix("a") { try visit(given, &first) } else { try visit(given, &second) }
    }
  }
}

@Suite("Parameters of a layer")
struct LayerParametersTests {
  @Test("pass an audit where each is visited once")
  func audit() throws {
    try Pair("a", "b").audit()
    try Dense(inputSize: 3, outputSize: 4, hasBias: true).audit()
    try Dense(inputSize: 3, outputSize: 4, hasBias: false).audit()
    try Total(features: 3).audit()
  }

  @Test("fail an audit where one is stored and not visited")
  func unvisited() {
    let error = #expect(throws: UnvisitedParameter.self) { try Pair("a").audit() }
    #expect(error?.description.contains("Pair stores 2 parameters and visits 1") == true)
    #expect(throws: UnvisitedParameter.self) { try Pair().audit() }
  }

  @Test("fail an audit where one is visited twice")
  func visitedTwice() {
    #expect(throws: UnvisitedParameter.self) { try Pair("a", "b", "b2").audit() }
    #expect(throws: UnvisitedParameter.self) { try Pair("a", "b", "b").audit() }
    #expect(throws: UnvisitedParameter.self) { try Pair("a", "a").audit() }
    let error = #expect(throws: UnvisitedParameter.self) { try Pair("a", "a2").audit() }
    #expect(error?.description.contains("visits 1, 2 times and with 2 names") == true)
  }

  @Test("fail an audit where two have one name")
  func sameName() {
    var pair = Pair("a", "b")
    pair.onlyName = "weight"
    #expect(throws: UnvisitedParameter.self) { try pair.audit() }
  }

  @Test("fail the audit of a stack around their layer")
  func stacked() {
    let stack = NumberStack {
      Dense(inputSize: 4, outputSize: 5)
      Pair("a")
    }
    #expect(throws: UnvisitedParameter.self) { try stack.audit() }
  }

  @Test("are drawn by the seed and the name alone")
  func initialize() throws {
    var (one, other) = (Pair("a", "b"), Pair("b", "a"))
    one.initialize(seed: 5)
    other.initialize(seed: 5)
    #expect(one.first.value == other.first.value)
    #expect(one.second.value == other.second.value)
    other.initialize(seed: 6)
    #expect(one.first.value != other.first.value)
    #expect(one.second.value != other.second.value)
    var renamed = Pair("a1", "b")
    renamed.initialize(seed: 5)
    #expect(renamed.first.value != one.first.value)
    #expect(renamed.second.value == one.second.value)
  }

  @Test("are drawn as their initializers say")
  func values() {
    var pair = Pair("a", "b")
    pair.first.initializer = .constant(0.5)
    pair.initialize(seed: 5)
    #expect(pair.first.value == Tensor(shape: [2, 3], repeating: 0.5))
    let drawn = Initializer.glorot.values(shape: [3, 2], from: RandomSource(seed: 5).child("b"))
    #expect(pair.second.value.scalars == drawn.map { Float($0) })
  }

  @Test("are listed and counted")
  func listing() {
    var dense = Dense(inputSize: 3, outputSize: 4, hasBias: true)
    dense.initialize(seed: 1)
    #expect(dense.parameterCount == 16)
    #expect(dense.parameters.map(\.name) == ["weight", "bias"])
    #expect(dense.parameters.map(\.value) == [dense.weight.value, dense.bias?.value])
  }

  @Test("have gradients that are reset in place")
  func resetGradients() {
    var pair = Pair("a", "b")
    pair.second.gradient = counting([3, 2])
    let before = address(pair.second.gradient)
    pair.resetGradients()
    #expect(pair.second.gradient.scalars == [0, 0, 0, 0, 0, 0])
    #expect(address(pair.second.gradient) == before)
    #expect(!pair.first.gradient.isAllocated)
  }
}
