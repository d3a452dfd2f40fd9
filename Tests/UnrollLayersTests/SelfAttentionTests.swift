import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("SelfAttention")
struct SelfAttentionTests {
  private func layer<E: Scalar>(
    _ type: E.Type = E.self, heads: Int = 3, window: Int? = nil
  ) -> SelfAttention<E> {
    var layer = SelfAttention<E>(inputSize: 6, heads: heads, window: window)
    layer.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    return layer
  }

  private func run<E: Scalar>(
    _ layer: SelfAttention<E>, _ x: Tensor<E>, _ state: inout AttentionState<E>,
    _ context: Context = Context(.inference)
  ) -> Tensor<E> {
    var cache = layer.makeCache()
    return layer.forward(x, state: &state, cache: &cache, in: context)
  }

  @Test("weighs values by the softmax of queries and keys")
  func numbers() {
    // One feature; q = 2 x, k = x, v = 10 x, y = z.
    var layer = SelfAttention<Double>(inputSize: 1, heads: 1)
    layer.projection.weight.value = Tensor(shape: [3, 1], scalars: [2, 1, 10])
    layer.output.weight.value = Tensor(shape: [1, 1], scalars: [1])
    let y = layer(Tensor(shape: [3, 1, 1], scalars: [1, 0.5, -1]))
    let second = (exp(1.0), exp(0.5))
    let third = (exp(-2.0), exp(-1.0), exp(2.0))
    let expected = [
      10, (10 * second.0 + 5 * second.1) / (second.0 + second.1),
      (10 * third.0 + 5 * third.1 - 10 * third.2) / (third.0 + third.1 + third.2),
    ]
    #expect(zip(y.scalars, expected).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test(
    "has the right gradients, also of its state", arguments: [nil, [3, 2], [0, 2]] as [[Int]?],
    [nil, 1, 2, 4] as [Int?])
  func gradients(lengths: [Int]?, window: Int?) {
    let layer = layer(Double.self, window: window)
    for carried in 0...2 {
      expectGradients(
        of: layer, noise([3, 2, 6]), Context(lengths: lengths, threads: 2), carried: carried)
    }
    for restarts in [[false, true], [true, true]] {
      expectGradients(
        of: layer, noise([3, 2, 6]), Context(lengths: lengths, restarts: restarts))
    }
  }

  @Test("of a sequence in pieces is that of the sequence whole", arguments: [nil, 1, 3, 20])
  func pieces(window: Int?) {
    let layer = layer(Float.self, window: window)
    let x: Tensor<Float> = noise([12, 3, 6])
    var whole = layer.makeState(batch: 3)
    let y = run(layer, x, &whole)
    for cuts in [[1, 12], [5, 6, 12], Array(1...12)] {
      var state = layer.makeState(batch: 3)
      var start = 0
      for end in cuts {
        #expect(run(layer, x.steps(start..<end), &state) == y.steps(start..<end))
        start = end
      }
      #expect(state.keys == whole.keys)
      #expect(state.values == whole.values)
      #expect(state.steps == whole.steps)
    }
    #expect(whole.keys.shape[1] == min(12, window.map { $0 - 1 } ?? 12))
  }

  @Test("goes back from piece to piece as it goes back over the whole", arguments: [nil, 3])
  func backwardInPieces(window: Int?) {
    var (whole, layer) = (layer(Double.self, window: window), layer(Double.self, window: window))
    let x: Tensor<Double> = noise([7, 2, 6])
    let dy: Tensor<Double> = noise([7, 2, 6], seed: 8)
    let trained = Training(whole, x, batch: 2) { _ in dy }
    var (state, caches) = (layer.makeState(batch: 2), [layer.makeCache(), layer.makeCache()])
    for (piece, range) in [0..<4, 4..<7].enumerated() {
      _ = layer.forward(x.steps(range), state: &state, cache: &caches[piece], in: Context())
    }
    var gradient = layer.zeros(like: state)
    var dx = Tensor<Double>(shape: x.shape)
    for (piece, range) in [0..<4, 4..<7].enumerated().reversed() {
      dx.setSteps(
        range,
        to: layer.backward(
          dy.steps(range), state: &gradient, cache: &caches[piece], in: Context()))
    }
    #expect(difference(dx, trained.input) < 1e-13)
    layer.visitParameters { name, parameter in
      let expected = trained.gradients[name] ?? Tensor(shape: [0])
      #expect(difference(parameter.gradient, expected) < 1e-12, "\(name)")
    }
    whole.resetGradients()
  }

