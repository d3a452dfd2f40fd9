import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers

@Suite("ConditionalRandomField")
struct RandomFieldTests {
  /// A field with drawn scores, and all paths of a sequence one by one.
  private struct Exhaustive {
    var field: ConditionalRandomField<Double>
    let x: Tensor<Double>

    init(
      labels: Int, steps: Int, batch: Int = 1, rules: TransitionRules? = nil, spread: Double = 2
    ) {
      field = ConditionalRandomField(inputSize: 3, labels: labels, rules: rules)
      field.visitParameters { $1.value = noise($1.shape, seed: UInt64($1.count + 5)) * spread }
      x = noise([steps, batch, 3], seed: UInt64(steps + 40)) * spread
    }

    /// All paths of a stream that are possible, with their scores.
    func paths(_ b: Int, steps: Int) -> [(labels: [Int32], score: Double)] {
      let L = field.labels
      var all: [[Int32]] = [[]]
      for _ in 0..<steps { all = all.flatMap { path in (0..<L).map { path + [Int32($0)] } } }
      return all.filter { field.rules?.allow($0) ?? true }.map { ($0, score($0, b)) }
    }

    private func score(_ path: [Int32], _ b: Int) -> Double {
      var sum = 0.0
      for (t, label) in path.enumerated() {
        let l = Int(label)
        sum += field.dense.bias.value[flat: l]
        for f in 0..<3 { sum += field.dense.weight.value[l, f] * x[t, b, f] }
        sum +=
          t == 0
          ? field.start.value[flat: l] : field.transition.value[Int(path[t - 1]), l]
      }
      if let last = path.last { sum += field.end.value[flat: Int(last)] }
      return sum
    }

    func logSum(_ scores: [Double]) -> Double {
      let most = scores.max() ?? 0
      return most + log(scores.reduce(0) { $0 + exp($1 - most) })
    }
  }

  private static let bio = TransitionRules(tags: ["B-X", "I-X", "O", "B-Y"], scheme: .bio)

  @Test(
    "Sums and best paths are those over all paths",
    arguments: [(1, 4), (2, 3), (3, 4), (5, 3), (6, 4), (4, 1)], [false, true])
  func exhaustive(sizes: (steps: Int, labels: Int), isBound: Bool) {
    let rules = isBound && sizes.labels == 4 ? Self.bio : nil
    let all = Exhaustive(labels: sizes.labels, steps: sizes.steps, rules: rules)
    let paths = all.paths(0, steps: sizes.steps)
    let logZ = all.logSum(paths.map(\.score))
    var cache = all.field.makeCache()
    var none: Void = ()
    let y = all.field.forward(all.x, state: &none, cache: &cache, in: Context(.inference))
    for t in 0..<sizes.steps {
      for l in 0..<sizes.labels {
        let own = paths.filter { Int($0.labels[t]) == l }.map(\.score)
        let expected = own.isEmpty ? -.infinity : all.logSum(own) - logZ
        #expect(expected == y[t, 0, l] || abs(expected - y[t, 0, l]) < 1e-12)
      }
    }
    let sorted = paths.sorted { $0.score > $1.score }
    for count in [1, 2, 5, 5000] {
      let best = all.field.bestPaths(of: all.x, count: count)[0]
      #expect(best.map(\.labels) == sorted.prefix(count).map(\.labels))
      for (path, expected) in zip(best, sorted) {
        #expect(abs(path.logProbability - (expected.score - logZ)) < 1e-12)
      }
    }
    for (path, score) in paths.prefix(40) {
      let targets = Tokens(time: sizes.steps, batch: 1, ids: path)
      let loss = all.field.loss(
        all.x, of: targets, state: &none, cache: &cache, in: Context(.inference))
      #expect(abs(loss.total - (logZ - score)) < 1e-12)
    }
  }

  @Test("Of equal paths the first by their last labels comes first")
  func ties() {
    let field = ConditionalRandomField<Double>(inputSize: 1, labels: 2)
    let best = field.bestPaths(of: Tensor(shape: [2, 1, 1]), count: 4)[0]
    #expect(best.map(\.labels) == [[0, 0], [1, 0], [0, 1], [1, 1]])
    #expect(best.allSatisfy { abs($0.logProbability - log(0.25)) < 1e-15 })
    #expect(field.bestPaths(of: Tensor(shape: [2, 1, 1]))[0].map(\.labels) == [[0, 0]])
  }

  /// The loss as a function of the parameters and the input.
  private func loss(
    _ field: ConditionalRandomField<Double>, _ x: Tensor<Double>, _ targets: Tokens,
    _ lengths: [Int]?
  ) -> Double {
    var cache = field.makeCache()
    var none: Void = ()
    return field.loss(
      x, of: targets, state: &none, cache: &cache, in: Context(.inference, lengths: lengths)
    ).total
  }

