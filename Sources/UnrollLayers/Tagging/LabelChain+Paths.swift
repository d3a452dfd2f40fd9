/// A label for each step of a sequence.
public struct LabelPath: Sendable, Equatable {
  /// As many as the sequence has steps.
  public var labels: [Int32]
  /// The logarithm of its probability among all paths.
  public var logProbability: Double

  public init(labels: [Int32], logProbability: Double) {
    self.labels = labels
    self.logProbability = logProbability
  }
}

extension LabelChain {
  /// The best paths, best first (Viterbi 1967; for each label and step as many as are asked for). Of equal ones the
  /// first comes first whose last label that differs is the lower.
  ///
  /// - Returns: fewer where there are fewer that are possible.
  func bestPaths(_ emissions: [Double], count: Int) -> [LabelPath] {
    let L = labels
    guard !emissions.isEmpty else { return [LabelPath(labels: [], logProbability: 0)] }
    // The best ways to each label of the step: how good, and from which label and way of the step before.
    struct Way { var score: Double, label: Int, rank: Int }
    func best(_ ways: [Way]) -> [Way] {
      if count == 1 {
        let first = ways.indices.max { (ways[$0].score, $1) < (ways[$1].score, $0) }
        return first.map { [ways[$0]] } ?? []
      }
      let order = ways.indices.sorted { (ways[$0].score, $1) > (ways[$1].score, $0) }
      return order.prefix(count).map { ways[$0] }
    }
    var steps: [[[Way]]] = [
      (0..<L).map { j in
        let score = start[j] + emissions[j]
        return score > -.infinity ? [Way(score: score, label: 0, rank: 0)] : []
      }
    ]
    for now in stride(from: L, to: emissions.count, by: L) {
      let before = steps[steps.count - 1]
      steps.append(
        (0..<L).map { j in
          var ways: [Way] = []
          for i in 0..<L {
            let step = transition[i * L + j] + emissions[now + j]
            guard step > -.infinity else { continue }
            for (rank, way) in before[i].enumerated() {
              ways.append(Way(score: way.score + step, label: i, rank: rank))
            }
          }
          return best(ways)
        })
    }
    let last = steps[steps.count - 1]
    var whole: [Way] = []
    for i in 0..<L where end[i] > -.infinity {
      for (rank, way) in last[i].enumerated() {
        whole.append(Way(score: way.score + end[i], label: i, rank: rank))
      }
    }
    let logZ = beginnings(emissions).logZ
    return best(whole).map { path in
      var (way, labels) = (path, [Int32](repeating: 0, count: steps.count))
      for t in steps.indices.reversed() {
        labels[t] = Int32(way.label)
        way = steps[t][way.label][way.rank]
      }
      return LabelPath(labels: labels, logProbability: path.score - logZ)
    }
  }
}
