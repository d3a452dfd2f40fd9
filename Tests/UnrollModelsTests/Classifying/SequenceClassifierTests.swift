import Foundation
import Testing
import UnrollCore
import UnrollLayers
import UnrollModels
import UnrollSeries
import UnrollTraining

@Suite("SequenceClassifier")
struct SequenceClassifierTests {
  /// Waves of three periods and of unequal lengths, of any size, with noise in a second column.
  private static func waves(_ count: Int, seed: UInt64) -> (
    sequences: [Tensor<Float>], ids: [Int32]
  ) {
    let random = RandomSource(seed: seed)
    let ids = (0..<count).map { Int32($0 % 3) }
    return (
      ids.enumerated().map { i, id in
        let own = random.child(i)
        let (rows, size) = (9 + Int(own.uniform(0) * 14), exp(4 * own.uniform(1) - 2))
        let phase = 6 * own.uniform(2)
        return Tensor(
          shape: [rows, 2],
          scalars: (0..<rows).flatMap { t -> [Float] in
            let wave = sin(phase + Double(t) * [0.4, 0.9, 1.7][Int(id)])
            return [Float(size * wave), Float(own.uniform(9 + t))]
          })
      }, ids
    )
  }

  private static let labels = LabelTable(["fast", "middle", "slow"])

  private func classifier(
    withShapes: Bool = true, members: Int = 2
  ) throws -> NumberClassifier {
    let (sequences, _) = Self.waves(30, seed: 1)
    let preparation = try NumberPreparation(
      sequences, columns: ["x", "y"], withShapes: withShapes)
    let configuration = ClassifierConfiguration(hidden: 6, filters: 5, dropout: 0.2)
    return try NumberClassifier(
      preparation: preparation, labels: try #require(Self.labels),
      members: (0..<members).map {
        configuration.network(for: preparation, labels: 3, seed: UInt64($0 + 1))
      })
  }

  @Test("It learns waves whatever their size, and is as sure as it is right once calibrated")
  func learns() throws {
    let (sequences, ids) = Self.waves(240, seed: 1)
    let preparation = try NumberPreparation(sequences, columns: ["x", "y"], withShapes: true)
    let configuration = ClassifierConfiguration(hidden: 8, filters: 8, dropout: 0.2)
    let folds = StratifiedFolds(labels: ids, count: 4, seed: 1)
    var members: [NumberClassifier.Network] = []
    for member in 0..<2 {
      let rows = folds.others(than: member)
      let network = configuration.network(for: preparation, labels: 3, seed: UInt64(member))
      var trainer = Trainer(
        model: network,
        source: try preparation.batches(
          rows.map { sequences[$0] }, labels: rows.map { ids[$0] }, batchSize: 16,
          seed: UInt64(member)),
        loss: CrossEntropy(), options: TrainingOptions(schedule: .constant(0.005)))
      try trainer.train(steps: 250)
      members.append(trainer.model)
    }
    var classifier = try NumberClassifier(
      preparation: preparation, labels: try #require(Self.labels), members: members)
    try classifier.calibrate(
      on: (0..<2).map { fold in
        let rows = folds.parts[fold]
        return (rows.map { sequences[$0] }, rows.map { ids[$0] })
      })
    let (others, truth) = Self.waves(150, seed: 9)
    let predictions = try classifier.predictions(of: others)
    let right = zip(predictions, truth).count { classifier.labels.id(of: $0.label) == $1 }
    #expect(Double(right) / 150 > 0.9)
    let sure = predictions.reduce(0) { $0 + $1.probability } / 150
    #expect(abs(sure - Double(right) / 150) < 0.08, "\(sure) of \(right)")
  }

  @Test("Probabilities are those of each sequence alone, and add up to 1")
  func alone() throws {
    let classifier = try classifier()
    let (sequences, _) = Self.waves(70, seed: 4)
    let together = try classifier.probabilities(of: sequences, threads: 3)
    #expect(together.count == 70 && together.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-12 })
    for i in [0, 33, 69] {
      let alone = try classifier.probabilities(of: [sequences[i]], threads: 1)[0]
      #expect(zip(alone, together[i]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    // Neither does an empty one stop it.
    let empty = try classifier.probabilities(of: [Tensor(shape: [0, 2]), sequences[0]])
    #expect(abs(empty[0].reduce(0, +) - 1) < 1e-12)
    #expect(try classifier.probabilities(of: []).isEmpty)
  }

  @Test("The temperature is that of the least loss")
  func temperature() throws {
    var classifier = try classifier(members: 1)
    let (sequences, ids) = Self.waves(40, seed: 6)
    try classifier.calibrate(on: [(sequences, ids)])
    func loss(_ temperature: Double) throws -> Double {
      let other = try NumberClassifier(
        preparation: classifier.preparation, labels: classifier.labels,
        members: classifier.members, temperature: temperature)
      return try zip(other.probabilities(of: sequences), ids).reduce(0) {
        $0 - log($1.0[Int($1.1)])
      }
    }
    let best = try loss(classifier.temperature)
    for factor in [0.7, 0.95, 1.05, 1.4] {
      #expect(try loss(classifier.temperature * factor) >= best - 1e-9)
    }
    // A higher one is less sure: logits are divided by it.
    func odds(_ temperature: Double) throws -> Double {
      let other = try NumberClassifier(
        preparation: classifier.preparation, labels: classifier.labels,
        members: classifier.members, temperature: temperature)
      let p = try other.probabilities(of: [sequences[0]])[0]
      return log(p[0] / p[1])
    }
    #expect(try abs(odds(1) - 4 * odds(4)) < 1e-9)
  }

  private func inFile<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  @Test("Saved and read it is the same; a file of another kind is refused with its path")
  func file() throws {
    let texts = ["call 08001234 now", "see you at 5", "win a prize now", "see you soon, at 6"]
    let preparation = try TextPreparation(texts, minimumCount: 1)
    let words = try TextClassifier(
      preparation: preparation, labels: try #require(LabelTable(["ham", "spam"])),
      members: [
        ClassifierConfiguration(hidden: 3, embedding: 4)
          .network(for: preparation, labels: 2, seed: 5)
      ], temperature: 1.5)
    let numbers = try classifier()
    try inFile { path in
      try words.save(to: path, metadata: ["note": "é"])
      let read = try TextClassifier(contentsOf: path)
      #expect(read.preparation == words.preparation && read.temperature == 1.5)
      #expect(try read.probabilities(of: texts) == words.probabilities(of: texts))
      #expect(try ModelFile(contentsOf: path).classifierKind == "texts")
      let error = #expect(throws: ModelFileError.self) { try NumberClassifier(contentsOf: path) }
      #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("\(path): is a classifier of texts"))
      try numbers.save(to: path)
      let other = try NumberClassifier(contentsOf: path)
      let (sequences, _) = Self.waves(5, seed: 2)
      #expect(try other.probabilities(of: sequences) == numbers.probabilities(of: sequences))
      try ModelFile.write(words.members[0], to: path)
      #expect(try ModelFile(contentsOf: path).classifierKind == nil)
      #expect(throws: ModelFileError.self) { try TextClassifier(contentsOf: path) }
    }
  }

  @Test("Networks that do not give a logit for each label are refused")
  func refused() throws {
    let known = try classifier()
    let configuration = ClassifierConfiguration(hidden: 6, filters: 5)
    let other = configuration.network(for: known.preparation, labels: 4, seed: 1)
    let plain = try NumberPreparation(Self.waves(5, seed: 1).sequences, columns: ["x", "y"])
    for (preparation, members, temperature) in [
      (known.preparation, [other], 1), (known.preparation, [], 1), (plain, known.members, 1),
      (known.preparation, known.members, 0), (known.preparation, known.members, .nan),
    ] as [(NumberPreparation, [NumberClassifier.Network], Double)] {
      #expect(throws: ClassifierError.self) {
        try NumberClassifier(
          preparation: preparation, labels: known.labels, members: members,
          temperature: temperature)
      }
    }
  }

  @Test("What a network sees: scaled numbers, the form of each column, its size and its mean")
  func shapes() throws {
    let sequence = Tensor<Float>(shape: [4, 2], scalars: [1, 5, 3, 5, 1, 5, 3, 5])
    let preparation = try NumberPreparation(
      [sequence], columns: ["x", "still"], kind: .none, withShapes: true)
    let seen = preparation.prepared(sequence)
    let size = Float(log(1 + 1e-3)), none = Float(log(1e-3))
    #expect(
      (0..<8).map { seen[0, $0] } == [1, -1, size, 2, 5, 0, none, 5]
        && (0..<8).map { seen[1, $0] } == [3, 1, size, 2, 5, 0, none, 5])
    #expect(throws: SeriesError.self) { try NumberPreparation([], columns: ["x"]) }
  }

