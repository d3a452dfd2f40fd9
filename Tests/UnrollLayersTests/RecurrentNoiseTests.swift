import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("Noise in a recurrence")
struct RecurrentNoiseTests {
  private let x: Tensor<Float> = noise([1, 40, 3], seed: 2)

  /// The state before a step, and that after it.
  private func step(
    _ cell: some RecurrentCell<Float>, _ context: Context
  ) -> (before: Tensor<Float>, after: Tensor<Float>) {
    let before: Tensor<Float> = noise([40, cell.stateSize], seed: 3)
    return (before, cell.step(x.step(0), from: before, in: context).state)
  }

  private func drawn<Cell: RecurrentCell<Float>>(_ cell: Cell) -> Cell {
    var layer = Recurrent(cell)
    layer.initialize(seed: 5)
    return layer.cell
  }

  @Test("Zoneout keeps as many numbers as its rates say, of h and of c, and renews the others")
  func rates() {
    let inside = drawn(LSTMCell(inputSize: 3, hiddenSize: 50))
    let cell = ZoneoutCell(inside, hiddenRate: 0.2, memoryRate: 0.6)
    let (before, after) = step(cell, Context())
    let renewed = step(inside, Context()).after
    for (part, rate) in [(0..<50, 0.2), (50..<100, 0.6)] {
      let (old, new) = (before.columns(part).scalars, renewed.columns(part).scalars)
      let found = after.columns(part).scalars
      let kept = found.indices.count { found[$0] == old[$0] }
      #expect(found.indices.allSatisfy { found[$0] == old[$0] || found[$0] == new[$0] })
      #expect(abs(Double(kept) / 2000 - rate) < 0.04)
    }
  }

  @Test("In inference zoneout is the mean of what it does in training")
  func mean() {
    let inside = drawn(GRUCell(inputSize: 3, hiddenSize: 6))
    let (before, after) = step(ZoneoutCell(inside, hiddenRate: 0.25), Context(.inference))
    let renewed = step(inside, Context()).after
    #expect(difference(after, before * 0.25 + renewed * 0.75) < 1e-6)
  }

  @Test("Zoneout draws another mask for every step")
  func steps() {
    let layer = Recurrent(
      ZoneoutCell(drawn(RNNCell(inputSize: 3, hiddenSize: 64)), hiddenRate: 0.5))
    var (state, cache) = (layer.makeState(batch: 1), layer.makeCache())
    let still: Tensor<Float> = noise([3, 1, 3])
    _ = layer.forward(still, state: &state, cache: &cache, in: Context())
    let run = cache.runs[0]
    let kept = (0..<3).map { t in
      (0..<64).map { run.state[t + 1, 0, $0] == run.state[t, 0, $0] }
    }
    #expect(kept[0] != kept[1] && kept[1] != kept[2])
  }

  @Test("Recurrent dropout hides units from the product, the same ones at every step")
  func dropout() {
    var layer = RecurrentDropout<Float>(RNNCell(inputSize: 3, hiddenSize: 64), rate: 0.4)
    layer.initialize(seed: 1)
    var (state, cache) = (layer.makeState(batch: 9), layer.makeCache())
    _ = layer.forward(noise([4, 9, 3]), state: &state, cache: &cache, in: Context())
    var hidden = 0
    for run in cache.runs {
      let mask = run.recurrentMask?.scalars ?? []
      #expect(mask.count == run.rows * 64)
      #expect(mask.allSatisfy { $0 == 0 || abs($0 - 1 / 0.6) < 1e-6 })
      hidden += mask.count { $0 == 0 }
    }
    #expect(abs(Double(hidden) / Double(9 * 64) - 0.4) < 0.06)

    var still = layer.makeCache()
    var fresh = layer.makeState(batch: 9)
    let y = layer.forward(noise([4, 9, 3]), state: &fresh, cache: &still, in: Context(.inference))
    var inside = Recurrent(RNNCell<Float>(inputSize: 3, hiddenSize: 64))
    inside.initialize(seed: 1)
    #expect(inside(noise([4, 9, 3]), batch: 9) == y)
  }

  @Test("Recurrent dropout of a cell without a recurrent product stops the program")
  func nothingToDrop() async {
    await #expect(processExitsWith: .failure) {
      _ = RecurrentDropoutCell<Float>(MinGRUCell(inputSize: 1, hiddenSize: 1), rate: 0.1)
    }
  }

  @Test("Rates outside 0..<1 stop the program")
  func wrongRates() async {
    await #expect(processExitsWith: .failure) {
      _ = ZoneoutCell<Float>(RNNCell(inputSize: 1, hiddenSize: 1), hiddenRate: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = RecurrentDropoutCell<Float>(RNNCell(inputSize: 1, hiddenSize: 1), rate: -0.1)
    }
    await #expect(processExitsWith: .failure) {
      _ = LSTMCell<Float>(
        inputSize: 1, hiddenSize: 1, options: LSTMOptions(clipping: .cell(limit: 0)))
    }
  }
}
