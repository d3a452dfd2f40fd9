import UnrollCore
import UnrollTesting

/// A linear map of the steps of each sequence: y_t is the sum of `weight(t, s) x_s`.
protocol StepMap: LinearMap {
  /// How much of step `s` is in step `t`, in a sequence of `length` out of `time` steps.
  func weight(_ t: Int, _ s: Int, length: Int, time: Int) -> Double
}

extension StepMap {
  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    mix(x, context) { weight($0, $1, length: $2, time: x.shape[0]) }
  }

  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    mix(dy, context) { weight($1, $0, length: $2, time: dy.shape[0]) }
  }

  private func mix(
    _ x: Tensor<Double>, _ context: Context, _ weight: (Int, Int, Int) -> Double
  ) -> Tensor<Double> {
    let (time, batch, features) = (x.shape[0], x.shape[1], x.shape[2])
    var y = Tensor<Double>(shape: x.shape)
    for b in 0..<batch {
      for t in 0..<time {
        for s in 0..<time {
          let weight = weight(t, s, context.lengths?[b] ?? time)
          // What is not a number must not come through a weight of zero.
          if weight == 0 { continue }
          for f in 0..<features { y[t, b, f] += weight * x[s, b, f] }
        }
      }
    }
    return y
  }
}

/// Breaks `pieces`: half of the step before is added, without a state to carry it in.
struct WithPreviousStep: StepMap {
  func weight(_ t: Int, _ s: Int, length: Int, time: Int) -> Double {
    s == t ? 1 : s == t - 1 ? 0.5 : 0
  }
}

/// Breaks `causality`: half of the next step is added, and it says that it is causal.
struct WithNextStep: StepMap {
  func weight(_ t: Int, _ s: Int, length: Int, time: Int) -> Double {
    s == t ? 1 : s == t + 1 && s < length ? 0.5 : 0
  }
}

/// Breaks `padding`: the mean over all steps is added, those of the padding among them.
struct WithMean: StepMap {
  var isCausal: Bool { false }

  func weight(_ t: Int, _ s: Int, length: Int, time: Int) -> Double {
    (s == t ? 1 : 0) + 1 / Double(time)
  }
}

/// Breaks `singleStep`: it divides by the number of other steps.
struct WithSumByOthers: StepMap {
  var isCausal: Bool { false }

  func weight(_ t: Int, _ s: Int, length: Int, time: Int) -> Double {
    let isMixed = t < length && s < length
    return (s == t ? 1 : 0) + (isMixed ? 1 / Double(length - 1) : 0)
  }
}