  @Test("Words are told apart by their letters, numbers by their form")
  func words() throws {
    let preparation = try TextPreparation(
      ["Call 0800 NOW", "call 0900 now", "once"], minimumCount: 2, maximumLength: 2)
    let (a, b) = (try preparation.encoded("CALL 1234 later"), try preparation.encoded("call 5678"))
    #expect(a == b && a.count == 2 && !a.contains(0))
    #expect(try preparation.encoded("once") == [0] && preparation.encoded("").isEmpty)
  }

  @Test("An ensemble keeps the laws of layers")
  func laws() throws {
    let configuration = ClassifierConfiguration(hidden: 3, filters: 2, dropout: 0.3)
    let preparation = try NumberPreparation(
      Self.waves(6, seed: 1).sequences, columns: ["x", "y"])
    let ensemble = Ensemble(
      (0..<2).map {
        configuration.network(for: preparation, labels: 4, seed: $0)
      })
    var (state, cache) = (ensemble.makeState(batch: 3), ensemble.makeCache())
    let input = Tensor<Float>(shape: [5, 3, 2], scalars: (0..<30).map { Float($0 % 7) / 7 - 0.4 })
    let context = Context(.training, lengths: [5, 3, 0])
    var trained = ensemble
    let output = trained.forward(input, state: &state, cache: &cache, in: context)
    #expect(output.shape == [3, 8])
    var back = trained.zeros(like: state)
    let dy = Tensor<Float>(shape: [3, 8], scalars: (0..<24).map { Float($0 % 5) - 2 })
    let dx = trained.backward(dy, state: &back, cache: &cache, in: context)
    // The gradient is the sum of those of the networks alone.
    var sum = Tensor<Float>(shape: input.shape)
    for i in 0..<2 {
      var network = ensemble.members[i]
      var (state, cache) = (network.makeState(batch: 3), network.makeCache())
      _ = network.forward(input, state: &state, cache: &cache, in: context.child(i))
      var back = network.zeros(like: state)
      sum =
        sum
        + network.backward(
          dy.columns((4 * i)..<(4 * i + 4)), state: &back, cache: &cache, in: context.child(i))
    }
    #expect(dx == sum)
    try trained.audit()
  }
}
