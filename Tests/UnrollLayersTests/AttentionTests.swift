import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers

@Suite("Attention")
struct AttentionTests {
  private static let scores: [AttentionScore] = [.dot, .general, .additive(size: 7)]

  private func layer<E: Scalar>(_ score: AttentionScore, as type: E.Type = E.self) -> Attention<E> {
    var layer = Attention<E>(querySize: 5, memorySize: score == .dot ? 5 : 6, score: score)
    layer.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    return layer
  }

  private func input(_ layer: Attention<Double>, lengths: [Int] = [4, 2, 0]) -> AttentionInput<
    Double
  > {
    AttentionInput(
      queries: noise([3, 3, layer.querySize], seed: 2),
      memory: noise([4, 3, layer.memorySize], seed: 3), memoryLengths: lengths)
  }

  private func run(
    _ layer: Attention<Double>, _ input: AttentionInput<Double>, lengths: [Int]? = nil
  ) -> (Tensor<Double>, AttentionInput<Double>.Gradient, [Tensor<Double>]) {
    var (layer, cache) = (layer, layer.makeCache())
    let context = Context(lengths: lengths, threads: 2)
    let y = layer.forward(input, cache: &cache, in: context)
    let gradient = layer.backward(noise(y.shape, seed: 4), cache: &cache, in: context)
    var parameters: [Tensor<Double>] = []
    layer.visitParameters { parameters.append($1.gradient) }
    return (y, gradient, parameters)
  }

  @Test("gathers steps by the softmax of how well they match")
  func numbers() {
    let layer = Attention<Double>(querySize: 1, memorySize: 1, score: .dot)
    let y = layer.forward(
      AttentionInput(
        queries: Tensor(shape: [1, 1, 1], scalars: [2]),
        memory: Tensor(shape: [3, 1, 1], scalars: [1, -1, 0.5])),
      at: Context(.inference))
    let e = [exp(2.0), exp(-2.0), exp(1.0)]
    let expected = (e[0] - e[1] + 0.5 * e[2]) / e.reduce(0, +)
    #expect(abs(y.scalars[0] - expected) < 1e-15)
  }

  @Test("has the right gradients with respect to queries and memory", arguments: scores)
  func gradients(score: AttentionScore) {
    let layer: Attention<Double> = layer(score)
    let given = input(layer)
    for lengths in [nil, [3, 1, 2], [0, 3, 1]] as [[Int]?] {
      let (y, gradient, _) = run(layer, given, lengths: lengths)
      let dy: Tensor<Double> = noise(y.shape, seed: 4)
      func loss(_ input: AttentionInput<Double>) -> Double {
        let output = layer.forward(input, at: Context(.inference, lengths: lengths))
        return (output * dy).sum()
      }
      func derivative(
        _ part: WritableKeyPath<AttentionInput<Double>, Tensor<Double>>, _ i: Int
      ) -> Double {
        func moved(_ step: Double) -> Double {
          var input = given
          input[keyPath: part][flat: i] += step
          return loss(input)
        }
        let h = 1e-3
        return (8 * (moved(h) - moved(-h)) - moved(2 * h) + moved(-2 * h)) / (12 * h)
      }
      for i in 0..<given.queries.count {
        #expect(abs(derivative(\.queries, i) - gradient.queries[flat: i]) < 1e-10)
      }
      for i in 0..<given.memory.count {
        #expect(abs(derivative(\.memory, i) - gradient.memory[flat: i]) < 1e-10)
      }
      #expect(gradient.memory.sumOfSquares() > 0.1 && gradient.queries.sumOfSquares() > 0.1)
    }
  }

