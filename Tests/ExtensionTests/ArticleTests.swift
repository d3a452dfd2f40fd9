// What the articles of the documentation say, as programs.
import Foundation
import Testing
import Unroll
import UnrollModels
import UnrollTesting

private let root = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
/// Where the articles are.
let catalogue = root.appendingPathComponent("Sources/Unroll/Unroll.docc")

@Suite("The articles")
struct ArticleTests {
  private let random = RandomSource(seed: 3)

  private func noise<Element: Scalar>(_ shape: [Int], _ name: String = "") -> Tensor<Element> {
    let random = random.child(name)
    let count = shape.reduce(1, *)
    return Tensor(shape: shape, scalars: (0..<count).map { Element(random.uniform($0) - 0.5) })
  }

  private func temporaryPath(_ name: String) -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString)-\(name)").path
  }

  @Test("The README and the pages in the catalogue's folders show code that is compiled")
  func readme() throws {
    let pages = try FileManager.default.subpathsOfDirectory(atPath: catalogue.path)
      .filter { $0.contains("/") && $0.hasSuffix(".md") }
      .sorted().map { catalogue.appendingPathComponent($0) }
    let files = try compiled()
    var counts: [Int] = []
    for page in [root.appendingPathComponent("README.md")] + pages {
      let blocks = try String(contentsOf: page, encoding: .utf8)
        .components(separatedBy: "```swift\n").dropFirst()
        .map { stripped($0.components(separatedBy: "\n```")[0]) }
        .filter { !$0.contains(".package(") }
      for code in blocks {
        #expect(files.contains { $0.contains(code) }, "\(page.lastPathComponent): \(code)")
      }
      counts.append(blocks.count)
    }
    #expect(counts[0] >= 3 && counts.dropFirst().reduce(0, +) > 10)
  }

  /// The lines of a text without blanks at either end, so that code is found however it is indented.
  private func stripped(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
  }

  /// The Swift files that are compiled: what an article shows has to be in one of them.
  private func compiled() throws -> [String] {
    try ["Sources/UnrollLayers", "Samples", "Tests/ExtensionTests"].flatMap { folder in
      let folder = root.appendingPathComponent(folder)
      return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".swift") }
        .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
    }
    .map { stripped($0) }
  }

  @Test("show code that is compiled, word for word")
  func code() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: catalogue.path)
      .filter { $0.hasSuffix(".md") }
    #expect(names.count == 8)
    let files = try compiled()
    var count = 0
    for name in names.sorted() {
      let article = try String(
        contentsOf: catalogue.appendingPathComponent(name), encoding: .utf8)
      for part in article.components(separatedBy: "```swift\n").dropFirst() {
        let code = stripped(part.components(separatedBy: "\n```")[0])
        guard !code.hasPrefix("// swift-tools-version") else { continue }
        #expect(files.contains { $0.contains(code) }, "\(name): \(code)")
        count += 1
      }
    }
    #expect(count > 15)
  }

  @Test("name products of the package")
  func products() throws {
    let package = try String(
      contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let article = try String(
      contentsOf: catalogue.appendingPathComponent("GettingStarted.md"), encoding: .utf8)
    let products = article.components(separatedBy: ".product(name: \"").dropFirst()
      .map { $0.prefix { $0 != "\"" } }
    #expect(products.count == 3)
    for product in products { #expect(package.contains(".library(name: \"\(product)\"")) }
  }

  @Test("A model is called, carries a state, forks and is kept")
  func useAModel() throws {
    let text = String(repeating: "the tide goes out, the tide comes in again. ", count: 30)
    let vocabulary = try Vocabulary(text)
    let network: LanguageModel.Network = Sequential(seed: 1) {
      Embedding(vocabularySize: vocabulary.count, dimension: 6)
      LSTM(inputSize: 6, hiddenSize: 9)
      DenseSoftmax(inputSize: 9, classes: vocabulary.count)
    }
    let trainer = Trainer(
      model: network,
      source: try TextStreams(try vocabulary.encode(text), batchSize: 2, chunkLength: 10),
      options: TrainingOptions(optimizer: Adam<Float>(), schedule: .constant(0.01)))
    let path = temporaryPath("tales.safetensors")
    defer { try? FileManager.default.removeItem(atPath: path) }

    let language = LanguageModel(vocabulary: vocabulary, network: trainer.model)
    try language.save(to: path)

    let model = try LanguageModel(contentsOf: path)
    let written = try model.generate(prompt: "the ", sampling: Sampling(temperature: 0.7), seed: 3)
    let story = "the " + written.prefix(200).joined()

    #expect(story.count == 204)

    let ids = try model.vocabulary.encode("the tide")
    let tokens = Tokens(time: ids.count, batch: 1, ids: ids)
    let logProbabilities = model.network(tokens)  // [T, 1, V], from a fresh state

    #expect(logProbabilities.shape == [8, 1, vocabulary.count])
    let more = tokens
    let whole = model.network(Tokens(time: 16, batch: 1, ids: ids + ids))

    var state = model.network.makeState(batch: 1)
    var cache = model.network.makeCache()
    let context = Context(.inference)
    let y = model.network.forward(tokens, state: &state, cache: &cache, in: context)
    let before = state  // A copy, to come back to.
    let z = model.network.forward(more, state: &state, cache: &cache, in: context)

    #expect(Array(whole.scalars) == y.scalars + z.scalars)

    var four = model.network.gathering([0, 0, 0, 0], of: before)

    let again = Tokens(time: 8, batch: 4, ids: ids.flatMap { [$0, $0, $0, $0] })
    let forked = model.network.forward(again, state: &four, cache: &cache, in: context)
    #expect(forked.streams(2..<3) == z)

    let kept = model.network.tensors(of: state)  // 1.h and 1.c, [1, H]
    let restored = try model.network.restoringState(
      batch: 1, from: Dictionary(uniqueKeysWithValues: kept.map { ($0.name, $0.value) }))

    #expect(kept.map(\.name) == ["1.h", "1.c"])
    #expect(model.network.tensors(of: restored).map(\.value) == kept.map(\.value))

    let path2 = temporaryPath("network.safetensors")
    defer { try? FileManager.default.removeItem(atPath: path2) }
    do {
      let (path, model) = (path2, trainer.model)

      try ModelFile.write(model, to: path)
      let loaded = try ModelFile(contentsOf: path).model(
        Sequential<Tokens, Tensor<Float>, Float>.self, registry: .standard)

      #expect(loaded(tokens) == model(tokens))
    }
  }

  @Test("A model learns a series of numbers from a table")
  func series() throws {
    let path = temporaryPath("waves.csv")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let rows = (0..<201).map { "\($0),\(10 + 3 * sin(Double($0) / 3))" }
    try Data(("hour,level\n" + rows.joined(separator: "\n") + "\n").utf8)
      .write(to: URL(fileURLWithPath: path))

    let levels = try CSVTable(path).numbers("level")
    let mean = levels.reduce(0, +) / Double(levels.count)
    let series = Series(values: levels.map { Float($0 - mean) }, chunkLength: 20)

    let model = Sequential(seed: 1) {
      GRU(inputSize: 1, hiddenSize: 16)
      Dense(inputSize: 16, outputSize: 1)
    }
    var trainer = Trainer(
      model: model, source: series, loss: SquaredError(),
      options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.01)))
    try trainer.train(steps: 300)

    #expect(try trainer.validate(series).mean < 0.05)
    #expect(
      try Trainer(model: model, source: series, loss: SquaredError()).validate(series).mean > 2)
  }

  @Test("A layer with a state has the right gradients", arguments: [nil, [3, 1]] as [[Int]?])
  func delay(lengths: [Int]?) {
    let x: Tensor<Double> = noise([3, 2, 4])
    for restarts in [nil, [true, false]] {
      let context = Context(lengths: lengths, restarts: restarts)
      let errors = gradientErrors(of: Delay<Double>(features: 4), input: x, context: context)
      #expect(errors.map(\.tensor) == ["input", "state last"])
      for error in errors { #expect(error.error < 1e-8, "\(error)") }
    }
  }

  @Test("A delayed sequence in two pieces is the sequence whole, one step late")
  func delayedPieces() {
    let layer = Delay<Float>(features: 4)
    let x: Tensor<Float> = noise([5, 2, 4])
    let whole = layer(x, batch: 2)
    var (state, cache): (Delay<Float>.State, Void) = (layer.makeState(batch: 2), ())
    let first = layer.forward(x.steps(0..<2), state: &state, cache: &cache, in: Context())
    let rest = layer.forward(x.steps(2..<5), state: &state, cache: &cache, in: Context())
    #expect(whole.scalars == first.scalars + rest.scalars)
    #expect(whole.step(0).scalars.allSatisfy { $0 == 0 })
    #expect(whole.steps(1..<5) == x.steps(0..<4))

    let padded = Context(.inference, lengths: [3, 0])
    state = layer.makeState(batch: 2)
    let y = layer.forward(x, state: &state, cache: &cache, in: padded)
    #expect(y.steps(1..<3).streams(0..<1) == x.steps(0..<2).streams(0..<1))
    #expect(y.steps(3..<5).sumOfSquares() == 0 && y.streams(1..<2).sumOfSquares() == 0)
    #expect(state.last.step(0) == x.step(2).step(0) && state.last.step(1).sumOfSquares() == 0)
  }

  @Test("PyTorch's two biases become those of an LSTM and of a GRU")
  func pyTorchWeights() throws {
    let (I, H) = (3, 2)
    for gates in [4, 3] {
      let tensors: [String: Tensor<Float>] = [
        "weight_ih_l1": noise([gates * H, I], "a"), "weight_hh_l1": noise([gates * H, H], "b"),
        "bias_ih_l1": noise([gates * H], "c"), "bias_hh_l1": noise([gates * H], "d"),
      ]
      let path = temporaryPath("torch.safetensors")
      defer { try? FileManager.default.removeItem(atPath: path) }
      var writer = TensorFileWriter()
      for (name, tensor) in tensors {
        writer.add(name, shape: tensor.shape, values: tensor.scalars)
      }
      try writer.write(to: path)
      let (x, h, c): (Tensor<Float>, Tensor<Float>, Tensor<Float>) = (
        noise([1, I], "x"), noise([1, H], "h"), noise([1, H], "s")
      )
      func product(_ side: String, _ v: Tensor<Float>, _ gate: Int) throws -> Tensor<Float> {
        let weight = try #require(tensors["weight_\(side)_l1"])
        let bias = try #require(tensors["bias_\(side)_l1"])
        return (Tensor.product(v.matrix, weight.transposed) + bias.reshaped([1, gates * H]))
          .columns((gate * H)..<((gate + 1) * H))
      }
      func both(_ gate: Int) throws -> Tensor<Float> {
        try product("ih", x, gate) + product("hh", h, gate)
      }
      var (expected, found): (Tensor<Float>, Tensor<Float>)
      if gates == 4 {
        let cell = try lstm(path, I, H)
        let next = try both(1).sigmoid() * c + both(0).sigmoid() * both(2).tanh()
        expected = .concatenatingColumns(try both(3).sigmoid() * next.tanh(), next)
        found = cell.step(x, from: .concatenatingColumns(h, c)).state
      } else {
        var cell = GRUCell<Float>(inputSize: I, hiddenSize: H)
        try cell.load(TensorFile(contentsOf: path), layer: 1)
        let (r, z) = (try both(0).sigmoid(), try both(1).sigmoid())
        let n = try (product("ih", x, 2) + r * product("hh", h, 2)).tanh()
        expected = (1 - z) * n + z * h
        found = cell.step(x, from: h).state
      }
      for (a, b) in zip(expected.scalars, found.scalars) { #expect(abs(a - b) < 1e-6) }
    }
  }

  private func lstm(_ path: String, _ I: Int, _ H: Int) throws -> LSTMCell<Float> {
    let file = try TensorFile(contentsOf: path)
    var cell = LSTMCell(inputSize: I, hiddenSize: H)
    try cell.load(file, layer: 1)
    return cell
  }
}