  @Test("The gradients of the loss are the numerical ones", arguments: [false, true])
  func gradients(isBound: Bool) {
    var all = Exhaustive(labels: 4, steps: 5, batch: 3, rules: isBound ? Self.bio : nil)
    let lengths = [5, 1, 3]
    // B-X I-X ? O ?, O, B-Y O B-Y
    let targets = Tokens(
      time: 5, batch: 3, ids: [0, 2, 3, 1, 0, 2, -1, 0, 3, 2, 0, 0, -1, 0, 0])
    var cache = all.field.makeCache()
    var none: Void = ()
    let context = Context(lengths: lengths)
    _ = all.field.loss(all.x, of: targets, state: &none, cache: &cache, in: context)
    all.field.resetGradients()
    let scale = 0.7
    let dx = all.field.lossBackward(scale: scale, state: &none, cache: &cache, in: context)
    let step = 1e-5
    for i in 0..<all.x.count {
      var (up, down) = (all.x, all.x)
      up[flat: i] += step
      down[flat: i] -= step
      let slope =
        (loss(all.field, up, targets, lengths) - loss(all.field, down, targets, lengths))
        / (2 * step)
      #expect(abs(scale * slope - dx[flat: i]) < 1e-8)
    }
    for (name, parameter) in all.field.parameterGradients {
      for i in 0..<parameter.count {
        func moved(_ by: Double) -> Double {
          var field = all.field
          field.visitParameters { if $0 == name { $1.value[flat: i] += by } }
          return loss(field, all.x, targets, lengths)
        }
        let slope = (moved(step) - moved(-step)) / (2 * step)
        #expect(abs(scale * slope - parameter[flat: i]) < 1e-8, "\(name) \(i)")
      }
    }
  }

  @Test("Scores that only impossible paths have get no gradient")
  func impossible() throws {
    var all = Exhaustive(labels: 4, steps: 6, batch: 2, rules: Self.bio)
    let rules = try #require(Self.bio)
    let targets = Tokens(time: 6, batch: 2, ids: [0, 3, 1, 2, -1, 0, 2, 1, 0, -1, 1, 2])
    var cache = all.field.makeCache()
    var none: Void = ()
    _ = all.field.loss(all.x, of: targets, state: &none, cache: &cache, in: Context())
    _ = all.field.lossBackward(scale: 1, state: &none, cache: &cache, in: Context())
    let output = all.field.forward(all.x, state: &none, cache: &cache, in: Context())
    #expect(output[0, 0, 1] == -.infinity)
    // A gradient at what is impossible is ignored, whatever it is.
    let dy = output.map { $0 > -.infinity ? sin($0) : .nan }
    let dx = all.field.backward(dy, state: &none, cache: &cache, in: Context())
    #expect(dx.sumOfSquares().isFinite)
    for i in 0..<4 {
      #expect(rules.start[i] || all.field.start.gradient[flat: i] == 0)
      for j in 0..<4 {
        #expect(rules.transition[i][j] == (all.field.transition.gradient[i, j] != 0), "\(i) \(j)")
      }
    }
  }

