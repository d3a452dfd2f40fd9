import Foundation

/// What the log-probability of a hypothesis is divided by to make its score, so that long ones are
/// not at a loss: each symbol more makes a sequence less probable.
///
/// n is the number of symbols, the end among them.
public enum LengthNormalization: Sendable, Equatable {
  /// Nothing: the score is the log-probability.
  case none
  /// `n^a`, with a of at least 0; with 1 the score is the mean of a symbol.
  case power(Double)
  /// `((5 + n) / 6)^a`, with a of at least 0 (Wu et al. 2016, equation 14).
  case gnmt(Double)

  /// The divisor for n symbols. It does not fall as n grows.
  func divisor(_ n: Int) -> Double {
    switch self {
    case .none: 1
    case .power(let a): pow(Double(n), a)
    case .gnmt(let a): pow((5 + Double(n)) / 6, a)
    }
  }

  /// Whether the exponent is one.
  var isRight: Bool {
    switch self {
    case .none: true
    case .power(let a), .gnmt(let a): a >= 0 && a.isFinite
    }
  }
}
