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
/// Input `[..., H]`, output: log-probabilities `[..., V]`; parameters as in
/// ``Dense``: `weight [V, H]`, `bias [V]`.
public struct DenseSoftmax<Element: Scalar>: LossLayer {
  /// From the input to the logits, z.
  public var dense: Dense<Element>

  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, classes: Int) {
    self.init(inputSize, classes)
  }

  private init(_ inputSize: Int, _ classes: Int) {
    Self.require(
      inputSize > 0 && classes > 0, "DenseSoftmax: inputSize \(inputSize), classes \(classes)")
    dense = Dense(inputSize: inputSize, outputSize: classes)
  }

  /// H, the number of input features.
  public var inputSize: Int { dense.inputSize }
  /// V, the number of classes.
  public var classes: Int { dense.outputSize }

  /// What forward keeps: its output, or the gradients of the loss.
  public struct Cache: Sendable {
    var dense: Dense<Element>.Cache
    var output: Tensor<Element>?
    var gradients: LossGradients<Element>?
  }

  public func makeCache() -> Cache { Cache(dense: dense.makeCache()) }

  @specialized(where Element == Float)
  public func forward(
    _ input: Tensor<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    var y = dense.forward(input, cache: &cache.dense, in: context)
    y.logSoftmaxInPlace(threads: context.threads)
    if context.mode == .training { cache.output = y }
    return y
  }

  @specialized(where Element == Float)
  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Void, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let output = cache.output.take() else {
      fatalError("DenseSoftmax: backward without a forward in training before")
    }
    Self.require(
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
    return dense.backward(dz, cache: &cache.dense, in: context)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try dense.visitParameters(visit)
  }

  public var inputFeatures: Int? { dense.inputSize }

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
      Threads.forEachRange(rows, threads: threads, grain: 64) { range in
        guard let z = z.map({ $0 + range.lowerBound * columns }) else { return }
        unroll_log_softmax(Element.kernelType, range.count, columns, z, z)
      }
    }
  }
}
