import Foundation

/// The scores of a linear chain of L labels, and sums over all of its paths, in logarithms.
///
///     score(y) = s(y_1) + sum of e_t(y_t) + sum of A(y_{t-1}, y_t) + z(y_n)
///     a_1(j) = s(j) + e_1(j)        a_t(j) = e_t(j) + log sum over i of exp(a_{t-1}(i) + A(i, j))
///     b_n(i) = z(i)                 b_t(i) = log sum over j of exp(A(i, j) + e_{t+1}(j) + b_{t+1}(j))
///     log Z = log sum over i of exp(a_n(i) + z(i))
///
/// What is impossible has the score minus infinity. Everything is in double precision: logarithms of sums are large
/// numbers that differ by little.
struct LabelChain: Sendable {
  /// s, L scores.
  let start: [Double]
  /// A, `L * L` scores, the label before as the row.
  let transition: [Double]
  /// z, L scores.
  let end: [Double]

  var labels: Int { start.count }

  /// The sums over the beginnings of paths, `n * L`, and over all paths.
  struct Beginnings: Sendable {
    var a: [Double]
    var logZ: Double
  }

  /// - Parameter emissions: e, `n * L` scores of at least one step.
  func beginnings(_ emissions: [Double]) -> Beginnings {
    let L = labels
    var a = emissions
    for j in 0..<L { a[j] += start[j] }
    var (most, sum) = ([Double](repeating: 0, count: L), [Double](repeating: 0, count: L))
    for now in stride(from: L, to: a.count, by: L) {
      for j in 0..<L { (most[j], sum[j]) = (-.infinity, 0) }
      for i in 0..<L {
        let before = a[now - L + i]
        for j in 0..<L { most[j] = max(most[j], before + transition[i * L + j]) }
      }
      for i in 0..<L {
        let before = a[now - L + i]
        for j in 0..<L where most[j] > -.infinity {
          sum[j] += exp(before + transition[i * L + j] - most[j])
        }
      }
      for j in 0..<L { a[now + j] += most[j] > -.infinity ? most[j] + log(sum[j]) : -.infinity }
    }
    let last = a.count - L
    return Beginnings(a: a, logZ: Self.logSum((0..<L).map { a[last + $0] + end[$0] }))
  }

  /// The sums over the ends of paths, `n * L`.
  func ends(_ emissions: [Double]) -> [Double] {
    let L = labels
    var b = [Double](repeating: 0, count: emissions.count)
    let last = b.count - L
    for i in 0..<L { b[last + i] = end[i] }
    for now in stride(from: last - L, through: 0, by: -L) {
      let after = (0..<L).map { emissions[now + L + $0] + b[now + L + $0] }
      for i in 0..<L {
        b[now + i] = Self.logSum((0..<L).map { transition[i * L + $0] + after[$0] })
      }
    }
    return b
  }

  static func logSum(_ terms: [Double]) -> Double {
    let most = terms.max() ?? -.infinity
    return most > -.infinity ? most + log(terms.reduce(0) { $0 + exp($1 - most) }) : most
  }

  /// The score of one path.
  func score(of path: some Collection<Int32>, _ emissions: [Double]) -> Double {
    let L = labels
    var (sum, before) = (0.0, nil as Int?)
    for (t, label) in path.enumerated() {
      let label = Int(label)
      sum += emissions[t * L + label] + (before.map { transition[$0 * L + label] } ?? start[label])
      before = label
    }
    return sum + (before.map { end[$0] } ?? 0)
  }
}
