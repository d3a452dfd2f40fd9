import UnrollCore

// Layers as small as can be, with the kinds of built-in ones where files name them.

/// A row of a table for each token.
struct Embedding: StatelessLayer {
  var table: Parameter<Float>

  init(vocabularySize: Int, dimension: Int) {
    table = Parameter([vocabularySize, dimension], .normal(standardDeviation: 1))
  }

  func makeCache() -> Tokens? { nil }

  func forward(_ x: Tokens, cache: inout Tokens?, in context: Context) -> Tensor<Float> {
    if context.mode == .training { cache = x }
    return table.value.gathering(x.ids.map { Int($0) }).reshaped([x.time, x.batch, table.shape[1]])
  }

  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Tokens?, in context: Context
  ) -> NoGradient {
    guard let x = cache.take() else { preconditionFailure("Embedding: backward before forward") }
    let rows = gradient.reshaped([gradient.rows, gradient.columns])
    for (r, id) in x.ids.enumerated() {
      table.gradient.setStep(Int(id), to: table.gradient.step(Int(id)) + rows.step(r))
    }
    return NoGradient()
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Float>) throws -> Void
  ) rethrows {
    try visit("table", &table)
  }

  func outputShape(of input: [Int]) throws -> [Int] { input + [table.shape[1]] }
}

/// y = W x, and a bias if there is one.
struct Dense: StatelessLayer {
  var weight: Parameter<Float>
  var bias: Parameter<Float>?

  init(inputSize: Int, outputSize: Int, hasBias: Bool = false) {
    weight = Parameter([outputSize, inputSize], .glorot)
    bias = hasBias ? Parameter([outputSize], .normal(standardDeviation: 1)) : nil
  }

  func makeCache() -> Tensor<Float>? { nil }

  func forward(
    _ x: Tensor<Float>, cache: inout Tensor<Float>?, in context: Context
  ) -> Tensor<Float> {
    if context.mode == .training { cache = x }
    var y = Tensor.product(x.matrix, weight.value.transposed)
    if let bias { y.addToRows(bias.value) }
    return y.reshaped(x.shape.dropLast() + [weight.shape[0]])
  }

  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Tensor<Float>?, in context: Context
  ) -> Tensor<Float> {
    guard let x = cache.take() else { preconditionFailure("Dense: backward before forward") }
    weight.gradient.addProduct(gradient.transposed, x.matrix)
    bias?.gradient.addRowSums(of: gradient)
    return Tensor.product(gradient.matrix, weight.value.matrix).reshaped(x.shape)
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Float>) throws -> Void
  ) rethrows {
    try visit("weight", &weight)
    try bias.visit("bias", visit)
  }

  var inputFeatures: Int? { weight.shape[1] }

  func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == weight.shape[1] else {
      throw ShapeError("Dense", expected: "[T, B, \(weight.shape[1])]", got: input)
    }
    return [input[0], input[1], weight.shape[0]]
  }
}

/// The sum of the inputs so far, which is its state `[B, F]`.
struct Total: Layer {
  var features: Int

  func makeState(batch: Int) -> Tensor<Float> { Tensor(shape: [batch, features]) }
  func makeCache() {}

  func forward(
    _ x: Tensor<Float>, state: inout Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> {
    var y = x
    for t in 0..<x.shape[0] {
      state += x.step(t)
      y.setStep(t, to: state)
    }
    return y
  }

  mutating func backward(
    _ gradient: Tensor<Float>, state: inout Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> {
    var dx = gradient
    for t in (0..<gradient.shape[0]).reversed() {
      state += gradient.step(t)
      dx.setStep(t, to: state)
    }
    return dx
  }

  func visitState(
    _ state: inout Tensor<Float>, _ visit: (String, inout Tensor<Float>) throws -> Void
  ) rethrows {
    try visit("total", &state)
  }
}

/// A stack from tokens to numbers.
typealias TokenStack = Sequential<Tokens, Tensor<Float>, Float>
/// A stack from numbers to numbers.
typealias NumberStack = Sequential<Tensor<Float>, Tensor<Float>, Float>
