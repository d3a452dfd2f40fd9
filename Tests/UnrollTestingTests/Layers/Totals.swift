import UnrollCore
import UnrollTesting

/// The sum of the inputs so far, which is its state, `[B, F]`. It keeps the laws but for its fault.
struct Total: Layer {
  enum Fault: String, Codable {
    case none
    /// Breaks `streams`: nobody sees the state.
    case unvisitedState
    /// Breaks `streams`: axis 0 of the state is the feature.
    case transposedState
    /// Breaks `restarts`: a stream that begins anew goes on.
    case unforgetting
    /// Breaks `gradients`: the gradient of the state before a restart is not zero.
    case unforgettingBackward
    /// Breaks `padding`: the sum goes on in padding, and its gradient too.
    case endless
  }

  var features = 4
  var fault = Fault.none

  func makeState(batch: Int) -> Tensor<Double> { Tensor(shape: [batch, features]) }
  func makeCache() {}

  func forward(
    _ x: Tensor<Double>, state: inout Tensor<Double>, cache: inout Void, in context: Context
  ) -> Tensor<Double> {
    if fault != .unforgetting { state.forget(context.restarts) }
    var y = Tensor<Double>(shape: x.shape)
    for t in 0..<x.shape[0] {
      for b in 0..<x.shape[1] where counts(t, b, context) {
        for f in 0..<features {
          state[b, f] += x[t, b, f]
          y[t, b, f] = state[b, f]
        }
      }
    }
    return y
  }

  mutating func backward(
    _ dy: Tensor<Double>, state: inout Tensor<Double>, cache: inout Void, in context: Context
  ) -> Tensor<Double> {
    var dx = Tensor<Double>(shape: dy.shape)
    for t in (0..<dy.shape[0]).reversed() {
      for b in 0..<dy.shape[1] where counts(t, b, context) {
        for f in 0..<features {
          state[b, f] += dy[t, b, f]
          dx[t, b, f] = state[b, f]
        }
      }
    }
    if fault != .unforgetting && fault != .unforgettingBackward {
      state.forget(context.restarts)
    }
    return dx
  }

  private func counts(_ t: Int, _ stream: Int, _ context: Context) -> Bool {
    fault == .endless || context.lengths.map { t < $0[stream] } ?? true
  }

  func visitState(
    _ state: inout Tensor<Double>, _ visit: (String, inout Tensor<Double>) throws -> Void
  ) rethrows {
    switch fault {
    case .unvisitedState:
      break
    case .transposedState:
      state = state.reshaped([features, state.count / features])
      defer { state = state.reshaped([state.count / features, features]) }
      try visit("total", &state)
    default:
      try visit("total", &state)
    }
  }
}

/// Keeps the laws: the sum of the inputs so far, which are its state, `[B, S, F]`: it grows with
/// every step.
struct GrowingTotal: Layer {
  var features = 4

  func makeState(batch: Int) -> Tensor<Double> { Tensor(shape: [batch, 0, features]) }
  func makeCache() {}

  func forward(
    _ x: Tensor<Double>, state: inout Tensor<Double>, cache: inout Void, in context: Context
  ) -> Tensor<Double> {
    state.forget(context.restarts)
    let (time, batch, before) = (x.shape[0], x.shape[1], state.shape[1])
    let x = x.zeroingSteps(beyond: context.lengths)
    var grown = Tensor<Double>(shape: [batch, before + time, features])
    var y = Tensor<Double>(shape: x.shape)
    for b in 0..<batch {
      for f in 0..<features {
        var sum = 0.0
        for s in 0..<(before + time) {
          grown[b, s, f] = s < before ? state[b, s, f] : x[s - before, b, f]
          sum += grown[b, s, f]
          if s >= before { y[s - before, b, f] = sum }
        }
      }
    }
    state = grown
    return y.zeroingSteps(beyond: context.lengths)
  }

  mutating func backward(
    _ dy: Tensor<Double>, state: inout Tensor<Double>, cache: inout Void, in context: Context
  ) -> Tensor<Double> {
    let dy = dy.zeroingSteps(beyond: context.lengths)
    let (time, batch, before) = (dy.shape[0], dy.shape[1], state.shape[1] - dy.shape[0])
    var shrunk = Tensor<Double>(shape: [batch, before, features])
    var dx = Tensor<Double>(shape: dy.shape)
    for b in 0..<batch {
      for f in 0..<features {
        var sum = 0.0
        for s in (0..<(before + time)).reversed() {
          if s >= before { sum += dy[s - before, b, f] }
          let gradient = sum + state[b, s, f]
          if s >= before { dx[s - before, b, f] = gradient } else { shrunk[b, s, f] = gradient }
        }
      }
    }
    state = shrunk
    state.forget(context.restarts)
    return dx.zeroingSteps(beyond: context.lengths)
  }

  func visitState(
    _ state: inout Tensor<Double>, _ visit: (String, inout Tensor<Double>) throws -> Void
  ) rethrows {
    try visit("inputs", &state)
  }
}

extension Tensor where Element == Double {
  /// Makes the entries of streams that begin anew zero.
  fileprivate mutating func forget(_ restarts: [Bool]?) {
    for (b, restarts) in (restarts ?? []).enumerated() where restarts {
      setSteps(b..<(b + 1), to: Tensor(shape: [1] + shape.dropFirst()))
    }
  }
}
