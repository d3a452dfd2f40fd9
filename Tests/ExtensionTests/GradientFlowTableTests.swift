import Foundation
import Testing
import Unroll

@Suite("The figures of the article Gradient Flow")
struct GradientFlowTableTests {
  /// A row of the table: a cell, and the numbers for the distances 1, 10, 25, 50 and 100.
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let cell: any RecurrentCell<Double>
    let ratios: [Double]

    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(
      name: "tanh RNN", cell: RNNCell<Double>(inputSize: 32, hiddenSize: 64),
      ratios: [0.66, 0.017, 4.4e-05, 2.5e-09, 7.5e-18]),
    Row(
      name: "GRU", cell: GRUCell<Double>(inputSize: 32, hiddenSize: 64),
      ratios: [0.61, 0.013, 3.4e-05, 1.6e-09, 8.6e-18]),
    Row(
      name: "LSTM, forget bias 0",
      cell: LSTMCell<Double>(inputSize: 32, hiddenSize: 64, forgetBias: 0),
      ratios: [0.56, 0.0087, 1.8e-05, 5e-10, 7.9e-19]),
    Row(
      name: "LSTM, forget bias 1", cell: LSTMCell<Double>(inputSize: 32, hiddenSize: 64),
      ratios: [0.74, 0.11, 0.0079, 0.00014, 5.8e-08]),
    Row(
      name: "LSTM, forget bias 5",
      cell: LSTMCell<Double>(inputSize: 32, hiddenSize: 64, forgetBias: 5),
      ratios: [1, 0.98, 1.1, 1.7, 8]),
    Row(
      name: "JANET, forget bias 1", cell: JANETCell<Double>(inputSize: 32, hiddenSize: 64),
      ratios: [0.92, 0.62, 0.5, 0.26, 0.16]),
  ]

  private let x: Tensor<Double> = {
    let random = RandomSource(seed: 8)
    return Tensor(
      shape: [121, 8, 32], scalars: (0..<(121 * 8 * 32)).map { random.normal($0) })
  }()

  private func measured<Cell: RecurrentCell<Double>>(_ cell: Cell) -> [Double] {
    let model = Sequential(seed: 1) { Recurrent(cell) }
    let flow = GradientFlow(of: model, x)
    let memory = flow.curves[flow.curves.count - 1]  // 0.h, and of an LSTM 0.c
    let fading = [1, 10, 25, 50, 100].map { memory.ratios[$0] }

    return fading
  }

  @Test("are in the article, and are those of fresh networks", arguments: rows)
  func table(row: Row) throws {
    for (figure, found) in zip(row.ratios, measured(row.cell)) {
      #expect(abs(found / figure - 1) < 0.05, "\(found), not \(figure)")
    }
    let article = try String(
      contentsOf: catalogue.appendingPathComponent("GradientFlowThroughTime.md"), encoding: .utf8)
    let figures = row.ratios.map { String(format: "%.2g", $0) }.joined(separator: " | ")
    #expect(article.contains("| \(row.name) | \(figures) |"))
  }

  @Test("say how much of it goes straight through the cell")
  func straightWay() {
    for (bias, product) in [(1.0, 6.2e-15), (5, 0.37)] {
      let model = Sequential<Tensor<Double>, Tensor<Double>, Double>(seed: 1) {
        LSTM<Double>(inputSize: 32, hiddenSize: 64, forgetBias: bias)
      }
      let found = GradientFlow(of: model, x).forgetProducts[0].values[100]
      #expect(abs(found / product - 1) < 0.05, "\(found), not \(product)")
    }
  }
}
