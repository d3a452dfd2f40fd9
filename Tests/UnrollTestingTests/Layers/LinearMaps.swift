import UnrollCore
import UnrollFiles
import UnrollTesting

/// A layer without parameters that is a linear map, y = A x, and so dx = A^T dy.
protocol LinearMap: StatelessLayer
where Element == Double, Input == Tensor<Double>, Output == Tensor<Double>, Cache == Void {
  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double>
  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double>
}

extension LinearMap {
  func makeCache() {}

  func forward(
    _ x: Tensor<Double>, cache: inout Void, in context: Context
  ) -> Tensor<Double> {
    apply(x, context)
  }

  mutating func backward(
    _ dy: Tensor<Double>, cache: inout Void, in context: Context
  ) -> Tensor<Double> {
    applyTransposed(dy, context)
  }
}

/// Breaks `rows`: what is left of each stream when the mean of the batch is taken off.
struct MinusBatchMean: LinearMap {
  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    let batch = x.shape[1]
    var y = x
    for b in 0..<batch {
      for other in 0..<batch {
        for t in 0..<x.shape[0] {
          for f in 0..<x.shape[2] { y[t, b, f] -= x[t, other, f] / Double(batch) }
        }
      }
    }
    return y
  }

  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    apply(dy, context)
  }
}

/// Breaks `modes`: twice the input in training, once in inference.
struct TwiceInTraining: LinearMap {
  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    context.mode == .training ? x * 2 : x
  }

  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> { dy * 2 }
}

/// Breaks `threads`: a little more with each thread.
struct MoreByThreads: LinearMap {
  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    x * (1 + Double(context.threads) * 1e-12)
  }

  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    apply(dy, context)
  }
}

/// Breaks `repetition`: noise that is not drawn from the context.
struct OwnNoise: LinearMap {
  private static let draws = Locked(0)

  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    let draw = Self.draws.withLock { draws in
      draws += 1
      return draws
    }
    return x * (1 + RandomSource(seed: 9).uniform(draw))
  }

  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> { dy }
}

/// Breaks `shapes`: the input twice, side by side, and `outputShape(of:)` is the default.
struct SideBySide: LinearMap {
  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    .concatenatingColumns(x, x)
  }

  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    let half = dy.columns / 2
    return dy.columns(0..<half) + dy.columns(half..<(2 * half))
  }
}

/// Breaks `gradientShapes`: the gradient goes back as a matrix.
struct Flattening: LinearMap {
  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> { x }

  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    dy.reshaped([dy.rows, dy.columns])
  }
}

/// Breaks `streams`: the other streams are lost.
struct FirstStream: LinearMap {
  var batch = 2

  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> { x.streams(0..<1) }

  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    var dx = Tensor<Double>(shape: [dy.shape[0], batch, dy.shape[2]])
    dx.setStreams(0..<1, to: dy)
    return dx
  }

  func outputShape(of input: [Int]) throws -> [Int] { [input[0], 1, input[2]] }
}

/// Breaks `coding`: its factor is not in its coded form.
struct Times: LinearMap {
  var factor = 1.0

  private enum CodingKeys: CodingKey {}

  func apply(_ x: Tensor<Double>, _ context: Context) -> Tensor<Double> { x * factor }
  func applyTransposed(_ dy: Tensor<Double>, _ context: Context) -> Tensor<Double> {
    dy * factor
  }
}

/// Keeps the laws: the mean over the steps within each length, `[T, B, F]` to `[B, F]`.
struct MeanPooling: StatelessLayer {
  typealias Element = Double

  func makeCache() -> Int? { nil }

  func forward(
    _ x: Tensor<Double>, cache: inout Int?, in context: Context
  ) -> Tensor<Double> {
    if context.mode == .training { cache = x.shape[0] }
    let x = x.zeroingSteps(beyond: context.lengths)
    var y = x.sum(overAxis: 0)
    for b in 0..<y.shape[0] {
      for f in 0..<y.shape[1] { y[b, f] /= divisor(x.shape[0], b, context) }
    }
    return y
  }

  mutating func backward(
    _ dy: Tensor<Double>, cache: inout Int?, in context: Context
  ) -> Tensor<Double> {
    guard let time = cache.take() else { fatalError("MeanPooling: backward before forward") }
    var dx = Tensor<Double>(shape: [time] + dy.shape)
    for t in 0..<time { dx.setStep(t, to: dy) }
    for t in 0..<time {
      for b in 0..<dy.shape[0] {
        for f in 0..<dy.shape[1] { dx[t, b, f] /= divisor(time, b, context) }
      }
    }
    return dx.zeroingSteps(beyond: context.lengths)
  }

  private func divisor(_ time: Int, _ stream: Int, _ context: Context) -> Double {
    Double(max(context.lengths?[stream] ?? time, 1))
  }

  func outputShape(of input: [Int]) throws -> [Int] { Array(input.dropFirst()) }
}