  @Test("of padded chunks is that of each stream's steps alone")
  func paddedChunks() {
    let layer = layer(Float.self, window: 5)
    let chunks: [(Tensor<Float>, [Int])] = [
      (noise([4, 3, 6], seed: 1), [4, 0, 2]), (noise([3, 3, 6], seed: 2), [1, 3, 0]),
      (noise([4, 3, 6], seed: 3), [4, 2, 3]),
    ]
    var state = layer.makeState(batch: 3)
    var outputs: [Tensor<Float>] = []
    for (x, lengths) in chunks {
      var x = x
      for b in 0..<3 { for t in lengths[b]..<x.shape[0] { x[t, b, 0] = .nan } }
      outputs.append(run(layer, x, &state, Context(.inference, lengths: lengths)))
    }
    for b in 0..<3 {
      var alone = layer.makeState(batch: 1)
      for ((x, lengths), output) in zip(chunks, outputs) where lengths[b] > 0 {
        let own = (b..<(b + 1), 0..<lengths[b])
        let y = run(layer, x.streams(own.0).steps(own.1), &alone)
        #expect(output.streams(own.0).steps(own.1) == y)
      }
      let count = alone.keys.shape[1]
      #expect(state.steps[b] == Float(count))
      #expect(
        state.keys.steps(b..<(b + 1)).reshaped([state.keys.shape[1], 6]).steps(0..<count)
          == alone.keys.reshaped([count, 6]))
    }
  }

  @Test("does not let padding leak")
  func padding() {
    expectPaddingDoesNotLeak(layer(Float.self), features: 6)
    expectPaddingDoesNotLeak(layer(Float.self, heads: 2, window: 2), features: 6)
  }

  @Test("of a stream that begins anew forgets, and the others do not")
  func restarts() {
    let layer = layer(Float.self)
    let x: Tensor<Float> = noise([4, 2, 6])
    var carried = layer.makeState(batch: 2)
    _ = run(layer, x, &carried)
    var (state, fresh) = (carried, layer.makeState(batch: 2))
    let y = run(layer, x, &state, Context(.inference, restarts: [false, true]))
    #expect(y.streams(0..<1) == run(layer, x, &carried).streams(0..<1))
    #expect(y.streams(1..<2) == run(layer, x, &fresh).streams(1..<2))
    #expect(state.steps.scalars == [8, 4])
  }

  @Test("sees a window's steps and no more")
  func window() {
    let layer = layer(Double.self, window: 3)
    let x: Tensor<Double> = noise([6, 1, 6])
    var moved = x
    moved[2, 0, 0] += 1
    let (y, z) = (layer(x), layer(moved))
    for t in 0..<6 { #expect((y.step(t) == z.step(t)) == ![2, 3, 4].contains(t), "step \(t)") }
  }

  @Test("has states that are saved, restored, and picked from")
  func states() throws {
    let layer = layer(Float.self)
    let x: Tensor<Float> = noise([3, 2, 6])
    var state = layer.makeState(batch: 2)
    _ = run(layer, x, &state, Context(.inference, lengths: [1, 3]))
    let saved = Dictionary(
      uniqueKeysWithValues: layer.tensors(of: state).map { ($0.name, $0.value) })
    var restored = try layer.restoringState(batch: 2, from: saved)
    var picked = layer.gathering([1, 1, 0], of: state)
    let y = run(layer, x, &state)
    #expect(run(layer, x, &restored) == y)
    var again = Tensor<Float>(shape: [3, 3, 6])
    for (to, from) in [1, 1, 0].enumerated() {
      again.setStreams(to..<(to + 1), to: x.streams(from..<(from + 1)))
    }
    let forked = run(layer, again, &picked)
    for (to, from) in [1, 1, 0].enumerated() {
      #expect(forked.streams(to..<(to + 1)) == y.streams(from..<(from + 1)))
    }
  }

  /// Shapes of keys and values, and steps, that a saved state of two streams cannot have.
  private static let wrongStates: [(keys: [Int], values: [Int], steps: [Float], word: String)] = [
    ([2, 3, 6], [2, 4, 6], [3, 2], "keys [2, 3, 6] and values [2, 4, 6]"),
    ([2, 3, 6], [2, 0, 6], [0, 0], "values [2, 0, 6]"),
    ([2, 0, 6], [2, 0, 6], [1, 0], "1.0 of 0"),
    ([2, 3, 6], [2, 3, 6], [3, 4], "4.0 of 3"), ([2, 3, 6], [2, 3, 6], [-1, 2], "-1.0 of 3"),
    ([2, 3, 6], [2, 3, 6], [2.5, 2], "2.5 of 3"), ([2, 3, 6], [2, 3, 6], [3, .nan], "nan of 3"),
    ([2, 3, 6], [2, 3, 6], [.infinity, 2], "inf of 3"),
    ([2, 3, 6], [2, 3, 6], [1e30, 2], "1e+30 of 3"),
    ([2, 3, 6], [2, 3, 6], [.leastNonzeroMagnitude, 0], "of 3"),
    ([2, 3, 5], [2, 3, 6], [3, 2], "keys' has"), ([2, 3, 6], [2, 3], [3, 2], "values' has"),
    ([2, 3, 6], [2, 3, 6], [3], "steps' has"), ([1, 3, 6], [2, 3, 6], [3, 2], "keys' has"),
  ]

  @Test("refuses to restore a state that does not hold together, wherever it is in a model")
  func wrongStates() throws {
    func expectRefusal<L: Layer<Float>>(_ layer: L, _ prefixes: [String]) throws {
      for (keys, values, steps, word) in Self.wrongStates {
        var tensors: [String: Tensor<Float>] = [:]
        for prefix in prefixes {
          tensors[prefix + "keys"] = noise([2, 3, 6])
          tensors[prefix + "values"] = noise([2, 3, 6])
          tensors[prefix + "steps"] = Tensor(shape: [2], scalars: [3, 0])
        }
        _ = try layer.restoringState(batch: 2, from: tensors)
        let prefix = prefixes[prefixes.count - 1]
        tensors[prefix + "keys"] = Tensor(shape: keys)
        tensors[prefix + "values"] = Tensor(shape: values)
        tensors[prefix + "steps"] = Tensor(shape: [steps.count], scalars: steps)
        let error = #expect(throws: StateError.self, "\(word)") {
          try layer.restoringState(batch: 2, from: tensors)
        }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
      }
    }
    let attention = layer(Float.self)
    try expectRefusal(attention, [""])
    try expectRefusal(Residual { attention }, ["0."])
    try expectRefusal(Bidirectional { attention }, ["backward.0.", "forward.0."])
    try expectRefusal(Bidirectional { attention }, ["forward.0.", "backward.0."])
    try expectRefusal(
      TiedEmbedding(vocabularySize: 5, dimension: 6) {
        Residual { attention }
        attention
      }, ["1.", "0.0."])
  }

  @Test("gives the same bytes for any number of threads", arguments: [2, 3, 8])
  func threads(count: Int) {
    func results(_ threads: Int) -> [Tensor<Float>] {
      let trained = Training(
        layer(Float.self), noise([9, 31, 6]), batch: 31, Context(threads: threads)
      ) { $0 }
      return [trained.output, trained.input]
        + trained.gradients.sorted { $0.key < $1.key }.map(\.value)
    }
    #expect(results(count) == results(1))
  }

  @Test("stops the program where shapes do not fit")
  func preconditions() async {
    await #expect(processExitsWith: .failure) { _ = SelfAttention<Float>(inputSize: 6, heads: 4) }
    await #expect(processExitsWith: .failure) { _ = SelfAttention<Float>(inputSize: 6, heads: 0) }
    await #expect(processExitsWith: .failure) {
      _ = SelfAttention<Float>(inputSize: 6, heads: 2, window: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = SelfAttention<Float>(inputSize: 6, heads: 2)(Tensor(shape: [3, 1, 4]))
    }
    await #expect(processExitsWith: .failure) {
      _ = SelfAttention<Float>(inputSize: 6, heads: 2)(Tensor(shape: [3, 2, 6]), batch: 3)
    }
  }
}
