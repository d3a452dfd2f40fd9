import UnrollFiles

/// The examples of every batch of every pass, by their indices: each example once in a pass.
///
/// An order is a function of the seed and of the number of the pass: the same on every platform, and
/// found without going through the passes before.
package struct ShuffledBatches: Sendable {
  package let examples: Int
  package let batchSize: Int
  private let random: RandomSource?
  /// The length of each example, where similar ones go together.
  private let lengths: [Int]
  /// How many batches are sorted together; `nil` where lengths do not matter.
  private let pool: Int?
  private var current: SourcePosition
  /// The batches of the pass that was asked for last.
  private var batches: [[Int]] = []
  private var cachedEpoch: Int?

  /// - Parameters:
  ///   - seed: What decides the orders; with `nil` they are the one in which the examples are given.
  ///   - data: A number that differs between data that differ.
  package init(
    examples: Int, batchSize: Int, seed: UInt64?, lengths: [Int] = [], pool: Int? = nil,
    data: Fingerprint
  ) {
    require(batchSize >= 1, "a batch needs at least one stream, not \(batchSize)")
    require(pool ?? 1 >= 1, "at least one batch is sorted at a time, not \(pool ?? 0)")
    self.examples = examples
    self.batchSize = batchSize
    random = seed.map { RandomSource(seed: $0).child("examples") }
    self.lengths = lengths
    self.pool = pool
    var fingerprint = data
    fingerprint.combine(examples)
    fingerprint.combine(batchSize)
    fingerprint.combine(pool ?? 0)
    fingerprint.combine(seed == nil ? 0 : 1)
    fingerprint.combine(Int(truncatingIfNeeded: seed ?? 0))
    current = SourcePosition(of: fingerprint)
  }

  package var batchesPerEpoch: Int { (examples - 1) / batchSize + 1 }

  package var position: SourcePosition {
    get { current }
    set {
      require(
        canResume(at: newValue),
        "no batch \(newValue.batch) of epoch \(newValue.epoch) in a source of \(batchesPerEpoch) "
          + "batches, or the position is that of another source")
      current = newValue
    }
  }

  package func canResume(at position: SourcePosition) -> Bool {
    current.canMove(to: position, batchesPerEpoch: batchesPerEpoch)
  }

  /// The examples of the next batch: as many as a batch has streams, in one batch of a pass those
  /// that are left.
  package mutating func next() -> [Int] {
    if cachedEpoch != current.epoch {
      batches = batches(of: current.epoch)
      cachedEpoch = current.epoch
    }
    let batch = batches[current.batch]
    current.advance(batchesPerEpoch: batchesPerEpoch)
    return batch
  }

  private func batches(of epoch: Int) -> [[Int]] {
    let random = random?.child(epoch)
    var order = Array(0..<examples)
    if let random { order.shuffle(by: random) }
    guard let pool else { return parts(of: order, size: batchSize) }
    // Sorted a pool at a time, not all at once: a long example meets others than in the pass before.
    var batches = parts(of: order, size: pool * batchSize).flatMap { part in
      let sorted = part.enumerated().sorted {
        (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset)
      }
      return parts(of: sorted.map(\.element), size: batchSize)
    }
    if let random { batches.shuffle(by: random.child("batches")) }
    return batches
  }

  private func parts(of order: [Int], size: Int) -> [[Int]] {
    stride(from: 0, to: order.count, by: size).map {
      Array(order[$0..<min($0 + size, order.count)])
    }
  }
}

extension Array {
  /// Puts the elements in a random order (Fisher and Yates 1938, from the end as Durstenfeld 1964).
  /// The standard library does not promise the same order for ever; this does.
  package mutating func shuffle(by random: RandomSource) {
    for i in indices.dropFirst().reversed() {
      swapAt(i, Int(random.bits(i).multipliedFullWidth(by: UInt64(i + 1)).high))
    }
  }
}
