import Foundation
import UnrollFiles

/// How often a decoder reads its own symbols in training, by the number of batches before (Bengio
/// et al. 2015, section 2.4). At first it must be told what is right; in the end nobody will tell
/// it.
public enum ScheduledSampling: Sendable, Equatable {
  /// Never: teacher forcing.
  case never
  /// With the same probability always, in `0...1`.
  case constant(Double)
  /// With a probability that rises from 0 in a straight line over some batches, to one in `0...1`.
  case linear(to: Double, over: Int)
  /// `p = 1 - k^i` at batch i, with k in `0..<1`.
  case exponential(Double)
  /// `p = 1 - k / (k + exp(i / k))` at batch i, with k of at least 1.
  case inverseSigmoid(Double)

  /// The probability at a batch; the first is 0.
  public func probability(at batch: Int) -> Double {
    let i = Double(batch)
    switch self {
    case .never: return 0
    case .constant(let probability): return probability
    case .linear(let last, let batches): return last * min(1, i / Double(batches))
    case .exponential(let k): return 1 - pow(k, i)
    case .inverseSigmoid(let k): return 1 / (1 + k * exp(-i / k))
    }
  }

  /// What is wrong with the numbers, if anything.
  var problem: String? {
    let isRight =
      switch self {
      case .never: true
      case .constant(let probability): 0...1 ~= probability
      case .linear(let last, let batches): 0...1 ~= last && batches > 0
      case .exponential(let k): 0..<1 ~= k
      case .inverseSigmoid(let k): k >= 1 && k.isFinite
      }
    return isRight ? nil : "no schedule of probabilities: \(self)"
  }

  /// The numbers by which it differs from others.
  var marks: [Int] {
    func bits(_ x: Double) -> Int { Int(truncatingIfNeeded: x.bitPattern) }
    return switch self {
    case .never: [0]
    case .constant(let probability): [1, bits(probability)]
    case .linear(let last, let batches): [2, bits(last), batches]
    case .exponential(let k): [3, bits(k)]
    case .inverseSigmoid(let k): [4, bits(k)]
    }
  }
}
