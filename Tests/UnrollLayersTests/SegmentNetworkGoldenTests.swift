import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// Numbers by `Tests/Fixtures/forecast_network_golden.py`: a window and a horizon that are no whole number of
/// segments, several columns, what is known ahead, two categories.
@Suite("SegmentNetwork agrees with PyTorch")
struct SegmentNetworkGoldenTests {
  private struct File: Decodable {
    var cases: [String: [String: Golden.Numbers]]
  }

  private func golden(_ cell: String) throws -> [String: Golden.Numbers] {
    let url = Golden.fixtures.appendingPathComponent("forecast_network_golden.json")
    return try #require(
      JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases[cell])
  }

  private func network<E: Scalar>(_ cell: String) -> SegmentNetwork<E> {
    SegmentNetwork(
      SegmentNetwork<E>.Sizes(
        segment: 3, horizon: 7, pastColumns: 3, futureColumns: 2, outputs: 2, categories: [4, 3]),
      width: 5, outputWidth: 4
    ) {
      if cell == "GRU" {
        GRU<E>(inputSize: 5, hiddenSize: 4)
      } else {
        LSTM<E>(inputSize: 5, hiddenSize: 4)
      }
    }
  }

  private func check<E: Scalar>(_ cell: String, _: E.Type, within bound: Double) throws {
    let golden = try golden(cell)
    func number(_ name: String) throws -> Tensor<E> {
      try #require(golden[name], "\(name)").tensor()
    }
    var network: SegmentNetwork<E> = network(cell)
    var names: Set<String> = []
    try network.visitParameters {
      $1.value = try number($0)
      names.insert("d_\($0)")
    }
    // No parameter of theirs is left out.
    #expect(names == Set(golden.keys.filter { $0.hasPrefix("d_") }))
    let ids = try #require(golden["ids"]).values.map { Int32($0) }
    let window = WindowInput(
      past: try number("past"), future: try number("future"),
      categories: Tokens(time: 2, batch: 3, ids: ids))
    let dy = try number("dy")
    let trained = Training(network, window, batch: 3) { _ in dy }
    #expect(difference(trained.output, try number("y")) < bound)
    for (name, gradient) in trained.gradients {
      #expect(difference(gradient, try number("d_\(name)")) < bound, "\(name)")
    }
    // The lengths of a batch are of rows, and no segments.
    let padded = Training(network, window, batch: 3, Context(lengths: [8, 8, 0])) { _ in dy }
    #expect(padded.output == trained.output)
    let alone = network.evaluated(window)
    #expect(alone == trained.output)
  }

  @Test("Outputs and the gradient of every parameter", arguments: ["GRU", "LSTM"])
  func numbers(cell: String) throws {
    try check(cell, Double.self, within: 1e-12)
    try check(cell, Float.self, within: 1e-5)
  }
}

extension SegmentNetwork {
  /// What it gives in inference.
  fileprivate func evaluated(_ window: WindowInput<Element>) -> Tensor<Element> {
    var (state, cache): (Void, Cache) = ((), makeCache())
    return forward(window, state: &state, cache: &cache, in: Context(.inference))
  }
}
