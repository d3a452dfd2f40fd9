import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("Recomputing")
struct RecomputeTests {
  typealias Stack = Sequential<Tensor<Float>, Tensor<Float>, Float>

  private static let stacks: [Stack] = [
    Stack(seed: nil) {
      LSTM(inputSize: 3, hiddenSize: 20)
      Dropout(rate: 0.4)
      GRU(inputSize: 20, hiddenSize: 9)
      Dense(inputSize: 9, outputSize: 4)
    },
    Stack(seed: nil) {
      Zoneout(LSTMCell<Float>(inputSize: 3, hiddenSize: 7), hiddenRate: 0.3, memoryRate: 0.2)
      LayerNorm(inputSize: 7)
      RecurrentDropout(GRUCell<Float>(inputSize: 7, hiddenSize: 5), rate: 0.3)
      Residual { LayerNormLSTM(inputSize: 5, hiddenSize: 5) }
    },
    Stack(seed: nil) {
      QRNN(inputSize: 3, hiddenSize: 6)
      Recurrent(LSTMCell(inputSize: 6, hiddenSize: 5), initialState: .learned)
      Dropout(rate: 0.4, mask: .perSequence)
      MinGRU(inputSize: 5, hiddenSize: 4)
      SRU(inputSize: 4, hiddenSize: 4)
    },
  ]

  @Test(
    "gives the bytes of the layers by themselves", arguments: stacks.indices, [1, 3, 4, 10, 11])
  func bytes(stack: Int, every: Int) throws {
    var plain = Self.stacks[stack]
    plain.initialize(seed: 2)
    var inside = Recompute<Float>(every: every) { plain }
    for threads in [1, 3] {
      // The random numbers of the same place in a stack.
      let expected = results(&plain, threads) { $0.child(0).child(0) }
      let found = results(&inside, threads) { $0 }
      #expect(found.count == expected.count)
      for (name, tensor) in expected {
        #expect(found[name] == tensor || found["0." + name] == tensor, "\(name)")
      }
    }
  }

  private func results<L: Layer<Float>>(
    _ layer: inout L, _ threads: Int, _ context: (Context) -> Context
  ) -> [String: Tensor<Float>] where L.Input == Tensor<Float>, L.Output == Tensor<Float> {
    var whole = Context(.training, threads: threads, random: RandomSource(seed: 4))
    whole.lengths = [10, 4, 7, 0, 10, 1, 3, 8]
    whole.restarts = (0..<8).map { $0 % 3 == 1 }
    let context = context(whole)
    var (state, cache) = (layer.makeState(batch: 8), layer.makeCache())
    layer.visitParameters { $1.gradient = Tensor(shape: $1.shape) }
    var all: [String: Tensor<Float>] = [:]
    all["output"] = layer.forward(
      noise([10, 8, 3]), state: &state, cache: &cache, in: context)
    layer.visitState(&state) { all["\($0) after"] = $1 }
    var gradientState = layer.makeState(batch: 8)
    all["input gradient"] = layer.backward(
      noise(all["output"]?.shape ?? []), state: &gradientState, cache: &cache, in: context)
    layer.visitState(&gradientState) { all["\($0) gradient"] = $1 }
    layer.visitParameters { all[$0] = $1.gradient }
    return all
  }

  // In a process of its own: the count is that of all tensors.
  @Test("keeps an eighth of the memory, or less")
  func memory() async {
    await #expect(processExitsWith: .success) {
      let plain = Sequential<Tensor<Float>, Tensor<Float>, Float>(seed: nil) {
        LSTM(inputSize: 8, hiddenSize: 48)
        LSTM(inputSize: 48, hiddenSize: 48)
      }
      let (all, some) = (bytesHeld(by: plain), bytesHeld(by: Recompute(every: 32) { plain }))
      exit(8 * some < all ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }

  @Test("refuses what looks ahead")
  func causality() async {
    await #expect(processExitsWith: .failure) {
      _ = Recompute<Float>(every: 2) { Bidirectional { LSTM(inputSize: 2, hiddenSize: 3) } }
    }
  }
}

/// The most bytes that a forward and a backward hold at once.
private func bytesHeld<L: Layer<Float>>(by layer: L) -> Int
where L.Input == Tensor<Float>, L.Output == Tensor<Float> {
  var layer = layer
  layer.initialize(seed: 1)
  let context = Context(.training, threads: 1)
  let (x, dy): (Tensor<Float>, Tensor<Float>) = (noise([1024, 4, 8]), noise([1024, 4, 48]))
  var (state, cache) = (layer.makeState(batch: 4), layer.makeCache())
  TensorMemory.trim()
  let before = TensorMemory.usedBytes
  _ = layer.forward(x, state: &state, cache: &cache, in: context)
  state = layer.makeState(batch: 4)
  _ = layer.backward(dy, state: &state, cache: &cache, in: context)
  return TensorMemory.peakBytes - before
}
