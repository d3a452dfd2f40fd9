import Testing
import UnrollCore
import UnrollLayers

/// Any number of features, and twice as many.
private struct Twice: StatelessLayer {
  typealias Element = Float

  func makeCache() {}
  func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> {
    .concatenatingColumns(x, x)
  }
  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> {
    let half = gradient.columns / 2
    return gradient.columns(0..<half) + gradient.columns(half..<(2 * half))
  }
  func outputShape(of input: [Int]) throws -> [Int] {
    Array(input.dropLast()) + [2 * (input.last ?? 0)]
  }
}

@Suite("The sizes of a stack")
struct StackSizesTests {
  private typealias TokenStack = Sequential<Tokens, Tensor<Float>, Float>
  private typealias TensorStack = Sequential<Tensor<Float>, Tensor<Float>, Float>

  private func problem(_ layers: [any Layer<Float>], tokens: Bool = true) -> String? {
    do {
      if tokens { _ = try TokenStack(layers: layers) } else { _ = try TensorStack(layers: layers) }
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("A size that is not the one before is told with both layers and their places")
  func neighbors() {
    #expect(
      problem([
        Embedding(vocabularySize: 9, dimension: 32), Dropout(rate: 0.1),
        LSTM(inputSize: 64, hiddenSize: 8),
      ]) == "layer 2, LSTM, takes [T, B, 64]; layer 1, Dropout, gives [T, B, 32]")
    #expect(
      problem([
        Embedding(vocabularySize: 9, dimension: 4),
        Bidirectional { GRU(inputSize: 4, hiddenSize: 5) }, BothEnds(),
        DenseSoftmax(inputSize: 5, classes: 2),
      ]) == "layer 3, DenseSoftmax, takes [..., 5]; layer 2, BothEnds, gives [B, 10]")
  }

  @Test("So is one in front, where the layers before leave the size as it is")
  func front() {
    #expect(
      problem(
        [
          Dropout(rate: 0.1), Dense(inputSize: 3, outputSize: 4),
          Dense(inputSize: 3, outputSize: 4),
        ],
        tokens: false)
        == "layer 2, Dense, takes [..., 3]; layer 1, Dense, gives [T, B, 4]")
    #expect(
      problem(
        [Dense(inputSize: 3, outputSize: 4), LastStep(), LSTM(inputSize: 4, hiddenSize: 2)],
        tokens: false) == "layer 2, LSTM, takes [T, B, 4]; layer 1, LastStep, gives [B, 4]")
  }

  @Test("What is inside a layer is told by it, and of which layer it is")
  func inside() {
    let residual = Residual<Float> { Dense(inputSize: 6, outputSize: 6) }
    #expect(
      problem([Embedding(vocabularySize: 9, dimension: 5), residual])
        == "layer 1, Residual: Dense takes [..., 6], not [T, B, 5]; layer 0, Embedding, gives "
        + "[T, B, 5]")
  }

  @Test("A layer that takes any number and gives another one is no reason to refuse")
  func unknown() {
    let layers: [any Layer<Float>] = [Twice(), LSTM(inputSize: 8, hiddenSize: 2)]
    #expect(problem(layers, tokens: false) == nil)
    #expect(problem([Embedding(vocabularySize: 9, dimension: 4)] + layers) == nil)
    #expect(
      problem([Embedding(vocabularySize: 9, dimension: 5)] + layers)
        == "layer 2, LSTM, takes [T, B, 8]; layer 1, Twice, gives [T, B, 10]")
    #expect((try? TensorStack(layers: layers))?.inputFeatures == nil)
  }

  @Test("A stack says what it takes")
  func features() {
    let stack = TensorStack(seed: nil) {
      Dropout(rate: 0.5)
      Residual { Dense(inputSize: 7, outputSize: 7) }
    }
    #expect(stack.inputFeatures == 7)
  }

  @Test("In braces such layers stop the program when the stack is made")
  func braces() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Sequential(seed: 1) {
        Embedding(vocabularySize: 9, dimension: 32)
        LSTM(inputSize: 64, hiddenSize: 8)
      }
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      errors.contains("layer 1, LSTM, takes [T, B, 64]; layer 0, Embedding, gives [T, B, 32]"))
  }
}
