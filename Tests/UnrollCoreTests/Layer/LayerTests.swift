import TestSupport
import Testing
import UnrollCore

/// A layer that takes the kind of another.
private struct Impostor: StatelessLayer {
  typealias Element = Float

  static var kind: String { "Dense" }
  func makeCache() {}
  func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> { x }
  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient }
}

/// A layer whose state is two tensors that grow together, and of which it says so.
private struct Pairs: Layer {
  typealias Element = Float

  struct State: Sendable {
    var keys: Tensor<Float>
    var values: Tensor<Float>
  }

  func makeState(batch: Int) -> State {
    State(keys: Tensor(shape: [batch, 0, 3]), values: Tensor(shape: [batch, 0, 2]))
  }
  func makeCache() {}
  func forward(
    _ x: Tensor<Float>, state: inout State, cache: inout Void, in context: Context
  ) -> Tensor<Float> { x }
  mutating func backward(
    _ gradient: Tensor<Float>, state: inout State, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient }
  func visitState(
    _ state: inout State, _ visit: (String, inout Tensor<Float>) throws -> Void
  ) rethrows {
    try visit("keys", &state.keys)
    try visit("values", &state.values)
  }
  func checkState(_ state: State) throws {
    guard state.keys.shape[1] == state.values.shape[1] else {
      throw StateError(description: "Pairs: keys and values disagree")
    }
  }
}

@Suite("A layer")
struct LayerTests {
  private let total = Total(features: 4)

  private func state(batch: Int) -> Tensor<Float> {
    var (state, cache): (Tensor<Float>, Void) = (total.makeState(batch: batch), ())
    _ = total.forward(noise([2, batch, 4]), state: &state, cache: &cache, in: Context())
    return state
  }

  @Test("is of the kind of its type's name, without parameters of the type")
  func kinds() {
    #expect(Dense.kind == "Dense")
    #expect(TokenStack.kind == "Sequential")
    #expect(Impostor.kind == "Dense")
  }

  @Test("makes zeros in the shapes of a state")
  func zeros() {
    #expect(total.zeros(like: state(batch: 3)) == Tensor(shape: [3, 4]))
  }

  @Test("picks streams of a state")
  func gathering() {
    let state = state(batch: 3)
    #expect(total.gathering([2, 2, 0, 1], of: state) == state.gathering([2, 2, 0, 1]))
  }

  @Test("restores the state that it gave")
  func restoring() throws {
    let state = state(batch: 3)
    let saved = Dictionary(
      uniqueKeysWithValues: total.tensors(of: state).map { ($0.name, $0.value) })
    #expect(saved == ["total": state])
    #expect(try total.restoringState(batch: 3, from: saved) == state)
    var error = #expect(throws: StateError.self) {
      try total.restoringState(batch: 3, from: ["other": state])
    }
    #expect(error?.description.contains("'total'") == true)
    error = #expect(throws: StateError.self) { try total.restoringState(batch: 2, from: saved) }
    #expect(error?.description.contains("'total' has the shape [3, 4]") == true)
  }

  @Test("refuses a state whose tensors do not belong together, within a stack too")
  func checking() throws {
    func saved(_ prefix: String, _ keys: Int, _ values: Int) -> [String: Tensor<Float>] {
      [
        prefix + "keys": noise([2, keys, 3]), prefix + "values": noise([2, values, 2]),
        "0.total": noise([2, 3]),
      ]
    }
    let stack = NumberStack {
      Total(features: 3)
      Pairs()
    }
    #expect(try Pairs().restoringState(batch: 2, from: saved("", 5, 5)).keys.shape == [2, 5, 3])
    #expect(
      try stack.tensors(of: stack.restoringState(batch: 2, from: saved("1.", 4, 4))).count == 3)
    let error = #expect(throws: StateError.self) {
      try Pairs().restoringState(batch: 2, from: saved("", 5, 4))
    }
    #expect(error?.description == "Pairs: keys and values disagree")
    #expect(throws: StateError.self) {
      try stack.restoringState(batch: 2, from: saved("1.", 4, 5))
    }
  }

  @Test("refuses a state with more axes' worth of nothing than a shape may have")
  func hugeState() {
    let error = #expect(throws: StateError.self) {
      try Pairs().restoringState(
        batch: 0,
        from: [
          "keys": Tensor(shape: [0, 1 << 40, 3]), "values": Tensor(shape: [0, 1 << 40, 2]),
        ])
    }
    #expect(error?.description.contains("has an axis") == true)
  }

  @Test("inside another has the same context with random numbers of its own")
  func contexts() {
    let context = Context(.inference, lengths: [3, 1], restarts: [true, false], threads: 5)
    let child = context.child(2)
    #expect(child.mode == .inference)
    #expect(child.lengths == [3, 1])
    #expect(child.restarts == [true, false])
    #expect(child.threads == 5)
    #expect(child.random == context.random.child(2))
    #expect(child.random != context.child(1).random)
  }

  @Test("has targets ignored beyond the lengths of streams")
  func targets() async {
    let targets = Tokens(time: 3, batch: 2, ids: [5, 6, 7, 8, 9, 1])
    #expect(targets.ignoring(beyond: [3, 1]).ids == [5, 6, 7, -1, 9, -1])
    #expect(targets.ignoring(beyond: nil) == targets)
    await #expect(processExitsWith: .failure) { _ = Tokens(time: 3, batch: 2, ids: [1, 2, 3]) }
  }

  @Test("is known by its kind once it is registered")
  func registry() {
    var registry = LayerRegistry<Float>()
    registry.register(Total.self)
    registry.register(Dense.self)
    registry.register(Dense.self)
    #expect(registry.layerKinds == ["Dense", "Total"])
    #expect(registry.cellKinds == [])
  }

  @Test("of a kind that is taken stops the program")
  func takenKind() async {
    await #expect(processExitsWith: .failure) {
      var registry = LayerRegistry<Float>()
      registry.register(Dense.self)
      registry.register(Impostor.self)
    }
  }
}
