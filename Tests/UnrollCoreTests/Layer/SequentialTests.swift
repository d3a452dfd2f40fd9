import TestSupport
import Testing
import UnrollCore
import UnrollFiles

/// Adds the first random number of its context.
private struct Draw: StatelessLayer {
  typealias Element = Float

  func makeCache() {}
  func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> {
    x + Float(context.random.uniform(0))
  }
  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient }
}

private func stack() -> TokenStack {
  TokenStack(seed: 2) {
    Embedding(vocabularySize: 7, dimension: 4)
    Total(features: 4)
    NumberStack {
      Dense(inputSize: 4, outputSize: 5, hasBias: true)
      Total(features: 5)
    }
  }
}

@Suite("A stack of layers")
struct SequentialTests {
  private let tokens = Tokens(time: 3, batch: 2, ids: [6, 0, 3, 3, 1, 6])

  @Test("names parameters and states by position")
  func names() {
    let model = stack()
    #expect(model.parameters.map(\.name) == ["0.table", "2.0.weight", "2.0.bias"])
    let state = model.makeState(batch: 3)
    #expect(model.tensors(of: state).map(\.name) == ["1.total", "2.1.total"])
    #expect(model.tensors(of: state).map(\.value.shape) == [[3, 4], [3, 5]])
    #expect(model.parameterCount == 28 + 20 + 5)
  }

  @Test("draws the parameters of its layers by their names")
  func seeds() {
    #expect(stack().parameters.map(\.value) == stack().parameters.map(\.value))
    var bare = Embedding(vocabularySize: 7, dimension: 4)
    bare.initialize(seed: 2)
    #expect(stack().parameters[0].value != bare.table.value)
    var other = stack()
    other.initialize(seed: 3)
    for (one, other) in zip(stack().parameters, other.parameters) {
      #expect(one.value != other.value)
    }
  }

  @Test("calls its layers first to last, and carries their states")
  func forward() throws {
    let model = stack()
    var (state, cache) = (model.makeState(batch: 2), model.makeCache())
    let y = model.forward(tokens, state: &state, cache: &cache, in: Context(.inference))
    let embedding = try #require(model[0] as? Embedding)
    let dense = try #require((model[2] as? NumberStack)?[0] as? Dense)
    let total = Total(features: 4)(embedding(tokens, batch: 2), batch: 2)
    #expect(y == Total(features: 5)(dense(total, batch: 2), batch: 2))
    #expect(model.tensors(of: state).map(\.value) == [total.step(2), y.step(2)])
  }

  @Test("calls its layers last to first backward")
  func backward() {
    var model = NumberStack(seed: 1) {
      Dense(inputSize: 4, outputSize: 5)
      Total(features: 5)
      Dense(inputSize: 5, outputSize: 3)
    }
    let (x, gradient): (Tensor<Float>, Tensor<Float>) = (noise([3, 2, 4]), noise([3, 2, 3]))
    var (state, cache) = (model.makeState(batch: 2), model.makeCache())
    _ = model.forward(x, state: &state, cache: &cache, in: Context())
    var after = model.zeros(like: state)
    let dx = model.backward(gradient, state: &after, cache: &cache, in: Context())
    let (first, last) = (model.parameters[0].value, model.parameters[1].value)
    var total = Tensor.product(gradient.matrix, last.matrix).reshaped([3, 2, 5])
    for t in [1, 0] { total.setStep(t, to: total.step(t) + total.step(t + 1)) }
    #expect(difference(dx, Tensor.product(total.matrix, first.matrix).reshaped([3, 2, 4])) < 1e-5)
    #expect(difference(model.tensors(of: after)[0].value, total.step(0)) < 1e-5)
  }

  @Test("gives each layer random numbers of its own")
  func randomNumbers() {
    let model = NumberStack {
      Draw()
      Draw()
    }
    let random = Context().random
    let sum = Float(random.child(0).uniform(0)) + Float(random.child(1).uniform(0))
    #expect(model(Tensor(shape: [1, 1, 2])).scalars == [sum, sum])
  }

