import Testing
import UnrollCore

/// A cell whose only use is its name.
private struct Wrapper<Element> {
  struct State {}
}

extension Total {
  struct Inner {}
}

@Suite("A layer behind an existential")
struct ErasureTests {
  @Test("Types are named with those around them, and without modules")
  func names() {
    #expect(readableName(of: Tensor<Float>.self) == "Tensor<Float>")
    #expect(
      readableName(of: NumberStack.State.self)
        == "Sequential<Tensor<Float>, Tensor<Float>, Float>.State")
    #expect(
      readableName(of: Wrapper<Wrapper<Double>>.State.self) == "Wrapper<Wrapper<Double>>.State")
    #expect(readableName(of: Total.Inner.self) == "Total.Inner")
    #expect(
      readableName(of: (Tensor<Float>?, [Int]).self) == "(Optional<Tensor<Float>>, Array<Int>)")
    #expect(readableName(of: Void.self) == "()")
  }

  /// What is written before the program stops, by a call of a stack with parts that are another's.
  private func words(
    _ result: ExitTest.Result?
  ) -> String { String(decoding: result?.standardErrorContent ?? [], as: UTF8.self) }

  @Test("A state that is another's is named in full, and so is the one that was expected")
  func state() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let (model, other) = (
        NumberStack { NumberStack { Total(features: 4) } }, NumberStack { Total(features: 4) }
      )
      var (state, cache) = (other.makeState(batch: 2), model.makeCache())
      _ = model.forward(
        Tensor(shape: [3, 2, 4]), state: &state, cache: &cache, in: Context())
    }
    #expect(
      words(result).contains(
        "Sequential: expected the state Sequential<Tensor<Float>, Tensor<Float>, Float>.State, got "
          + "Tensor<Float>; a state or a cache belongs to the model that made it"),
      "\(words(result))")
  }

  @Test("So are a cache and the state of a visit")
  func cache() async {
    var result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let model = NumberStack { Dense(inputSize: 4, outputSize: 4) }
      let other = NumberStack { NumberStack { Dense(inputSize: 4, outputSize: 4) } }
      var (state, cache) = (model.makeState(batch: 1), other.makeCache())
      _ = model.forward(
        Tensor(shape: [3, 1, 4]), state: &state, cache: &cache, in: Context())
    }
    #expect(
      words(result).contains("Dense: expected the cache Optional<Tensor<Float>>, got Sequential<"))
    result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let model = NumberStack { Total(features: 4) }
      let other = NumberStack { Dense(inputSize: 4, outputSize: 4) }
      _ = model.tensors(of: other.makeState(batch: 1))
    }
    #expect(words(result).contains("Total: expected the state Tensor<Float>, got ()"))
  }
}
