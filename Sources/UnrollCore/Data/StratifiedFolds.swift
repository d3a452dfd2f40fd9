import UnrollFiles

/// Examples dealt out to parts in each of which every label is as frequent as in all of them: for
/// cross-validation, and to keep a part to choose by or to test on.
///
/// Examples of one group, such as copies of one text, go to one part: what is tested on was not learned from.
///
///     let folds = StratifiedFolds(labels: ids, groups: copies, count: 5, seed: 1)
///     for fold in 0..<5 { train(on: folds.others(than: fold), choosingBy: folds.parts[fold]) }
public struct StratifiedFolds: Sendable, Equatable {
  /// The examples of each part, by their indices, rising.
  public let parts: [[Int]]
  private let labels: [Int32]

  /// Parts of equal size, as nearly as groups let them.
  ///
  /// - Parameters:
  ///   - labels: The label of each example.
  ///   - groups: What examples belong together, those of one number; `nil` for none.
  ///   - count: The number of parts, at least 1.
  ///   - seed: What decides which examples go to which part.
  public init(labels: [Int32], groups: [Int]? = nil, count: Int, seed: UInt64 = 1) {
    require(
      count >= 1 && groups?.count ?? labels.count == labels.count,
      "StratifiedFolds: \(count) parts of \(labels.count) examples, \(groups?.count ?? 0) groups")
    var parts = [[Int]](repeating: [], count: count)
    var turn = 0
    for bundle in Self.shuffled(labels, groups, seed).joined() {
      // To the smallest part, from where the last one went: labels begin where others ended.
      let order = (0..<count).map { (turn + $0) % count }
      let part = order.min { parts[$0].count < parts[$1].count } ?? 0
      parts[part] += bundle
      turn = (part + 1) % count
    }
    self.parts = parts.map { $0.sorted() }
    self.labels = labels
  }

  /// Two parts, the second of which has a share of each label, rounded.
  ///
  /// - Parameters:
  ///   - labels: The label of each example.
  ///   - groups: What examples belong together, those of one number; `nil` for none.
  ///   - fraction: The share of the second part, in `0...1`.
  ///   - seed: What decides which examples go to it.
  public init(labels: [Int32], groups: [Int]? = nil, fraction: Double, seed: UInt64 = 1) {
    require(
      0...1 ~= fraction && groups?.count ?? labels.count == labels.count,
      "StratifiedFolds: the fraction \(fraction) of \(labels.count) examples, \(groups?.count ?? 0) "
        + "groups")
    var parts: [[Int]] = [[], []]
    for bundles in Self.shuffled(labels, groups, seed) {
      let wanted = (Double(bundles.reduce(0) { $0 + $1.count }) * fraction).rounded()
      var taken = 0
      for bundle in bundles {
        let goes = Double(taken + bundle.count) <= wanted
        parts[goes ? 1 : 0] += bundle
        taken += goes ? bundle.count : 0
      }
    }
    self.parts = parts.map { $0.sorted() }
    self.labels = labels
  }

  /// The groups of each label, in order of the labels, each in an order that the seed decides; the label of a group
  /// is that of its first example.
  private static func shuffled(
    _ labels: [Int32], _ groups: [Int]?, _ seed: UInt64
  ) -> [[[Int]]] {
    var bundles: [[Int]] = []
    var places: [Int: Int] = [:]
    for index in labels.indices {
      let group = groups?[index] ?? index
      if let place = places[group] {
        bundles[place].append(index)
      } else {
        places[group] = bundles.count
        bundles.append([index])
      }
    }
    let random = RandomSource(seed: seed).child("folds")
    return Dictionary(grouping: bundles) { labels[$0[0]] }.sorted { $0.key < $1.key }
      .map { label, bundles in
        var bundles = bundles
        bundles.shuffle(by: random.child(Int(label)))
        return bundles
      }
  }

  /// The examples of all parts but one, rising.
  public func others(than part: Int) -> [Int] {
    parts.indices.filter { $0 != part }.flatMap { parts[$0] }.sorted()
  }

  /// The labels of which a part has no example though there are some, rising.
  public func labelsLacking(in part: Int) -> [Int32] {
    Set(labels).subtracting(parts[part].map { labels[$0] }).sorted()
  }
}
