import CUnrollKernels
import UnrollCore

/// A linear map to classes and the logarithm of their softmax: the end of a classifier or of a
/// language model.
///
///     y = log softmax(z)        z = W x + b
///     dz = dy - softmax(z) sum(dy)        dx = W^T dz        dW = sum dz x^T        db = sum dz
///
/// As a ``LossLayer`` it goes straight to the negative log-likelihood of target classes, whose
/// gradient at `z` is softmax minus one-hot, some rows at a time: log-probabilities of all
/// positions are never stored.
///
/// # Shapes
/// Input `[..., H]`, output: log-probabilities `[..., V]`; `weight [V, H]` begins by Glorot's rule,
/// `bias [V]` at zero.
public struct DenseSoftmax<Element: Scalar>: LossLayer {
  /// `[V, H]`.
  public var weight: Parameter<Element>
  /// `[V]`.
  public var bias: Parameter<Element>

  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, classes: Int) {
    self.init(inputSize, classes)
  }

  init(_ inputSize: Int, _ classes: Int) {
    precondition(
      inputSize > 0 && classes > 0, "DenseSoftmax: inputSize \(inputSize), classes \(classes)")
    weight = Parameter([classes, inputSize], .glorot)
    bias = Parameter([classes], .zeros)
  }

  /// H, the number of input features.
  public var inputSize: Int { weight.shape[1] }
  /// V, the number of classes.
  public var classes: Int { weight.shape[0] }

  /// What forward keeps: its input and output, or the gradients of the loss.
  public struct Cache: Sendable {
    var input: Tensor<Element>?
    var output: Tensor<Element>?
    var gradients: LossGradients<Element>?
    var weight = PackedMatrix<Element>()
  }

  public func makeCache() -> Cache { Cache() }

  public func forward(
    _ input: Tensor<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    expectInput(input)
    cache.weight.pack(weight.value.transposed, for: context.mode)
    var y = Tensor.product(
      input.matrix, cache.weight, bias: bias.value, threads: context.threads)
    y.logSoftmaxInPlace(threads: context.threads)
    y = y.reshaped(input.shape.dropLast() + [classes])
    if context.mode == .training { (cache.input, cache.output) = (input, y) }
    return y
  }

  @specialized(where Element == Float)
  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let input = cache.input.take(), let output = cache.output.take() else {
      preconditionFailure("DenseSoftmax: backward without a forward in training before")
    }
    precondition(
      gradient.shape == output.shape,
      "DenseSoftmax output gradient: expected \(output.shape), got \(gradient.shape)")
    var dz = output.exp()
    let classes = classes
    dz.withUnsafeMutableBufferPointer { dz in
      gradient.withUnsafeBufferPointer { dy in
        for row in stride(from: 0, to: dz.count, by: classes) {
          let sum = dy[row..<(row + classes)].reduce(0, +)
          for v in row..<(row + classes) { dz[v] = dy[v] - dz[v] * sum }
        }
      }
    }
    weight.gradient.addProduct(dz.transposed, input.matrix, threads: context.threads)
    bias.gradient.addRowSums(of: dz)
    return Tensor.product(dz.matrix, weight.value.matrix, threads: context.threads)
      .reshaped(input.shape)
  }

  func expectInput(_ input: Tensor<Element>) {
    precondition(
      input.rank > 0 && input.columns == inputSize,
      "DenseSoftmax input: expected [..., H \(inputSize)], got \(input.shape)")
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("weight", &weight)
    try visit("bias", &bias)
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.last == inputSize else {
      throw ShapeError(Self.kind, expected: "[..., \(inputSize)]", got: input)
    }
    return input.dropLast() + [classes]
  }
}

extension DenseSoftmax where Element == Float {
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, classes: Int) {
    self.init(inputSize, classes)
  }
}

extension Tensor {
  /// The logarithm of the softmax of every row, in place.
  fileprivate mutating func logSoftmaxInPlace(threads: Int) {
    let (rows, columns) = (rows, columns)
    withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let z = buffer.baseAddress
      forEachRangeConcurrently(rows, threads: threads, grain: 64) { range in
        guard let z = z.map({ $0 + range.lowerBound * columns }) else { return }
        unroll_log_softmax(Element.kernelType, range.count, columns, z, z)
      }
    }
  }
}
