import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers

private typealias Model = Sequential<Tensor<Float>, Tensor<Float>, Float>

/// An outside layer that changes each step by itself, and says nothing about it.
private struct Twice: StatelessLayer {
  typealias Element = Float

  func forward(
    _ x: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { x * 2 }

  func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient * 2 }
}

/// Refuses to be summed up by its last step, as an outside layer may.
private struct LastHalf: StatelessLayer {
  typealias Element = Float

  func forward(
    _ x: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { x }

  func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient }

  func ends(after input: SequenceEnds) throws -> SequenceEnds {
    guard input != .whole else { throw StackError("LastHalf: not behind a whole one") }
    return .mixedDirections(kind: "LastHalf")
  }
}

@Suite("The ends of a sequence")
struct SequenceEndsTests {
  private func both(_ merging: DirectionMerging = .concatenation) -> Bidirectional<Float> {
    Bidirectional(merging: merging) { LSTM(inputSize: 8, hiddenSize: 4) }
  }

  /// What the ends of these layers have seen, or what is wrong with their order.
  private func ends(_ layers: any Layer<Float>...) -> String {
    do {
      var ends = SequenceEnds.given
      for layer in layers { ends = try layer.ends(after: ends) }
      return "\(ends)"
    } catch {
      return "\(error)"
    }
  }

