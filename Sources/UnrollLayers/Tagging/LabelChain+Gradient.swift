import Foundation

/// The gradients of the scores of one sequence's chain.
struct ChainGradient: Sendable {
  /// `n * L`.
  var emissions: [Double]
  var start: [Double]
  /// `L * L`.
  var transition: [Double]
  var end: [Double]

  init(steps: Int, labels L: Int) {
    emissions = Array(repeating: 0, count: steps * L)
    (start, end) = (Array(repeating: 0, count: L), Array(repeating: 0, count: L))
    transition = Array(repeating: 0, count: L * L)
  }
}

extension LabelChain {
  /// Adds the gradients, given `da` with respect to a and `dlogZ` with respect to log Z.
  ///
  ///     da_n(i) += dlogZ exp(a_n(i) + z(i) - log Z) = dz(i)
  ///     w(i, j) = exp(a_{t-1}(i) + A(i, j) - a_t(j) + e_t(j))
  ///     de_t(j) = da_t(j)    dA(i, j) += w(i, j) da_t(j)    da_{t-1}(i) += w(i, j) da_t(j)
  ///
  /// With da = 0 and dlogZ = 1 these are the marginal probabilities of the labels and of their pairs.
  func addGradients(
    of beginnings: Beginnings, _ emissions: [Double], da: [Double]? = nil, dlogZ: Double,
    to gradient: inout ChainGradient
  ) {
    let (L, a) = (labels, beginnings.a)
    var da = da ?? Array(repeating: 0, count: a.count)
    let last = a.count - L
    for i in 0..<L where a[last + i] + end[i] > -.infinity {
      let share = dlogZ * exp(a[last + i] + end[i] - beginnings.logZ)
      gradient.end[i] += share
      da[last + i] += share
    }
    for now in stride(from: last, to: 0, by: -L) {
      for j in 0..<L where da[now + j] != 0 {
        let (d, into) = (da[now + j], a[now + j] - emissions[now + j])
        for i in 0..<L {
          let share = d * exp(a[now - L + i] + transition[i * L + j] - into)
          gradient.transition[i * L + j] += share
          da[now - L + i] += share
        }
      }
    }
    for j in 0..<L { gradient.start[j] += da[j] }
    for k in da.indices { gradient.emissions[k] += da[k] }
  }

  /// Adds the gradients, given `db` with respect to b.
  ///
  ///     v(i, j) = exp(A(i, j) + e_{t+1}(j) + b_{t+1}(j) - b_t(i))
  ///     dA(i, j) += v(i, j) db_t(i)    de_{t+1}(j) += v(i, j) db_t(i)    db_{t+1}(j) += v(i, j) db_t(i)
  ///     dz = db_n
  func addGradients(
    ofEnds b: [Double], _ emissions: [Double], db: [Double], to gradient: inout ChainGradient
  ) {
    let L = labels
    var db = db
    let last = b.count - L
    for now in stride(from: 0, to: last, by: L) {
      for i in 0..<L where db[now + i] != 0 {
        let (d, from) = (db[now + i], b[now + i])
        for j in 0..<L {
          let next = now + L + j
          let share = d * exp(transition[i * L + j] + emissions[next] + b[next] - from)
          gradient.transition[i * L + j] += share
          gradient.emissions[next] += share
          db[next] += share
        }
      }
    }
    for i in 0..<L { gradient.end[i] += db[last + i] }
  }

  /// Adds those of a path's score, times a factor.
  func addGradients(
    ofScoreOf path: some Collection<Int32>, times factor: Double, to gradient: inout ChainGradient
  ) {
    let L = labels
    var before: Int?
    for (t, label) in path.enumerated() {
      let label = Int(label)
      gradient.emissions[t * L + label] += factor
      if let before {
        gradient.transition[before * L + label] += factor
      } else {
        gradient.start[label] += factor
      }
      before = label
    }
    if let before { gradient.end[before] += factor }
  }
}