  @Test("A padded batch gives the gradients of its sequences one at a time")
  func padding() {
    var all = Exhaustive(labels: 5, steps: 6, batch: 4)
    let lengths = [6, 1, 0, 4]
    let targets = Tokens(time: 6, batch: 4, ids: (0..<24).map { Int32($0 * 7 % 5) })
    var padded = all.x
    for b in 0..<4 {
      for t in lengths[b]..<6 { for f in 0..<3 { padded[t, b, f] = .nan } }
    }
    var cache = all.field.makeCache()
    var none: Void = ()
    let context = Context(lengths: lengths)
    let whole = all.field.loss(padded, of: targets, state: &none, cache: &cache, in: context)
    all.field.resetGradients()
    let dx = all.field.lossBackward(scale: 0.3, state: &none, cache: &cache, in: context)
    let together = all.field.parameterGradients
    all.field.resetGradients()
    var sum = LossSum()
    for b in 0..<4 where lengths[b] > 0 {
      let own = Tokens(
        time: lengths[b], batch: 1, ids: (0..<lengths[b]).map { targets.ids[$0 * 4 + b] })
      let x = all.x.steps(0..<lengths[b]).streams(b..<(b + 1))
      sum += all.field.loss(x, of: own, state: &none, cache: &cache, in: Context())
      let alone = all.field.lossBackward(scale: 0.3, state: &none, cache: &cache, in: Context())
      #expect(
        difference(dx.steps(0..<lengths[b]).streams(b..<(b + 1)), alone) < 1e-12)
    }
    #expect(abs(whole.total - sum.total) < 1e-12 && whole.count == 11 && sum.count == 11)
    for (name, gradient) in all.field.parameterGradients {
      #expect(difference(gradient, together[name] ?? Tensor(shape: [0])) < 1e-12, "\(name)")
    }
  }

  @Test("A sequence of no steps has one path, the empty one")
  func empty() {
    let all = Exhaustive(labels: 3, steps: 2, batch: 2)
    let context = Context(lengths: [0, 2])
    let best = all.field.bestPaths(of: all.x, count: 3, in: context)
    #expect(best[0] == [LabelPath(labels: [], logProbability: 0)])
    #expect(best[1].count == 3)
    var cache = all.field.makeCache()
    var none: Void = ()
    let loss = all.field.loss(
      all.x, of: Tokens(time: 2, batch: 2, ids: [-1, 0, -1, 1]), state: &none, cache: &cache,
      in: context)
    #expect(loss.count == 2 && loss.total > 0)
  }

  @Test("Scores of thousands neither overflow nor vanish")
  func large() {
    let all = Exhaustive(labels: 3, steps: 4, spread: 60)
    let paths = all.paths(0, steps: 4)
    let logZ = all.logSum(paths.map(\.score))
    let best = all.field.bestPaths(of: all.x)[0][0]
    let score = paths.map(\.score).max() ?? 0
    #expect(score > 2000)
    #expect(abs(best.logProbability - (score - logZ)) < 1e-9)
    let loss = loss(all.field, all.x, Tokens(time: 4, batch: 1, ids: best.labels), nil)
    #expect(loss.isFinite && abs(loss + best.logProbability) < 1e-9)
  }

  @Test("Rules are those of the schemes")
  func rules() throws {
    let tags = ["B-A", "E-A", "I-A", "O", "S-A", "B-B", "E-B"]
    let rules = try #require(TransitionRules(tags: tags, scheme: .bioes))
    func allows(_ path: String...) -> Bool {
      rules.allow(path.compactMap { name in tags.firstIndex(of: name).map { Int32($0) } })
    }
    #expect(allows() && allows("O") && allows("S-A") && allows("B-A", "E-A", "B-B", "E-B"))
    #expect(allows("B-A", "I-A", "I-A", "E-A", "O", "S-A", "S-A"))
    for path in [["E-A"], ["I-A"], ["B-A"], ["B-A", "O"], ["B-A", "E-B"], ["S-A", "E-A"]] {
      #expect(
        !rules.allow(path.compactMap { tags.firstIndex(of: $0).map { Int32($0) } }), "\(path)")
    }
    #expect(TransitionRules(tags: ["B-A", "E-A"], scheme: .bioes) == nil)
    #expect(TransitionRules(tags: ["B-A", "I-A"], scheme: .bio)?.start == [true, false])
  }

  @Test("A file whose parts do not fit is refused")
  func hostile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.safetensors")
    typealias Model = Sequential<Tensor<Double>, Tensor<Double>, Double>
    let rules = try #require(Self.bio)
    try ModelFile.write(
      Model(seed: 1) { ConditionalRandomField<Double>(inputSize: 3, labels: 4, rules: rules) },
      to: path)
    let model = try ModelFile(contentsOf: path).model(Model.self, registry: .standard)
    #expect((model.layers[0] as? ConditionalRandomField<Double>)?.rules == rules)
    let text = try #require(try ModelFile(contentsOf: path).metadata[ModelFile.architectureKey])
    for (part, other) in [
      ("\"transition\":{\"shape\":[4,4]}", "\"transition\":{\"shape\":[4,2]}"),
      ("\"start\":{\"shape\":[4]}", "\"start\":{\"shape\":[3]}"),
      ("\"end\":{\"shape\":[4]}", "\"end\":{\"shape\":[4,1]}"),
      ("\"start\":[true,false,true,true]", "\"start\":[true,false,true]"),
      ("\"start\":[true,false,true,true]", "\"start\":[false,false,false,false]"),
      ("\"end\":[true,true,true,true]", "\"end\":[true]"),
    ] {
      #expect(text.contains(part), "\(part)")
      let changed = text.replacing(part, with: other)
      var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: changed])
      for tensor in model.parameters { writer.add(tensor.name, tensor.value) }
      try writer.write(to: path)
      #expect(throws: ModelFileError.self, "\(other)") {
        _ = try ModelFile(contentsOf: path).model(Model.self, registry: .standard)
      }
    }
  }
}

extension Layer where Element == Double {
  fileprivate var parameterGradients: [String: Tensor<Double>] {
    var copy = self
    var gradients: [String: Tensor<Double>] = [:]
    copy.visitParameters { gradients[$0] = $1.gradient }
    return gradients
  }
}
