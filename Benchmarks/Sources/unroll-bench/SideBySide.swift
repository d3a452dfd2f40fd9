import Foundation
import Unroll

/// Training of one network from two sources of the same batches, turn by turn: a round of steps from the first,
/// then one from the second.
struct SideBySide<First: BatchSource, Second: BatchSource>: Workload
where First.Input == Second.Input, First.Target == Tensor<Float>, Second.Target == Tensor<Float> {
  typealias Network = Sequential<First.Input, Tensor<Float>, Float>

  private var first: Trainer<Network, First>
  private var second: Trainer<Network, Second>
  private let names: (String, String)
  private let steps: Int
  private let clock = ContinuousClock()
  /// What a step took, in milliseconds, for each round.
  private var times: [(first: Double, second: Double)] = []
  private var hasSameLosses = true

  init(
    _ network: Network, _ first: First, _ second: Second, names: (String, String), steps: Int,
    threads: Int
  ) {
    func trainer<Source: BatchSource>(_ source: Source) -> Trainer<Network, Source>
    where Source.Input == First.Input, Source.Target == Tensor<Float> {
      Trainer(
        model: network, source: source, loss: MeanSquaredError(),
        options: TrainingOptions(threads: threads))
    }
    (self.first, self.second) = (trainer(first), trainer(second))
    (self.names, self.steps) = (names, steps)
  }

  var unitsPerRun: Int { 2 * steps }
  var operations: Double { 0 }

  mutating func run() throws {
    var losses: [[Double]] = [[], []]
    let one = try clock.measure {
      for _ in 0..<steps { losses[0].append(try first.trainStep().loss) }
    }
    let two = try clock.measure {
      for _ in 0..<steps { losses[1].append(try second.trainStep().loss) }
    }
    hasSameLosses = hasSameLosses && losses[0] == losses[1]
    times.append((one / .milliseconds(steps), two / .milliseconds(steps)))
  }

  var note: String? {
    // What comes first fills caches.
    let rounds = times.dropFirst(3)
    func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    func sum(_ values: [Double]) -> Double { values.reduce(0, +) }
    let (one, two) = (rounds.map(\.first), rounds.map(\.second))
    let ratios = zip(one, two).map { $0 / $1 }.sorted()
    return String(
      format:
        "%@ %.4f ms, %@ %.4f ms a step; of all rounds %.3f times as long, of each %.3f to %.3f, "
        + "median %.3f; losses %@; %.0f MB at most",
      names.0, middle(one), names.1, middle(two), sum(one) / sum(two), ratios[0],
      ratios[ratios.count - 1], middle(ratios), hasSameLosses ? "equal to the bit" : "DIFFERENT",
      Double(Self.mostMemory) / 1e6)
  }

  /// The most memory that the process has had, in bytes.
  private static var mostMemory: Int {
    var usage = rusage()
    #if canImport(Darwin)
      let (status, unit) = (getrusage(RUSAGE_SELF, &usage), 1)
    #else
      let (status, unit) = (getrusage(Int32(RUSAGE_SELF.rawValue), &usage), 1024)
    #endif
    return status == 0 ? Int(usage.ru_maxrss) * unit : 0
  }
}
