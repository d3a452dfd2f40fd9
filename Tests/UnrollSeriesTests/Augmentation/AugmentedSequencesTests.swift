import Foundation
import Testing
import UnrollCore
import UnrollSeries

@Suite("AugmentedSequences")
struct AugmentedSequencesTests {
  /// Step t of sequence i has 100 i + t, and its negative.
  private func source(seed: UInt64? = 2) throws -> PaddedSequences<Tensor<Float>> {
    let lengths = [9, 14, 1, 20, 6, 11, 0]
    let sequences = lengths.enumerated().map { i, rows -> Tensor<Float> in
      let numbers: [Float] = (0..<rows).flatMap { t -> [Float] in
        let number = Float(100 * i + t)
        return [number, -number]
      }
      return Tensor(shape: [rows, 2], scalars: numbers)
    }
    return try PaddedSequences(
      sequences, labels: (0..<7).map { Int32($0) }, batchSize: 3, seed: seed)
  }

  private func all(_ augmentation: Augmentation, seed: UInt64 = 1) throws -> [[Float]] {
    var source = AugmentedSequences(try source(seed: nil), augmentation, seed: seed)
    return (0..<source.batchesPerEpoch).flatMap { _ in
      let batch = source.next()
      let lengths = batch.lengths ?? Array(repeating: batch.input.shape[0], count: 3)
      return (0..<3).map { b in
        // Beyond the length all is zero.
        for t in lengths[b]..<batch.input.shape[0] {
          #expect(batch.input[t, b, 0] == 0 && batch.input[t, b, 1] == 0)
        }
        return (0..<lengths[b]).map { batch.input[$0, b, 0] }
      }
    }
  }

  @Test("Nothing is done where nothing is asked for")
  func none() throws {
    var (plain, augmented) = (try source(), AugmentedSequences(try source(), .none))
    for _ in 0..<5 {
      let (a, b) = (plain.next(), augmented.next())
      #expect(a.input == b.input && a.lengths == b.lengths && a.target == b.target)
    }
  }

  @Test("Slicing leaves a stretch that was there, of at least as much as is said")
  func slicing() throws {
    var starts: Set<Float> = []
    for seed in 0..<20 {
      for (i, rows) in try all(Augmentation(slicing: 0.5), seed: UInt64(seed)).enumerated() {
        let length = [9, 14, 1, 20, 6, 11, 0, 0, 0][i]
        #expect(rows.count <= length && 2 * rows.count >= length)
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $1 - $0 == 1 })
        if i == 3, let first = rows.first { starts.insert(first) }
      }
    }
    #expect(starts.count > 3)
  }

  @Test("Warping goes from the first step to the last, forward, at another speed")
  func warping() throws {
    let rows = try all(Augmentation(warping: 0.6))[3]
    #expect(rows.count == 20 && rows[0] == 300 && abs(rows[19] - 319) < 1e-3)
    let speeds = zip(rows, rows.dropFirst()).map { $1 - $0 }
    #expect(speeds.allSatisfy { $0 > 0.2 && $0 < 2.5 })
    #expect((speeds.max() ?? 0) - (speeds.min() ?? 0) > 0.3)
  }

  @Test("Scaling is one factor for a column, jitter another number for each step")
  func noise() throws {
    let scaled = try all(Augmentation(scaling: 0.2))[3]
    let factors = scaled.enumerated().map { $1 / Float(300 + $0) }
    #expect(factors.allSatisfy { abs($0 - factors[0]) < 1e-5 } && abs(factors[0] - 1) > 1e-3)
    let jittered = try all(Augmentation(jitter: 0.5))[3].enumerated().map { $1 - Float(300 + $0) }
    let spread = (jittered.reduce(0) { $0 + $1 * $1 } / 20).squareRoot()
    #expect(Set(jittered).count == 20 && (0.25...0.8).contains(spread))
  }

  @Test("What is drawn follows from the seed and the position, from anywhere")
  func resumes() throws {
    let change = Augmentation(jitter: 0.1, scaling: 0.1, slicing: 0.4, warping: 0.3)
    var source = AugmentedSequences(try source(), change, seed: 5)
    var batches: [Tensor<Float>] = []
    var positions: [SourcePosition] = []
    for _ in 0..<9 {
      positions.append(source.position)
      batches.append(source.next().input)
    }
    #expect(batches[0] != batches[3])
    for i in [7, 2, 8] {
      var other = AugmentedSequences(try self.source(), change, seed: 5)
      #expect(other.canResume(at: positions[i]))
      other.position = positions[i]
      #expect(other.next().input == batches[i])
    }
    var stranger = AugmentedSequences(try self.source(), change, seed: 6)
    #expect(stranger.next().input != batches[0])
  }
}
