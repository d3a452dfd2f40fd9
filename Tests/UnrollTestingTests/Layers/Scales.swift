import UnrollCore
import UnrollTesting

/// y = s * x, one scale for each feature.
protocol Scaling: StatelessLayer
where Element == Double, Input == Tensor<Double>, Output == Tensor<Double>, Cache == Tensor<Double>?
{
  var scale: Parameter<Double> { get set }

  /// Adds to the gradient of the scale.
  mutating func add(_ gradient: Tensor<Double>)
}

extension Scaling {
  func makeCache() -> Tensor<Double>? { nil }

  func forward(
    _ x: Tensor<Double>, cache: inout Tensor<Double>?, in context: Context
  ) -> Tensor<Double> {
    if context.mode == .training { cache = x }
    return x.scalingColumns(by: scale.value)
  }

  mutating func backward(
    _ dy: Tensor<Double>, cache: inout Tensor<Double>?, in context: Context
  ) -> Tensor<Double> {
    guard let x = cache.take() else { fatalError("a scale: backward before forward") }
    var gradient = Tensor<Double>(shape: scale.shape)
    gradient.addRowSums(of: dy * x)
    add(gradient)
    return dy.scalingColumns(by: scale.value)
  }

  mutating func add(_ gradient: Tensor<Double>) { scale.gradient += gradient }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Double>) throws -> Void
  ) rethrows {
    try visit("scale", &scale)
  }
}

/// Keeps the laws.
struct Scale: Scaling {
  var scale = Parameter<Double>([4], .ones)
}

/// Breaks `gradients`: twice the gradient of the scale.
struct WrongScale: Scaling {
  var scale = Parameter<Double>([4], .ones)

  mutating func add(_ gradient: Tensor<Double>) { scale.gradient += gradient * 2 }
}

/// Breaks `accumulation`: the gradient is put in the place of what was there.
struct AssigningScale: Scaling {
  var scale = Parameter<Double>([4], .ones)

  mutating func add(_ gradient: Tensor<Double>) { scale.gradient = gradient }
}

/// Breaks `visits`: a parameter that nobody trains.
struct ForgetfulScale: Scaling {
  var scale = Parameter<Double>([4], .ones)
  var offset = Parameter<Double>([4], .zeros)
}

/// Breaks `copies`: all copies have one parameter.
struct SharedScale: Scaling {
  final class Box: Codable, @unchecked Sendable {
    var scale = Parameter<Double>([4], .ones)
  }

  var box = Box()

  var scale: Parameter<Double> {
    get { box.scale }
    set { box.scale = newValue }
  }
}

/// Breaks `memory`: y = x, and every input is kept in the cache, beside each other.
struct Leak: StatelessLayer {
  typealias Element = Double

  func makeCache() -> [Tensor<Double>] { [] }

  func forward(
    _ x: Tensor<Double>, cache: inout [Tensor<Double>], in context: Context
  ) -> Tensor<Double> {
    if context.mode == .training { cache.append(-x) }
    return x
  }

  mutating func backward(
    _ dy: Tensor<Double>, cache: inout [Tensor<Double>], in context: Context
  ) -> Tensor<Double> {
    dy
  }
}

/// Breaks `memory`: y = x, and every input is kept in the cache, in one tensor.
struct Hoarder: StatelessLayer {
  typealias Element = Double

  func makeCache() -> Tensor<Double>? { nil }

  func forward(
    _ x: Tensor<Double>, cache: inout Tensor<Double>?, in context: Context
  ) -> Tensor<Double> {
    guard context.mode == .training else { return x }
    let kept = cache?.scalars ?? []
    cache = Tensor(shape: [kept.count + x.count], scalars: kept + x.scalars)
    return x
  }

  mutating func backward(
    _ dy: Tensor<Double>, cache: inout Tensor<Double>?, in context: Context
  ) -> Tensor<Double> {
    dy
  }
}
