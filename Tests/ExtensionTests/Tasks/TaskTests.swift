// What a new user builds first, by the documentation alone: each program has a file of its own, as short as
// it can be.
import Foundation
import Testing
import Unroll
import UnrollTesting

@Suite("A new user's tasks")
struct TaskTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("tasks-\(UUID().uuidString)")
  private let random = RandomSource(seed: 12)

  private func file(_ name: String, _ text: String) throws -> String {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appendingPathComponent(name).path
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// The lines of a program that are neither blank nor comments.
  private func codeLines(_ name: String) throws -> Int {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("\(name).swift")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").count { line in
      let code = line.drop { $0 == " " }
      return !code.isEmpty && !code.hasPrefix("//")
    }
  }

  @Test(
    "are no longer than a page of code",
    arguments: [
      ("Forecaster", 30), ("Classifier", 25), ("Tagger", 30), ("EncoderDecoder", 60),
      ("CausalConvolution", 40), ("PeepholeSRUCell", 50),
    ])
  func lengths(name: String, limit: Int) throws {
    let count = try codeLines(name)
    #expect(count <= limit)
    print("\(name): \(count) lines")
  }

  @Test("A week's forecast is better than repeating the last day")
  func forecasting() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let rows = (0..<900).map { day in
      let wave = 8 * sin(Double(day) * 0.6) + 3 * sin(Double(day) * 0.17)
      return "\(day),\(12 + wave + random.normal(day))"
    }
    let csv = try file("days.csv", "day,temperature\n" + rows.joined(separator: "\n") + "\n")
    let model = folder.appendingPathComponent("m.safetensors").path
    let (error, next) = try forecastWeek(csv, column: "temperature", saving: model)
    // Repeating the last day would be wrong by more than 5 in the mean.
    #expect(error < 2, "\(error)")
    #expect(next.count == 7)
    for (i, x) in next.enumerated() {
      let day = Double(900 + i)
      #expect(abs(Double(x) - (12 + 8 * sin(day * 0.6) + 3 * sin(day * 0.17))) < 5)
    }
  }

  @Test("A few texts are told apart")
  func classification() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let spam = ["free", "prize", "call", "now"]
    let ham = ["home", "dinner", "later", "bus", "call", "now"]
    let rows = (0..<300).map { i in
      let words = i % 4 == 0 ? spam : ham
      let text = (0..<(3 + i % 7)).map {
        words[Int(random.bits(i * 16 + $0) % UInt64(words.count))]
      }
      return "\(i % 4 == 0 ? "spam" : "ham"),\(text.joined(separator: " "))"
    }
    let (accuracy, f1) = try classify(try file("texts.csv", rows.joined(separator: "\n") + "\n"))
    #expect(accuracy > 0.9 && f1.allSatisfy { $0 > 0.85 }, "\(accuracy) \(f1)")
  }

  @Test("Words get tags that their neighbors decide")
  func tagging() throws {
    func sentences(_ range: Range<Int>) -> [[(word: String, tag: String)]] {
      range.map { i in
        let words = (0..<(2 + i % 6)).map { "w\(random.bits(i * 16 + $0) % 5)" }
        return words.indices.map { t in
          (words[t], t + 1 < words.count && words[t + 1] == "w0" ? "before" : words[t])
        }
      }
    }
    #expect(try tag(sentences(0..<300), test: sentences(300..<350)) > 0.95)
  }

  /// Strings and the same strings reversed.
  private struct Reversals: BatchSource {
    var position = 0
    let batchesPerEpoch = 1000
    let batchSize = 16
    static let (length, begin) = (4, Int32(8))

    mutating func next() -> Batch<Pair, Tokens> {
      let random = RandomSource(seed: UInt64(position))
      position += 1
      let ids = (0..<(Self.length * batchSize)).map { Int32(random.bits($0) % 8) }
      let source = Tokens(time: Self.length, batch: batchSize, ids: ids)
      let reversed = (0..<Self.length).reversed().flatMap {
        ids[($0 * batchSize)..<(($0 + 1) * batchSize)]
      }
      let begin = Array(repeating: Self.begin, count: batchSize)
      let given = begin + reversed.dropLast(batchSize)
      return Batch(
        input: Pair(
          source: source, target: Tokens(time: Self.length, batch: batchSize, ids: given)),
        target: Tokens(time: Self.length, batch: batchSize, ids: reversed))
    }
  }

  @Test("A string is written backward, from a state that was handed over")
  func reversal() throws {
    var model = StateHandover<Float>(symbols: 9, hidden: 48)
    model.initialize(seed: 1)
    var trainer = Trainer(
      model: model, source: Reversals(), loss: NegativeLogLikelihood(),
      options: TrainingOptions(schedule: .warmUpAndDecay(peak: 0.02, warmUp: 50, steps: 900)))
    try trainer.train(steps: 900)
    let report = ClassificationReport(of: trainer.model, over: Head(trainer.source, batches: 5))
    #expect(report.accuracy > 0.95, "\(report.accuracy)")
  }

  /// A source of few batches.
  private struct Head<Source: BatchSource>: BatchSource {
    var source: Source
    let batchesPerEpoch: Int

    init(_ source: Source, batches: Int) { (self.source, batchesPerEpoch) = (source, batches) }

    var position: Source.Position {
      get { source.position }
      set { source.position = newValue }
    }
    var batchSize: Int { source.batchSize }
    mutating func next() -> Batch<Source.Input, Source.Target> { source.next() }
  }

  @Test("Its gradients agree with central differences, through both states")
  func gradients() {
    var model = StateHandover<Double>(symbols: 5, hidden: 3)
    model.initialize(seed: 3)
    let x = Pair(
      source: Tokens(time: 4, batch: 2, ids: [0, 3, 2, 1, 4, 4, 1, 0]),
      target: Tokens(time: 3, batch: 2, ids: [1, 2, 0, 4, 3, 3]))
    let context = Context(threads: 1)
    func loss(_ model: StateHandover<Double>) -> Double {
      var cache = model.makeCache()
      let y = model.forward(x, cache: &cache, in: context)
      return y.scalars.enumerated().reduce(0) { $0 + Double($1.offset % 7) * $1.element }
    }
    var cache = model.makeCache()
    let y = model.forward(x, cache: &cache, in: context)
    let dy = Tensor(shape: y.shape, scalars: (0..<y.count).map { Double($0 % 7) })
    _ = model.backward(dy, cache: &cache, in: context)
    var count = 0
    var copy = model
    copy.visitParameters { name, parameter in
      for i in stride(from: 0, to: parameter.count, by: 3) {
        func moved(_ delta: Double) -> Double {
          var other = model
          other.visitParameters { if $0 == name { $1.value[flat: i] += delta } }
          return loss(other)
        }
        let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(slope - parameter.gradient[flat: i]) < 1e-7, "\(name) \(i)")
        count += 1
      }
    }
    #expect(count > 50)
  }

  @Test("A causal convolution keeps all laws, and is a convolution")
  func convolution() throws {
    let cell = CausalConvolutionCell<Double>(inputSize: 4, outputSize: 5, kernelSize: 3)
    let x = Tensor<Double>(
      shape: [6, 3, 4], scalars: (0..<72).map { random.uniform($0) * 2 - 1 })
    try checkLayer(Recurrent(cell), input: x)
    var layer = Recurrent(cell)
    layer.initialize(seed: 4)
    let (y, w) = (layer(x, batch: 3), layer.parameters)
    for t in 0..<6 {
      var expected = w[1].value[2]
      for k in 0..<3 where t >= k {
        for i in 0..<4 {
          expected += x[t - k, 1, i] * (k == 0 ? w[0].value[2, i] : w[2].value[2, (k - 1) * 4 + i])
        }
      }
      #expect(abs(y[t, 1, 2] - expected) < 1e-12)
    }
  }

  @Test("A layer that has no precision of its own takes that of the stack")
  func precision() throws {
    let model = Sequential(seed: 1) {
      Embedding(vocabularySize: 9, dimension: 4)
      Recurrent(PeepholeSRUCell(size: 4))
      Recurrent(CausalConvolutionCell(inputSize: 4, outputSize: 3, kernelSize: 2))
    }
    #expect(model(Tokens(time: 2, batch: 1, ids: [0, 1])).shape == [2, 1, 3])
  }
}