  @Test("is built with for, if and if else", arguments: [0, 1, 3], [true, false])
  func builder(repeats: Int, flag: Bool) throws {
    let model = TokenStack {
      Embedding(vocabularySize: 7, dimension: 4)
      for _ in 0..<repeats {
        Dense(inputSize: 4, outputSize: 6)
        Dense(inputSize: 6, outputSize: 4)
      }
      if flag { Total(features: 4) }
      if flag {
        Dense(inputSize: 4, outputSize: 3)
      } else {
        Dense(inputSize: 4, outputSize: 2)
        Dense(inputSize: 2, outputSize: 5)
      }
    }
    let kinds = (0..<model.count).map { type(of: model[$0]).kind }
    let pairs = Array(repeating: "Dense", count: 2 * repeats)
    #expect(kinds == ["Embedding"] + pairs + (flag ? ["Total", "Dense"] : ["Dense", "Dense"]))
    #expect(model(tokens, batch: 2).shape == [3, 2, flag ? 3 : 5])
  }

  @Test("knows the shape of its output, and which of its layers does not take a shape")
  func outputShape() throws {
    let fitting = NumberStack {
      Dense(inputSize: 4, outputSize: 5)
      Total(features: 5)
      Dense(inputSize: 5, outputSize: 3)
    }
    #expect(try fitting.outputShape(of: [7, 2, 4]) == [7, 2, 3])
    let error = #expect(throws: ShapeError.self) { try fitting.outputShape(of: [7, 2, 6]) }
    #expect(error?.description == "Dense takes [T, B, 4], not [7, 2, 6]")
    let wrong = [Dense(inputSize: 4, outputSize: 5), Dense(inputSize: 6, outputSize: 3)]
    let refusal = #expect(throws: StackError.self) { try NumberStack(layers: wrong) }
    #expect(
      refusal?.description
        == "layer 1, Dense, takes [T, B, 6]; layer 0, Dense, gives [T, B, 5]")
  }

  @Test("stops the program at a state of another model")
  func foreignState() async {
    await #expect(processExitsWith: .failure) {
      let (model, other) = (NumberStack { Total(features: 4) }, NumberStack { Draw() })
      var (state, cache) = (other.makeState(batch: 2), model.makeCache())
      let x = Tensor<Float>(shape: [3, 2, 4])
      _ = model.forward(x, state: &state, cache: &cache, in: Context())
    }
    await #expect(processExitsWith: .failure) {
      let model = NumberStack { Total(features: 4) }
      let longer = NumberStack {
        Total(features: 4)
        Total(features: 4)
      }
      var (state, cache) = (longer.makeState(batch: 2), model.makeCache())
      let x = Tensor<Float>(shape: [3, 2, 4])
      _ = model.forward(x, state: &state, cache: &cache, in: Context())
    }
  }

  @Test("stops the program at a cache of another model")
  func foreignCache() async {
    await #expect(processExitsWith: .failure) {
      let other = TokenStack { Embedding(vocabularySize: 7, dimension: 4) }
      var (otherState, otherCache) = (other.makeState(batch: 1), other.makeCache())
      let tokens = Tokens(time: 1, batch: 1, ids: [2])
      _ = other.forward(tokens, state: &otherState, cache: &otherCache, in: Context())
      var model = TokenStack {
        Embedding(vocabularySize: 7, dimension: 4)
        Dense(inputSize: 4, outputSize: 4)
      }
      var state = model.makeState(batch: 1)
      let gradient = Tensor<Float>(shape: [1, 1, 4])
      _ = model.backward(gradient, state: &state, cache: &otherCache, in: Context())
    }
    await #expect(processExitsWith: .failure) {
      let model = NumberStack { Dense(inputSize: 4, outputSize: 4) }
      let other = NumberStack { Total(features: 4) }
      var (state, cache) = (model.makeState(batch: 1), other.makeCache())
      let x = Tensor<Float>(shape: [3, 1, 4])
      _ = model.forward(x, state: &state, cache: &cache, in: Context())
    }
  }
}
