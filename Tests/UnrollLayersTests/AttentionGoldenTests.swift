import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// A case of `attention_golden.json`.
struct AttentionGolden: Decodable {
  private struct File: Decodable { var cases: [String: AttentionGolden] }

  var lengths: [Int]
  var memoryLengths: [Int]
  var tensors: [String: Golden.Numbers]

  private enum CodingKeys: String, CodingKey {
    case lengths
    case memoryLengths = "memory_lengths"
    case tensors
  }

  static func load(_ name: String) throws -> AttentionGolden {
    let url = Golden.fixtures.appendingPathComponent("attention_golden.json")
    let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
    return try #require(file.cases[name])
  }

  func tensor<Element: Scalar>(_ name: String) throws -> Tensor<Element> {
    try #require(tensors[name], "\(name)").tensor()
  }

  func tokens(_ name: String) throws -> Tokens {
    let numbers = try #require(tensors[name], "\(name)")
    return Tokens(
      time: numbers.shape[0], batch: numbers.shape[1], ids: numbers.values.map { Int32($0) })
  }
}

@Suite("Attention to another sequence agrees with PyTorch")
struct AttentionGoldenTests {
  private func check<E: Scalar>(
    _ name: String, _ attention: Attention<E>, within bound: Double
  ) throws {
    let golden = try AttentionGolden.load(name)
    var attention = attention
    try attention.visitParameters { $1.value = try golden.tensor($0) }
    let (queries, memory): (Tensor<E>, Tensor<E>) = (
      try golden.tensor("queries"), try golden.tensor("memory")
    )
    let input = AttentionInput(
      queries: queries, memory: memory, memoryLengths: golden.memoryLengths)
    let context = Context(lengths: golden.lengths, threads: 2)
    var cache = attention.makeCache()
    let y = attention.forward(input, cache: &cache, in: context)
    #expect(difference(y, try golden.tensor("y")) < bound)
    let weights = attention.weights(input, in: context)
    #expect(difference(weights, try golden.tensor("weights")) < bound)
    let gradient = attention.backward(try golden.tensor("dy"), cache: &cache, in: context)
    #expect(difference(gradient.queries, try golden.tensor("d_queries")) < bound)
    #expect(difference(gradient.memory, try golden.tensor("d_memory")) < bound)
    try attention.visitParameters { name, parameter in
      let expected: Tensor<E> = try golden.tensor("d_\(name)")
      #expect(difference(parameter.gradient, expected) < bound, "\(name)")
    }
  }

  @Test("with every score, of lengths on both sides")
  func scores() throws {
    try check("dot", Attention<Double>(querySize: 6, memorySize: 6, score: .dot), within: 1e-13)
    try check("dot", Attention<Float>(querySize: 6, memorySize: 6, score: .dot), within: 1e-5)
    try check("general", Attention<Double>(querySize: 6, memorySize: 2), within: 1e-13)
    try check("general", Attention<Float>(querySize: 6, memorySize: 2), within: 1e-5)
    let additive = AttentionScore.additive(size: 7)
    try check(
      "additive", Attention<Double>(querySize: 6, memorySize: 2, score: additive), within: 1e-13)
    try check(
      "additive", Attention<Float>(querySize: 6, memorySize: 2, score: additive), within: 1e-5)
  }

  private func checkNetwork<E: Scalar>(_ type: E.Type, within bound: Double) throws {
    let golden = try AttentionGolden.load("SequenceToSequence")
    var network = SequenceToSequence<E>(classes: 8) {
      Embedding<E>(vocabularySize: 9, dimension: 3)
      Bidirectional<E> { GRU<E>(inputSize: 3, hiddenSize: 4) }
    } decoder: {
      Embedding<E>(vocabularySize: 8, dimension: 3)
      GRU<E>(inputSize: 3, hiddenSize: 5)
    }
    try network.visitParameters { $1.value = try golden.tensor($0) }
    let pair = SequencePair(
      source: try golden.tokens("source"), sourceLengths: golden.memoryLengths,
      decoderInput: try golden.tokens("written"))
    let context = Context(lengths: golden.lengths, threads: 2)
    var (state, cache): (Void, SequenceToSequence<E>.Cache) = ((), network.makeCache())
    let y = network.forward(pair, state: &state, cache: &cache, in: context)
    let expected: Tensor<E> = try golden.tensor("y")
    let counted = y.zeroingSteps(beyond: golden.lengths)
    #expect(difference(counted, expected.zeroingSteps(beyond: golden.lengths)) < bound)
    let loss = network.loss(
      pair, of: try golden.tokens("target"), state: &state, cache: &cache, in: context)
    #expect(abs(loss.total - (try golden.tensor("loss") as Tensor<Double>).sum()) < 10 * bound)
    #expect(loss.count == 10)
    _ = network.lossBackward(scale: 1, state: &state, cache: &cache, in: context)
    try network.visitParameters { name, parameter in
      let expected: Tensor<E> = try golden.tensor("d_\(name)")
      #expect(difference(parameter.gradient, expected) < bound, "\(name)")
    }
  }

  @Test("and so do an encoder and a decoder with it, of padded pairs")
  func network() throws {
    try checkNetwork(Double.self, within: 1e-13)
    try checkNetwork(Float.self, within: 2e-5)
  }
}