  @Test("are known of every layer")
  func known() {
    let directions = "\(SequenceEnds.directions(kind: "Bidirectional"))"
    let mixed = "\(SequenceEnds.mixedDirections(kind: "Bidirectional"))"
    #expect(ends(Dense(inputSize: 3, outputSize: 8)) == "given")
    #expect(ends(LSTM(inputSize: 3, hiddenSize: 8)) == "whole")
    #expect(ends(both()) == directions)
    #expect(ends(both(), Dropout(rate: 0.5), Activation(.relu)) == directions)
    #expect(ends(both(.sum)) == mixed)
    for layer: any Layer<Float> in [
      Dense(inputSize: 8, outputSize: 8), LayerNorm(inputSize: 8), Twice(),
      DenseSoftmax(inputSize: 8, classes: 8), Residual { Dense(inputSize: 8, outputSize: 8) },
      SelfAttention(inputSize: 8, heads: 2, window: 1),
    ] {
      #expect(ends(both(), layer) == mixed, "\(type(of: layer).kind)")
      #expect(ends(RNN(inputSize: 8, hiddenSize: 8), layer) != mixed)
    }
    for layer: any Layer<Float> in [
      GRU(inputSize: 8, hiddenSize: 8), SelfAttention(inputSize: 8, heads: 2),
      Residual { RNN(inputSize: 8, hiddenSize: 8) },
      Zoneout(LSTMCell(inputSize: 8, hiddenSize: 8), hiddenRate: 0.1),
    ] {
      #expect(ends(both(), layer) == "whole", "\(type(of: layer).kind)")
    }
    for layer: any Layer<Float> in [BothEnds(), MeanOverTime(), MaxOverTime()] {
      #expect(ends(both(), layer) == "pooled")
    }
    #expect(ends(RNN(inputSize: 8, hiddenSize: 8), both(), BothEnds()) == "pooled")
    #expect(
      ends(
        Bidirectional<Float>(merging: .sum) {
          GRU(inputSize: 3, hiddenSize: 5)
          LastStep()
        }) == "pooled")
  }

  @Test("that are no summary are not taken for one")
  func refused() {
    let seen = "the backward half of Bidirectional has seen only one step there"
    #expect(ends(both(), LastStep()).hasPrefix("LastStep: \(seen); put BothEnds in its place"))
    #expect(ends(both(), both(), LastStep()).contains(seen))
    #expect(
      ends(both(), Dropout(rate: 0.1), Activation(.tanh), LastStep()).contains("put BothEnds"))
    for layer: any Layer<Float> in [
      Dense(inputSize: 8, outputSize: 8), LayerNorm(inputSize: 8), Twice(), Residual { Twice() },
    ] {
      #expect(ends(both(), layer, LastStep()).contains("put LastStep inside Bidirectional"))
      #expect(ends(both(), layer, BothEnds()).contains("halves of Bidirectional are no longer"))
    }
    #expect(ends(both(.average), LastStep()).contains(seen))
    #expect(ends(both(.average), BothEnds()).contains("no longer apart"))
    #expect(ends(both(), GRU(inputSize: 8, hiddenSize: 3), LastStep()) == "pooled")
    #expect(
      ends(both(), GRU(inputSize: 8, hiddenSize: 3), BothEnds()).contains("put LastStep"))
    // Read backward, a sequence that was read forward ends where it has seen nothing.
    #expect(
      ends(RNN(inputSize: 3, hiddenSize: 8), Bidirectional<Float> { LastStep() }).contains(seen))
    #expect(ends(LastHalf(), LastStep()).contains("the backward half of LastHalf"))
    #expect(
      ends(RNN(inputSize: 3, hiddenSize: 8), LastHalf()) == "LastHalf: not behind a whole one")
  }

  @Test("stop the program where a stack is made, wherever in it")
  func stops() async {
    await #expect(processExitsWith: .failure) {
      _ = Model {
        Bidirectional { LSTM(inputSize: 3, hiddenSize: 4) }
        Dropout(rate: 0.5)
        LastStep()
      }
    }
    await #expect(processExitsWith: .failure) {
      _ = Bidirectional<Float> {
        Bidirectional { LSTM(inputSize: 3, hiddenSize: 4) }
        LastStep()
      }
    }
    await #expect(processExitsWith: .failure) {
      _ = Sequential<Tokens, Tensor<Float>, Float> {
        Embedding(vocabularySize: 5, dimension: 3)
        GRU(inputSize: 3, hiddenSize: 4)
        BothEnds()
      }
    }
  }

  @Test("that are no summary are loaded from a file all the same: the model has learned with them")
  func loaded() throws {
    let folder = try TemporaryFolder()
    let model = Model(seed: 3) {
      Bidirectional { GRU(inputSize: 3, hiddenSize: 4) }
      MeanOverTime()
    }
    let architecture = try ModelFile.architecture(of: model)
      .replacing("MeanOverTime", with: "LastStep")
    var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: architecture])
    for (name, value) in model.parameters { writer.add(name, value) }
    try writer.write(to: folder.file("m"))
    let loaded = try ModelFile(contentsOf: folder.file("m"))
      .model(Model.self, registry: .standard)
    let x: Tensor<Float> = noise([1, 2, 3])
    #expect(loaded(x, batch: 2) == model(x, batch: 2))
  }

  @Test("name the layer by its place")
  func place() {
    let inner = Model(seed: nil) { LastStep() }
    let error = #expect(throws: StackError.self) {
      try inner.ends(after: .directions(kind: "Bidirectional"))
    }
    #expect(error?.description.hasPrefix("layer 0, LastStep: the backward half") == true)
  }

  @Test("taken of a bidirectional layer depend on the first token and on the last")
  func dependence() {
    let model = Model(seed: 3) {
      Bidirectional { GRU(inputSize: 3, hiddenSize: 4) }
      BothEnds()
    }
    let x: Tensor<Float> = noise([6, 1, 3])
    for step in [0, 5] {
      var other = x
      other[step, 0, 1] += 1
      let (y, z) = (model(x), model(other))
      for half in [0..<4, 4..<8] { #expect(y.columns(half) != z.columns(half), "\(step)") }
    }
  }

  @Test("inside a bidirectional layer are those of each stream, not of another")
  func pooledInside() {
    let model = Model(seed: 3) {
      Bidirectional {
        GRU(inputSize: 3, hiddenSize: 4)
        LastStep()
      }
    }
    let x: Tensor<Float> = noise([6, 3, 3])
    let together = model(x, batch: 3)
    for b in 0..<3 { #expect(together.steps(b..<(b + 1)) == model(x.streams(b..<(b + 1)))) }
    #expect((try? model.outputShape(of: [6, 3, 3])) == [3, 8])
  }
}
