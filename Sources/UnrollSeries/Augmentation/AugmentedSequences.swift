import Foundation
import UnrollCore

/// Sequences of numbers that are changed a little each time that they are learned from.
///
///     let source = AugmentedSequences(sequences, Augmentation(jitter: 0.05, warping: 0.2), seed: 1)
///
/// What is drawn follows from the seed and the position alone, so that a run resumes to the same bytes. Validation and
/// test are of sequences as they are.
public struct AugmentedSequences<Target: Sendable, Source: BatchSource>: BatchSource
where Source.Input == Tensor<Float>, Source.Target == Target, Source.Position == SourcePosition {
  public private(set) var source: Source
  public let augmentation: Augmentation
  private let random: RandomSource

  public init(_ source: Source, _ augmentation: Augmentation, seed: UInt64 = 1) {
    self.source = source
    self.augmentation = augmentation
    random = RandomSource(seed: seed).child("augmentation")
  }

  public var batchSize: Int { source.batchSize }
  public var batchesPerEpoch: Int { source.batchesPerEpoch }
  public var failure: (any Error)? { source.failure }

  public var position: SourcePosition {
    get { source.position }
    set { source.position = newValue }
  }

  public func canResume(at position: SourcePosition) -> Bool { source.canResume(at: position) }

  public mutating func next() -> Batch<Tensor<Float>, Target> {
    let random = random.child(source.position.epoch).child(source.position.batch)
    var batch = source.next()
    guard augmentation != .none else { return batch }
    let time = batch.input.shape[0]
    var lengths = batch.lengths ?? Array(repeating: time, count: batchSize)
    for b in lengths.indices {
      lengths[b] = change(&batch.input, stream: b, length: lengths[b], random.child(b))
    }
    batch.lengths = lengths
    return batch
  }

  /// Changes a stream, and says how many steps it has left.
  private func change(
    _ input: inout Tensor<Float>, stream: Int, length: Int, _ random: RandomSource
  ) -> Int {
    guard length > 0 else { return 0 }
    let (batch, features) = (input.shape[1], input.shape[2])
    let cut = Int(Double(length) * augmentation.slicing * random.uniform(0))
    let first = Int(random.uniform(1) * Double(cut + 1))
    let left = length - cut
    let factors = (0..<features).map {
      Float(1 + augmentation.scaling * random.child("scaling").normal($0))
    }
    let places = warped(left, random.child("warping"))
    let noise = random.child("jitter")
    input.withUnsafeMutableBufferPointer { x in
      func row(_ step: Int) -> Int { (step * batch + stream) * features }
      let original = (0..<length).map { step in (0..<features).map { x[row(step) + $0] } }
      for step in 0..<length {
        guard step < left else {
          for f in 0..<features { x[row(step) + f] = 0 }
          continue
        }
        let (low, part) = (Int(places[step]), Float(places[step] - places[step].rounded(.down)))
        let (a, b) = (original[first + low], original[first + min(low + 1, left - 1)])
        for f in 0..<features {
          let value = (a[f] + part * (b[f] - a[f])) * factors[f]
          x[row(step) + f] =
            value + Float(augmentation.jitter * noise.normal(step * features + f))
        }
      }
    }
    return left
  }

  /// From where each step is taken: a path from the first to the last whose speed changes like a slow wave.
  private func warped(_ count: Int, _ random: RandomSource) -> [Double] {
    guard augmentation.warping > 0, count > 2 else { return (0..<count).map(Double.init) }
    let (waves, phase) = (0.5 + 1.5 * random.uniform(0), 2 * Double.pi * random.uniform(1))
    let speeds = (1..<count).map {
      1 + augmentation.warping * sin(phase + 2 * .pi * waves * Double($0) / Double(count))
    }
    let whole = speeds.reduce(0, +)
    var place = 0.0
    return [0]
      + speeds.map { speed in
        place += speed * Double(count - 1) / whole
        return min(place, Double(count - 1))
      }
  }
}
