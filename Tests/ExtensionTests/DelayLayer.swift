// The layer with a state of the article Write a Layer.
import Unroll

/// Each step gives what the step before it got.
///
///     y_t = x_{t-1}        dx_t = dy_{t+1}
///
/// The state is the last input: `y_0` is that of the chunk before.
///
/// # Shapes
/// Input and output `[T, B, F]`; the state of a stream is `[F]`.
struct Delay<Element: Scalar>: Layer {
  let features: Int

  struct State: Sendable {
    /// `[B, F]`.
    var last: Tensor<Element>
  }

  func makeState(batch: Int) -> State { State(last: Tensor(shape: [batch, features])) }
  func makeCache() {}

  func forward(
    _ x: Tensor<Element>, state: inout State, cache: inout Void, in context: Context
  ) -> Tensor<Element> {
    x.expectShape([nil, nil, features], axes: "TBF", of: "Delay input")
    restart(&state, context)
    var y = x.zeroingSteps(beyond: context.lengths)
    for t in 0..<x.shape[0] { exchange(&y, t, &state.last, context.lengths) }
    return y
  }

  func backward(
    _ gradient: Tensor<Element>, state: inout State, cache: inout Void, in context: Context
  ) -> Tensor<Element> {
    var dx = gradient.zeroingSteps(beyond: context.lengths)
    for t in (0..<dx.shape[0]).reversed() { exchange(&dx, t, &state.last, context.lengths) }
    restart(&state, context)
    return dx
  }

  func visitState(
    _ state: inout State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try visit("last", &state.last)
  }

  func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == features else {
      throw ShapeError(Self.kind, expected: "[T, B, \(features)]", got: input)
    }
    return input
  }

  /// Exchanges a step with the last one, of the streams that have not ended.
  private func exchange(
    _ x: inout Tensor<Element>, _ t: Int, _ last: inout Tensor<Element>, _ lengths: [Int]?
  ) {
    let (batch, F) = (x.shape[1], features)
    x.withUnsafeMutableBufferPointer { x in
      last.withUnsafeMutableBufferPointer { last in
        for b in 0..<batch where t < lengths?[b] ?? .max {
          for j in 0..<F { swap(&x[(t * batch + b) * F + j], &last[b * F + j]) }
        }
      }
    }
  }

  /// Makes the state of the streams that begin anew, or the gradient of it, zero.
  private func restart(_ state: inout State, _ context: Context) {
    for (b, anew) in (context.restarts ?? []).enumerated() where anew {
      state.last.setStep(b, to: Tensor(shape: [features]))
    }
  }
}
