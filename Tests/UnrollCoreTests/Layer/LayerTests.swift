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
  func picking() {
    let state = state(batch: 3)
    #expect(total.picking([2, 2, 0, 1], of: state) == state.picking([2, 2, 0, 1]))
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
