import CUnrollKernels
import UnrollFiles

extension Tensor {
  /// Turns rows of logits into the gradients of their losses: the negative log-likelihood of a target of
  /// each under the softmax, in nats.
  ///
  ///     loss = log(sum of exp(z)) - z[target]        dz = softmax(z) - 1 where v is the target
  ///
  /// The greatest logit of a row is taken from the others first, so that nothing overflows. Rows whose
  /// target is negative have no loss, and the gradient zero.
  ///
  /// - Parameters:
  ///   - targets: One for each row, below the number of columns.
  ///   - first: The position of the first row among those that have weights.
  ///   - weights: How much the targets count.
  /// - Returns: The sum of the losses.
  public mutating func softmaxLoss(
    of targets: ArraySlice<Int32>, first: Int = 0, weights: TargetWeights = TargetWeights(),
    threads: Int = 1
  ) -> LossSum {
    let logits = weights.areEqual ? nil : logits(of: targets, weights)
    let losses = softmaxLossInPlace(of: targets, threads: threads)
    guard let logits else {
      return LossSum(total: losses.reduce(0, +), count: targets.count { $0 >= 0 })
    }
    return weigh(losses, logits, of: targets, first, weights)
  }

  /// The loss of each row, which becomes its gradient.
  private mutating func softmaxLossInPlace(
    of targets: ArraySlice<Int32>, threads: Int
  ) -> [Double] {
    let (rows, classes) = (rows, columns)
    require(targets.count == rows, "softmaxLoss: \(targets.count) targets for \(rows) rows")
    return [Double](unsafeUninitializedCapacity: rows) { losses, count in
      withUnsafeMutableBufferPointer { logits in
        targets.withUnsafeBufferPointer { targets in
          nonisolated(unsafe) let z = logits.baseAddress
          nonisolated(unsafe) let y = targets.baseAddress
          nonisolated(unsafe) let l = losses.baseAddress
          Threads.forEachRange(rows, threads: threads, grain: 64) { range in
            guard let z, let y, let l else { return }
            unroll_softmax_loss(
              Element.kernelType, range.count, classes, z + range.lowerBound * classes,
              y + range.lowerBound, l + range.lowerBound)
          }
        }
      }
      count = rows
    }
  }

  /// Of each row with a target its logit, and the sum of `w_v z_v` over the classes.
  @specialized(where Element == Float)
  private func logits(
    of targets: ArraySlice<Int32>, _ weights: TargetWeights
  ) -> [(target: Double, weighted: Double)] {
    let classes = columns
    require(
      weights.classes?.count ?? classes == classes,
      "softmaxLoss: \(weights.classes?.count ?? 0) weights for \(classes) classes")
    return withUnsafeBufferPointer { z in
      targets.enumerated().map { row, target in
        guard target >= 0 else { return (0, 0) }
        let first = row * classes
        var sum = 0.0
        if weights.smoothing > 0 {
          for v in 0..<classes { sum += (weights.classes?[v] ?? 1) * Double(z[first + v]) }
        }
        return (Double(z[first + Int(target)]), sum)
      }
    }
  }

  /// Weighs losses and gradients g = softmax(z) - 1 where v is the target t. With W the sum of w, s that of
  /// `w_v z_v`, and log(sum of exp(z)) = l + z_t:
  ///
  ///     l_i = a ((1 - e) w_t l + e / V (W (l + z_t) - s))
  ///     dz = a (Q g - e / V w_v + e / V W where v is t)        Q = (1 - e) w_t + e / V W
  @specialized(where Element == Float)
  private mutating func weigh(
    _ losses: [Double], _ logits: [(target: Double, weighted: Double)],
    of targets: ArraySlice<Int32>, _ first: Int, _ weights: TargetWeights
  ) -> LossSum {
    let (classes, e) = (columns, weights.smoothing)
    let w = weights.classes ?? Array(repeating: 1, count: classes)
    let (share, W) = (e / Double(classes), w.reduce(0, +))
    var sum = LossSum()
    withUnsafeMutableBufferPointer { g in
      for (row, target) in targets.enumerated() where target >= 0 {
        let (t, l) = (Int(target), losses[row])
        let a = weights.positions?[first + row] ?? 1
        let smooth = e > 0 ? share * (W * (l + logits[row].target) - logits[row].weighted) : 0
        sum.total += a * ((1 - e) * w[t] * l + smooth)
        sum.count += 1
        sum.weight += a * w[t]
        let (start, Q) = (row * classes, (1 - e) * w[t] + share * W)
        for v in 0..<classes {
          g[start + v] = Element(a) * (Element(Q) * g[start + v] - Element(share * w[v]))
        }
        g[start + t] += Element(a * share * W)
      }
    }
    return sum
  }
}
