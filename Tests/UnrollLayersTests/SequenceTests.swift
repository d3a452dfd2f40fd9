import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// What holds of sequences whatever the layer: pieces, rows, padding, threads.
@Suite("Sequences")
struct SequenceTests {
  typealias Model = Sequential<Tensor<Float>, Tensor<Float>, Float>

  private func model() -> Model {
    Sequential(seed: 4) {
      LSTM(inputSize: 6, hiddenSize: 33)
      RNN(inputSize: 33, hiddenSize: 17)
      Residual { LSTM(inputSize: 17, hiddenSize: 17) }
      Dense(inputSize: 17, outputSize: 5)
    }
  }

  private func run(
    _ model: Model, _ x: Tensor<Float>, _ state: inout Model.State,
    _ context: Context = Context(.inference)
  ) -> Tensor<Float> {
    var cache = model.makeCache()
    return model.forward(x, state: &state, cache: &cache, in: context)
  }

  @Test("A sequence in pieces is the sequence whole, to the last bit")
  func pieces() {
    let model = model()
    let x: Tensor<Float> = noise([12, 3, 6])
    var whole = model.makeState(batch: 3)
    let y = run(model, x, &whole)
    for cuts in [[1, 12], [5, 6, 12], Array(1...12)] {
      var state = model.makeState(batch: 3)
      var start = 0
      for end in cuts {
        #expect(run(model, x.steps(start..<end), &state) == y.steps(start..<end))
        start = end
      }
      for (a, b) in zip(model.tensors(of: state), model.tensors(of: whole)) {
        #expect(a.value == b.value)
      }
    }
  }

  @Test("A batch is its rows run alone, to the last bit")
  func rows() {
    let model = model()
    let x: Tensor<Float> = noise([5, 31, 6])
    var state = model.makeState(batch: 31)
    let y = run(model, x, &state)
    for b in [0, 1, 13, 14, 30] {
      var alone = model.makeState(batch: 1)
      #expect(run(model, x.streams(b..<(b + 1)), &alone) == y.streams(b..<(b + 1)))
    }
  }

  @Test("Training computes what inference computes")
  func modes() {
    let model = model()
    let x: Tensor<Float> = noise([4, 3, 6])
    var (a, b) = (model.makeState(batch: 3), model.makeState(batch: 3))
    #expect(run(model, x, &a, Context(.training)) == run(model, x, &b))
  }

  @Test("Any number of threads gives the same bytes", arguments: [2, 3, 8])
  func threads(count: Int) {
    func results(_ threads: Int) -> [Tensor<Float>] {
      var model = model()
      var (state, cache) = (model.makeState(batch: 31), model.makeCache())
      let context = Context(threads: threads)
      let y = model.forward(noise([9, 31, 6]), state: &state, cache: &cache, in: context)
      var gradient = model.zeros(like: state)
      let dx = model.backward(y, state: &gradient, cache: &cache, in: context)
      var all = [y, dx]
      model.visitParameters { all.append($1.gradient) }
      return all
    }
    #expect(results(count) == results(1))
  }

