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
    var steps = [WaysToLabels()]
    for j in 0..<L {
      let score = start[j] + emissions[j]
      steps[0].append(score > -.infinity ? [Way(score: score, label: 0, rank: 0)] : [])
    }
    for now in stride(from: L, to: emissions.count, by: L) {
      let before = steps[steps.count - 1]
      var step = WaysToLabels()
      for j in 0..<L {
        var ways: [Way] = []
        for i in 0..<L {
          let score = transition[i * L + j] + emissions[now + j]
          if score > -.infinity { before.add(score, to: i, in: &ways) }
        }
        step.append(Way.best(ways, count))
      }
      steps.append(step)
    }
    var whole: [Way] = []
    for i in 0..<L where end[i] > -.infinity {
      steps[steps.count - 1].add(end[i], to: i, in: &whole)
    }
    let logZ = beginnings(emissions).logZ
    return Way.best(whole, count).map { path in
      var (way, labels) = (path, [Int32](repeating: 0, count: steps.count))
      for t in steps.indices.reversed() {
        labels[t] = Int32(way.label)
        way = steps[t][way.label, way.rank]
      }
      return LabelPath(labels: labels, logProbability: path.score - logZ)
    }
  }
}

/// A way to a label of a step: how good it is, and from which label, and which way to that, it comes.
private struct Way {
  var score: Double
  var label: Int
  var rank: Int

  /// The best of them, best first; of equal ones the first.
  static func best(_ ways: [Way], _ count: Int) -> [Way] {
    if count == 1 {
      let first = ways.indices.max { (ways[$0].score, $1) < (ways[$1].score, $0) }
      return first.map { [ways[$0]] } ?? []
    }
    let order = ways.indices.sorted { (ways[$0].score, $1) > (ways[$1].score, $0) }
    return order.prefix(count).map { ways[$0] }
  }
}

/// The best ways to each label of a step.
private struct WaysToLabels {
  private var ways: [Way] = []
  private var starts = [0]

  /// Those to the next label.
  mutating func append(_ next: [Way]) {
    ways += next
    starts.append(ways.count)
  }

  subscript(label: Int, rank: Int) -> Way { ways[starts[label] + rank] }

  /// Goes on from all ways to a label.
  func add(_ score: Double, to label: Int, in next: inout [Way]) {
    for place in starts[label]..<starts[label + 1] {
      next.append(
        Way(score: ways[place].score + score, label: label, rank: place - starts[label]))
    }
  }
}