  @Test("of a padded batch is that of each stream alone, whatever the padding holds")
  func padding() {
    for score in Self.scores {
      let layer: Attention<Double> = layer(score)
      let (lengths, memoryLengths) = ([3, 1, 2], [4, 2, 3])
      var padded = input(layer, lengths: memoryLengths)
      for b in 0..<3 {
        for t in lengths[b]..<3 { padded.queries[t, b, 0] = .nan }
        for s in memoryLengths[b]..<4 { padded.memory[s, b, 1] = .nan }
      }
      let (y, gradient, parameters) = run(layer, padded, lengths: lengths)
      var sums = parameters.map { Tensor<Double>(shape: $0.shape) }
      for b in 0..<3 {
        let own = b..<(b + 1)
        let alone = AttentionInput(
          queries: padded.queries.streams(own).steps(0..<lengths[b]),
          memory: padded.memory.streams(own).steps(0..<memoryLengths[b]))
        var (copy, cache) = (layer, layer.makeCache())
        let output = copy.forward(alone, cache: &cache, in: Context())
        let dy: Tensor<Double> = noise(y.shape, seed: 4)
        let back = copy.backward(
          dy.streams(own).steps(0..<lengths[b]), cache: &cache, in: Context())
        #expect(y.streams(own).steps(0..<lengths[b]) == output)
        #expect(y.streams(own).steps(lengths[b]..<3).sumOfSquares() == 0)
        #expect(
          difference(gradient.queries.streams(own).steps(0..<lengths[b]), back.queries) < 1e-15)
        #expect(
          difference(gradient.memory.streams(own).steps(0..<memoryLengths[b]), back.memory) < 1e-15)
        #expect(gradient.memory.streams(own).steps(memoryLengths[b]..<4).sumOfSquares() == 0)
        var i = 0
        copy.visitParameters { _, parameter in
          sums[i] += parameter.gradient
          i += 1
        }
      }
      for (sum, parameter) in zip(sums, parameters) { #expect(difference(sum, parameter) < 1e-14) }
    }
  }

  @Test("to a memory without steps gives zeros, and gradients of zero")
  func empty() {
    for score in Self.scores {
      let layer: Attention<Double> = layer(score)
      let (y, gradient, parameters) = run(layer, input(layer, lengths: [0, 0, 0]))
      #expect(y.sumOfSquares() == 0)
      #expect(gradient.queries.sumOfSquares() == 0 && gradient.memory.sumOfSquares() == 0)
      #expect(parameters.allSatisfy { $0.sumOfSquares() == 0 })
    }
  }

  @Test("has weights that add up to 1, and none beyond the lengths")
  func weights() {
    let layer: Attention<Double> = layer(.general)
    let weights = layer.weights(input(layer), in: Context(.inference, lengths: [3, 2, 3]))
    #expect(weights.shape == [3, 3, 4])
    for t in 0..<3 {
      for (b, count) in [4, 2, 0].enumerated() {
        let row = (0..<4).map { weights[t, b, $0] }
        let counts = b == 1 && t == 2 ? 0 : count
        #expect(row[counts...].allSatisfy { $0 == 0 })
        #expect(abs(row.reduce(0, +) - (counts > 0 ? 1 : 0)) < 1e-15)
      }
    }
  }

  @Test("of a file is what was written, and of other weights it is none")
  func files() throws {
    for score in Self.scores {
      let layer: Attention<Float> = layer(score)
      let text = try ModelFile.architecture(of: layer)
      #expect(layer.score == score)
      func read(_ text: String) throws -> Attention<Float> {
        var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: text])
        for (name, value) in layer.parameters { writer.add(name, value) }
        return try ModelFile(data: writer.serialized()).model(
          Attention<Float>.self, registry: .standard)
      }
      let loaded = try read(text)
      #expect(
        loaded.score == score && loaded.parameters.map(\.value) == layer.parameters.map(\.value))
      for (old, new) in [
        ("\"querySize\":5", "\"querySize\":4"), ("\"memorySize\":", "\"memorySize\":1"),
      ] {
        let changed = text.replacing(old, with: new)
        #expect(changed != text)
        let error = #expect(throws: ModelFileError.self) { try read(changed) }
        #expect(error?.reason.contains("Attention") == true, "\(String(describing: error))")
      }
    }
  }
}

extension Attention {
  /// Forward alone.
  fileprivate func forward(_ input: Input, at context: Context) -> Tensor<Element> {
    var cache = makeCache()
    return forward(input, cache: &cache, in: context)
  }
}
