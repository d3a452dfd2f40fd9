import Testing
import UnrollCore
import UnrollLayers

@Suite("Inputs that somebody hands over")
struct InputTests {
  private let model = Sequential(seed: 1) {
    Embedding(vocabularySize: 7, dimension: 4)
    LSTM(inputSize: 4, hiddenSize: 3)
    DenseSoftmax(inputSize: 3, classes: 7)
  }
  private let tied = Sequential(seed: 1) {
    TiedEmbedding(vocabularySize: 7, dimension: 4) { GRU(inputSize: 4, hiddenSize: 4) }
  }
  private let forecaster = Sequential<Tensor<Float>, Tensor<Float>, Float>(seed: 1) {
    Residual { Bidirectional(merging: .sum) { GRU(inputSize: 3, hiddenSize: 3) } }
    Dense(inputSize: 3, outputSize: 2)
  }

  @Test("A token that the vocabulary does not have is an error with its place")
  func tokens() throws {
    try model.checkInput(Tokens(time: 2, batch: 2, ids: [0, 6, 3, 1]))
    for ids in [[0, 6, 7, 1], [0, 6, -1, 1]] as [[Int32]] {
      let input = Tokens(time: 2, batch: 2, ids: ids)
      let error = InputError(
        "token \(ids[2]) at step 1 of stream 0 is not one of the 7 from 0 on")
      #expect(throws: error) { try model.checkInput(input) }
      #expect(throws: error) { try tied.checkInput(input) }
    }
  }

  @Test("So is a shape that the model does not take")
  func shapes() throws {
    try forecaster.checkInput(Tensor(shape: [5, 2, 3]))
    for shape in [[5, 2, 4], [2, 3], []] {
      #expect(throws: InputError.self) { try forecaster.checkInput(Tensor(shape: shape)) }
    }
  }

  @Test("A model that is called takes the number of streams from its input")
  func call() {
    #expect(model(Tokens(time: 2, batch: 2, ids: [0, 6, 3, 1])).shape == [2, 2, 7])
    #expect(forecaster(Tensor(shape: [5, 2, 3])).shape == [5, 2, 2])
  }

  @Test("A layer that is printed shows shapes, and no weights")
  func prints() {
    let text = "\(model[1])"
    #expect(text.contains("Parameter [12, 4]") && text.count < 1000, "\(text)")
  }
}
