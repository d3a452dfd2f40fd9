import Foundation
import UnrollCore

/// How far the gradient with respect to one tensor is from numerical differences.
public struct GradientError: Sendable, CustomStringConvertible {
  /// The tensor: `input`, `state NAME` or a parameter's name.
  public let tensor: String
  /// The largest error of an element, relative to the largest derivative of the tensor, given or
  /// numerical, or to a thousandth where all are smaller: below that, the rounding of the loss would
  /// count. A gradient that is forgotten has an error of 1.
  public let error: Double

  public var description: String { "\(tensor): \(error)" }
}

/// Holds a layer's gradients, in double precision, against central differences of fourth order.
///
/// The loss is a fixed linear function of the output and of the final state, so that the gradient
/// of the final state is checked too. The state goes through `carried` chunks of the input before.
///
/// - Returns: the errors with respect to the input, the initial state and every parameter.
public func gradientErrors<L: Layer<Double>>(
  of layer: L, input: L.Input, context: Context = Context(threads: 1), carried: Int = 1
) -> [GradientError] where L.Output == Tensor<Double> {
  var check = GradientCheck(layer, input, context, carried: carried)
  return check.run()
}

private struct GradientCheck<L: Layer<Double>> where L.Output == Tensor<Double> {
  var layer: L
  let input: L.Input
  let context: Context
  let initial: L.State

  init(_ layer: L, _ input: L.Input, _ context: Context, carried: Int) {
    (self.layer, self.input, self.context) = (layer, input, context)
    let batch = (input as? any CheckableInput)?.streamCount ?? 1
    var (state, cache) = (layer.makeState(batch: batch), layer.makeCache())
    for _ in 0..<carried {
      _ = layer.forward(input, state: &state, cache: &cache, in: context)
    }
    initial = state
  }

  /// The coefficients of the loss.
  private static func coefficient(_ i: Int) -> Double { sin(Double(i) * 1.7 + 0.3) }

  private func loss(_ layer: L, _ input: L.Input, _ initial: L.State) -> Double {
    var (state, cache) = (initial, layer.makeCache())
    let output = layer.forward(input, state: &state, cache: &cache, in: context)
    var sum = 0.0
    for (i, y) in output.scalars.enumerated() { sum += Self.coefficient(i) * y }
    for (_, tensor) in layer.tensors(of: state) {
      for (i, s) in tensor.scalars.enumerated() { sum += Self.coefficient(i + 7) * s }
    }
    return sum
  }

  mutating func run() -> [GradientError] {
    var (state, cache) = (initial, layer.makeCache())
    let output = layer.forward(input, state: &state, cache: &cache, in: context)
    var stateGradient = layer.zeros(like: state)
    layer.visitState(&stateGradient) { _, tensor in
      for i in 0..<tensor.count { tensor[flat: i] = Self.coefficient(i + 7) }
    }
    var gradient = Tensor<Double>(shape: output.shape)
    for i in 0..<gradient.count { gradient[flat: i] = Self.coefficient(i) }
    layer.resetGradients()
    let inputGradient = layer.backward(
      gradient, state: &stateGradient, cache: &cache, in: context)
    return inputErrors(inputGradient) + stateErrors(stateGradient) + parameterErrors()
  }

  private func inputErrors(_ gradient: L.Input.Gradient) -> [GradientError] {
    guard let gradient = gradient as? Tensor<Double>, let input = input as? Tensor<Double>
    else { return [] }
    return [
      compare("input", input.shape, gradient) { i, step in
        var moved = input
        moved[flat: i] += step
        guard let moved = moved as? L.Input else { return .nan }
        return loss(layer, moved, initial)
      }
    ]
  }

  private func stateErrors(_ gradient: L.State) -> [GradientError] {
    zip(layer.tensors(of: initial), layer.tensors(of: gradient)).map { state, gradient in
      compare("state \(state.name)", state.value.shape, gradient.value) { i, step in
        var moved = initial
        layer.visitState(&moved) { if $0 == state.name { $1[flat: i] += step } }
        return loss(layer, input, moved)
      }
    }
  }

  private func parameterErrors() -> [GradientError] {
    var parameters: [(name: String, values: Parameter<Double>)] = []
    var moved = layer
    moved.visitParameters { parameters.append(($0, $1)) }
    return parameters.map { name, parameter in
      compare(name, parameter.shape, parameter.gradient) { i, step in
        moved.visitParameters { if $0 == name { $1.value[flat: i] += step } }
        // Put back, and not left to a copy's end, for a layer whose copies are not independent.
        defer {
          moved.visitParameters { if $0 == name { $1.value[flat: i] = parameter.value[flat: i] } }
        }
        return loss(moved, input, initial)
      }
    }
  }

  private func compare(
    _ name: String, _ shape: [Int], _ gradient: Tensor<Double>,
    _ loss: (_ i: Int, _ step: Double) -> Double
  ) -> GradientError {
    guard gradient.shape == shape else { return GradientError(tensor: name, error: .infinity) }
    var largest = gradient.scalars.reduce(1e-3) { max($0, abs($1)) }
    var worst = 0.0
    for (i, derivative) in gradient.scalars.enumerated() {
      func error(_ h: Double) -> Double {
        let near = loss(i, h) - loss(i, -h)
        let far = loss(i, 2 * h) - loss(i, -2 * h)
        let numerical = (8 * near - far) / (12 * h)
        if h == 1e-3, numerical.isFinite { largest = max(largest, abs(numerical)) }
        return abs(numerical - derivative)
      }
      // A long step rounds less; a short one seldom reaches over a bend, such as a ReLU's, and is
      // right where the function curves sharply. A wrong derivative agrees with none.
      var least = error(1e-3)
      for h in [1e-5, 1e-6] where !(least < 1e-9 * largest) { least = min(least, error(h)) }
      // A comparison would lose an error that is not a number.
      worst = least.isNaN ? .infinity : max(worst, least)
    }
    let error = worst / largest
    return GradientError(tensor: name, error: error.isNaN ? .infinity : error)
  }
}