  @Test("A padded sequence is the sequence alone, in both directions, whatever the padding holds")
  func padding() {
    let model = Model(seed: 2) {
      Bidirectional { LSTM(inputSize: 6, hiddenSize: 4) }
      RNN(inputSize: 8, hiddenSize: 3)
    }
    let lengths = [5, 2, 4]
    var x: Tensor<Float> = noise([5, 3, 6])
    for b in 0..<3 {
      for t in lengths[b]..<5 { for f in 0..<6 { x[t, b, f] = f == 0 ? .nan : 99 } }
    }
    func train(
      _ x: Tensor<Float>, _ batch: Int, _ context: Context
    ) -> (output: Tensor<Float>, input: Tensor<Float>, state: [Tensor<Float>], model: Model) {
      var (model, cache) = (model, model.makeCache())
      var state = model.makeState(batch: batch)
      let y = model.forward(x, state: &state, cache: &cache, in: context)
      var gradient = model.zeros(like: state)
      let dx = model.backward(y, state: &gradient, cache: &cache, in: context)
      return (y, dx, model.tensors(of: state).map(\.value), model)
    }
    var padded = train(x, 3, Context(lengths: lengths))
    var sums: [String: Tensor<Float>] = [:]
    for (b, length) in lengths.enumerated() {
      let row = b..<(b + 1)
      var alone = train(x.streams(row).steps(0..<length), 1, Context())
      #expect(padded.output.streams(row).steps(0..<length) == alone.output)
      #expect(padded.input.streams(row).steps(0..<length) == alone.input)
      #expect(zip(padded.state, alone.state).allSatisfy { $0.steps(row) == $1 })
      let rest = padded.output.streams(row).steps(length..<5)
      #expect(rest == Tensor(shape: rest.shape))
      alone.model.visitParameters { sums[$0, default: Tensor(shape: $1.shape)] += $1.gradient }
    }
    padded.model.visitParameters { name, parameter in
      let error = sums[name].map { difference($0, parameter.gradient) } ?? .infinity
      #expect(error < 1e-5, "\(name)")
    }
  }

  @Test("A stream that begins anew forgets, and the others do not")
  func restarts() {
    let model = model()
    let x: Tensor<Float> = noise([4, 2, 6])
    var carried = model.makeState(batch: 2)
    _ = run(model, x, &carried)
    var (state, fresh) = (carried, model.makeState(batch: 2))
    let y = run(model, x, &state, Context(.inference, restarts: [false, true]))
    let kept = run(model, x, &carried)
    let anew = run(model, x, &fresh)
    #expect(y.streams(0..<1) == kept.streams(0..<1))
    #expect(y.streams(1..<2) == anew.streams(1..<2))
  }

  @Test("States are saved, restored, and picked from")
  func states() throws {
    let model = model()
    let x: Tensor<Float> = noise([4, 3, 6])
    var state = model.makeState(batch: 3)
    _ = run(model, x, &state)
    let saved = Dictionary(
      uniqueKeysWithValues: model.tensors(of: state).map { ($0.name, $0.value) })
    var restored = try model.restoringState(batch: 3, from: saved)
    var picked = model.gathering([2, 2, 0, 1], of: state)
    let y = run(model, x, &state)
    #expect(run(model, x, &restored) == y)
    var again = Tensor<Float>(shape: [4, 4, 6])
    for (to, from) in [2, 2, 0, 1].enumerated() {
      again.setStreams(to..<(to + 1), to: x.streams(from..<(from + 1)))
    }
    let forked = run(model, again, &picked)
    for (to, from) in [2, 2, 0, 1].enumerated() {
      #expect(forked.streams(to..<(to + 1)) == y.streams(from..<(from + 1)))
    }
    #expect(throws: StateError.self) { try model.restoringState(batch: 2, from: saved) }
    #expect(throws: StateError.self) { try model.restoringState(batch: 3, from: [:]) }
  }

  @Test("Two dropouts draw different masks, and rates mean what they say")
  func dropout() {
    let twice = Sequential<Tensor<Float>, Tensor<Float>, Float> {
      Dropout(rate: 0.5)
      Dropout(rate: 0.2)
    }
    var (state, cache) = (twice.makeState(batch: 1), twice.makeCache())
    let ones = Tensor<Float>(shape: [1, 1, 20000], repeating: 1)
    let y = twice.forward(ones, state: &state, cache: &cache, in: Context()).scalars
    let kept = Double(y.count { $0 != 0 }) / 20000
    #expect(abs(kept - 0.4) < 0.015)
    #expect(y.allSatisfy { $0 == 0 || abs($0 - 2.5) < 1e-6 })
    #expect(twice(ones) == ones)
  }
}
