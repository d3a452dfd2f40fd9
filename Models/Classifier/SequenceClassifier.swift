import Foundation
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollSeries
import UnrollText

/// A classifier of texts.
public typealias TextClassifier = SequenceClassifier<TextPreparation>
/// A classifier of sequences of numbers.
public typealias NumberClassifier = SequenceClassifier<NumberPreparation>

/// A model that gives sequences labels, with how probable each is: some networks, whose probabilities are averaged, and
/// the preparation that makes sequences those that they see.
///
/// Each network is trained by a `Trainer` on ``batches(_:labels:batchSize:seed:)`` with `CrossEntropy` as the loss; then
/// the probabilities are calibrated on sequences that were not learned from.
public struct SequenceClassifier<Preparation: SequencePreparation>: Sendable {
  /// From sequences to a logit for each label, `[B, V]`.
  public typealias Network = Sequential<Preparation.Input, Tensor<Float>, Float>

  public let preparation: Preparation
  public let labels: LabelTable
  /// The networks, at least one.
  public private(set) var members: [Network]
  /// What logits are divided by, above 0: above 1 probabilities are less sure than the networks are.
  public private(set) var temperature: Double

  /// A classifier of these networks.
  ///
  /// - Throws: ``ClassifierError`` where there is none, or one does not give a logit for each label.
  public init(
    preparation: Preparation, labels: LabelTable, members: [Network], temperature: Double = 1
  ) throws {
    guard !members.isEmpty, temperature > 0, temperature.isFinite else {
      throw ClassifierError(
        "\(members.count) networks and a temperature of \(temperature) make no classifier")
    }
    for member in members {
      let shape: [Int]
      do {
        shape = try member.outputShape(of: preparation.inputShape)
        try member.checkInput(preparation.emptyInput)
      } catch {
        throw ClassifierError("a network does not take the sequences: \(error)")
      }
      guard shape == [1, labels.count] else {
        throw ClassifierError("a network gives \(shape) for \(labels.count) labels")
      }
    }
    self.preparation = preparation
    self.labels = labels
    self.members = members
    self.temperature = temperature
  }

  /// Sequences with their labels, for a trainer.
  ///
  /// - Parameters:
  ///   - labels: the id of each label, see ``labels``.
  ///   - batchSize: the sequences of a batch.
  ///   - seed: what decides the orders; with `nil` they come as they are given.
  public func batches(
    _ examples: [Preparation.Example], labels: [Int32], batchSize: Int, seed: UInt64? = 1
  ) throws -> PaddedSequences<Preparation.Input> {
    try preparation.batches(examples, labels: labels, batchSize: batchSize, seed: seed)
  }

  /// The logits of some sequences by one of the networks, `[N, V]`.
  func logits(
    _ member: Int, of examples: [Preparation.Example], threads: Int
  ) throws -> [[Double]] {
    guard !examples.isEmpty else { return [] }
    var source = try preparation.batches(
      examples, labels: examples.map { _ in 0 }, batchSize: min(64, examples.count), seed: nil)
    let network = members[member]
    var cache = network.makeCache()
    return (0..<source.batchesPerEpoch).flatMap { _ in
      let batch = source.next()
      var state = network.makeState(batch: source.batchSize)
      let output = network.forward(
        batch.input, state: &state, cache: &cache,
        in: Context(.inference, lengths: batch.lengths, threads: threads))
      return batch.target.ids.indices.filter { batch.target.ids[$0] >= 0 }.map { row in
        (0..<labels.count).map { Double(output[row, $0]) }
      }
    }
  }

  /// How probable each label of each sequence is, V numbers that add up to 1.
  ///
  /// - Throws: what is wrong with a sequence.
  public func probabilities(
    of examples: [Preparation.Example], threads: Int = Threads.default
  ) throws -> [[Double]] {
    var sums = examples.map { _ in [Double](repeating: 0, count: labels.count) }
    for member in members.indices {
      for (i, logits) in try logits(member, of: examples, threads: threads).enumerated() {
        for (v, p) in Self.softmax(logits, temperature).enumerated() {
          sums[i][v] += p / Double(members.count)
        }
      }
    }
    return sums
  }

  /// What each sequence is, by the most probable label.
  ///
  /// - Throws: what is wrong with a sequence.
  public func predictions(
    of examples: [Preparation.Example], threads: Int = Threads.default
  ) throws -> [Prediction] {
    try probabilities(of: examples, threads: threads).map { probabilities in
      let best = probabilities.indices.max {
        (probabilities[$0], -$0) < (probabilities[$1], -$1)
      }
      return Prediction(
        label: labels.names[best ?? 0], probability: probabilities[best ?? 0],
        probabilities: probabilities)
    }
  }

  /// What a sequence is.
  public struct Prediction: Sendable, Equatable {
    /// The most probable label.
    public let label: String
    /// How probable it is.
    public let probability: Double
    /// How probable each label is, by its id.
    public let probabilities: [Double]
  }

  /// Sets the temperature by which the networks' probabilities fit sequences best that they did not learn from (Guo et al.
  /// 2017): where the mean of -log p of what each is, by each network, is least.
  ///
  /// - Parameter held: for each network sequences that it did not learn from, and what they are.
  /// - Throws: what is wrong with a sequence.
  public mutating func calibrate(
    on held: [(examples: [Preparation.Example], labels: [Int32])], threads: Int = Threads.default
  ) throws {
    require(
      held.count == members.count,
      "SequenceClassifier: sequences for \(held.count) of \(members.count) networks")
    var rows: [(logits: [Double], label: Int)] = []
    for (member, part) in held.enumerated() {
      rows += zip(try logits(member, of: part.examples, threads: threads), part.labels)
        .map { ($0, Int($1)) }
    }
    guard !rows.isEmpty else { return }
    func loss(_ logarithm: Double) -> Double {
      rows.reduce(0) {
        $0 - log(max(Self.softmax($1.logits, exp(logarithm))[$1.label], 1e-300))
      }
    }
    // The loss has one valley; a search by thirds within it.
    var (low, high) = (log(0.05), log(20.0))
    for _ in 0..<60 {
      let (a, b) = (low + (high - low) / 3, high - (high - low) / 3)
      if loss(a) < loss(b) { high = b } else { low = a }
    }
    temperature = exp((low + high) / 2)
  }

  static func softmax(_ logits: [Double], _ temperature: Double) -> [Double] {
    let most = logits.max() ?? 0
    let shares = logits.map { exp(($0 - most) / temperature) }
    let sum = shares.reduce(0, +)
    return shares.map { $0 / sum }
  }
}

/// Networks that are no classifier of such sequences.
public struct ClassifierError: Error, CustomStringConvertible, Equatable {
  public let description: String

  public init(_ description: String) { self.description = oneLine(description) }
}
