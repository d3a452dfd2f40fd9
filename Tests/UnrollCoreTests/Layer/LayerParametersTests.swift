import Testing
import UnrollCore

/// Two parameters, visited under the names in `visits`: those that begin with 'a' are the first.
private struct Pair: StatelessLayer {
  var visits: [String]
  /// The name to give in place of each of `visits`.
  var onlyName: String?
  var first = Parameter<Float>([2, 3], .normal(standardDeviation: 1))
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

/// Parameters in a list, a map and an optional, of which some are visited.
private struct Lists: StatelessLayer {
  let isVisited: [Bool]
  var list = [Parameter<Float>([3], .ones), Parameter<Float>([4], .ones)]
  var map = ["a": Parameter<Float>([5], .ones)]
  var maybe: Parameter<Float>? = Parameter([6], .ones)

  func makeCache() {}
  func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> { x }
  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Float>) throws -> Void
  ) rethrows {
    for i in list.indices where isVisited[i] { try visit("list\(i)", &list[i]) }
    if isVisited[2], let value = map["a"] {
      var value = value
      try visit("a", &value)
      map["a"] = value
    }
    if isVisited[3] { try maybe.visit("maybe", visit) }
  }
}

/// A layer around layers.
private struct Around: StatelessLayer {
  var inner: NumberStack

  init(@LayerBuilder<Float> _ build: () -> LayerStack<Tensor<Float>, Tensor<Float>, Float>) {
    inner = NumberStack(seed: nil, build)
  }

  func makeCache() {}
  func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> { x }
  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Float>) throws -> Void
  ) rethrows {
    try inner.visitParameters { try visit("inner.\($0)", &$1) }
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
    #expect(
      error?.description.contains(
        "Pair stores 2 parameters and visits 1: 'second' is never visited") == true)
    #expect(throws: UnvisitedParameter.self) { try Pair().audit() }
  }

  @Test("fail an audit where one is visited twice")
  func visitedTwice() {
    #expect(throws: UnvisitedParameter.self) { try Pair("a", "b", "b2").audit() }
    #expect(throws: UnvisitedParameter.self) { try Pair("a", "b", "b").audit() }
    #expect(throws: UnvisitedParameter.self) { try Pair("a", "a").audit() }
    let error = #expect(throws: UnvisitedParameter.self) {
      try Pair("a", "b", "a2").audit()
    }
    #expect(error?.description.contains("visits 2, 3 times: 'a2' is a second visit") == true)
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
    let error = #expect(throws: UnvisitedParameter.self) { try stack.audit() }
    #expect(error?.description.contains("'second' of layer 1, Pair is never visited") == true)
  }

  @Test(
    "fail an audit that names the layer and the place, of lists, maps and optionals too",
    arguments: ["list.0", "list.1", "map.a", "maybe"].enumerated().map { ($0, $1) })
  func places(index: Int, name: String) throws {
    let visited = (0..<4).map { $0 != index }
    let stack = NumberStack {
      Dense(inputSize: 3, outputSize: 3)
      Around { Lists(isVisited: visited) }
    }
    let error = #expect(throws: UnvisitedParameter.self) { try stack.audit() }
    #expect(
      error?.description.contains(
        "stores 5 parameters and visits 4: '\(name)' of layer 0, Lists of layer 1, Around is never"
      ) == true)
    try Lists(isVisited: [true, true, true, true]).audit()
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
