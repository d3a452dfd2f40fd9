import UnrollCore

/// A weighted mean of the steps of each stream, of which the weights are learned: what counts more, wherever it is
/// (Yang et al. 2016).
///
///     u_t = tanh(W x_t + b)        s_t = v . u_t        a = softmax over t of s        y = sum of a_t x_t
///
///     ds_t = a_t (x_t . dy - sum over s of a_s x_s . dy)        dx_t = a_t dy + W^T (ds_t v (1 - u_t^2))
///
/// Steps beyond a stream's length have no weight; a stream of length 0 gives zeros. The steps are those of one chunk: give
/// each sequence whole.
///
/// # Shapes
/// Input `[T, B, F]`, output `[B, F]`; `weight [A, F]` and `bias [A]` as in ``Dense``, `query [A]` begins by Glorot's rule.
public struct AttentionPooling<Element: Scalar>: StatelessLayer {
  var projection: Dense<Element>
  /// v, as a map to one number: `weight [1, A]`.
  var query: Parameter<Element>

  /// What forward keeps.
  public struct Cache: Sendable {
    var projection: Dense<Element>.Cache
    var input: Tensor<Element>?
    var hidden: Tensor<Element>?
    /// a, `[B, T]`.
    var weights: Tensor<Element>?
  }

  /// - Parameters:
  ///   - inputSize: F, the features of a step.
  ///   - attentionSize: A, the features by which steps are weighed.
  public init(inputSize: Int, attentionSize: Int) { self.init(inputSize, attentionSize) }

  private init(_ inputSize: Int, _ attentionSize: Int) {
    Self.require(
      inputSize > 0 && attentionSize > 0,
      "AttentionPooling: inputSize \(inputSize), attentionSize \(attentionSize)")
    projection = Dense(inputSize: inputSize, outputSize: attentionSize)
    query = Parameter([1, attentionSize], .glorot)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(Dense<Element>.self, forKey: .projection)
    query = try container.decode(Parameter<Element>.self, forKey: .query)
    try decoder.expect(
      query.shape == [1, projection.outputSize],
      "a query \(query.shape) for \(projection.outputSize) features")
  }

  /// F, the features of a step.
  public var inputSize: Int { projection.inputSize }

  public var isCausal: Bool { false }
  public func ends(after input: SequenceEnds) throws -> SequenceEnds { .pooled }
  public func makeCache() -> Cache { Cache(projection: projection.makeCache()) }

  public func forward(
    _ input: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, inputSize], axes: "TBF", of: "AttentionPooling input")
    let (time, batch) = (input.shape[0], input.shape[1])
    let lengths = context.resolvedLengths(time: time, batch: batch)
    let input = input.zeroingPadding(in: context)
    var hidden = projection.forward(input, cache: &cache.projection, in: context)
    let count = hidden.count
    hidden.withUnsafeMutableBufferPointer { u in
      if let u = u.baseAddress { ActivationFunction.tanh.apply(count, u) }
    }
    let scores = Tensor.product(hidden.matrix, query.value.transposed, threads: context.threads)
      .reshaped([time, batch]).flipped()
    let weights = scores.softmax { 0..<lengths[$0] }
    if context.mode == .training {
      (cache.input, cache.hidden, cache.weights) = (input, hidden, weights)
    }
    return input.weightedSums(weights)
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    guard let input = cache.input.take(), let hidden = cache.hidden.take(),
      let weights = cache.weights.take()
    else { fatalError("AttentionPooling: backward without a forward in training before") }
    let (time, batch) = (input.shape[0], input.shape[1])
    gradient.expectShape([batch, inputSize], axes: "BF", of: "AttentionPooling output gradient")
    // d(scores), [B, T].
    let scores = weights.softmaxGradient(input.dotProducts(with: gradient))
    var inner = Tensor.product(
      scores.flipped().reshaped([time * batch, 1]).matrix, query.value.matrix,
      threads: context.threads)
    query.gradient.addProduct(
      scores.flipped().reshaped([time * batch, 1]).transposed, hidden.matrix,
      threads: context.threads)
    inner = inner.combined(with: hidden.reshaped(inner.shape)) { $0 * (1 - $1 * $1) }
    var result = projection.backward(
      inner.reshaped(hidden.shape), cache: &cache.projection, in: context)
    result.addOuterProducts(weights, gradient)
    return result.zeroingPadding(in: context)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
    try visit("query", &query)
  }

  public var inputFeatures: Int? { inputSize }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == inputSize else {
      throw ShapeError(Self.kind, expected: "[T, B, \(inputSize)]", got: input)
    }
    return Array(input.dropFirst())
  }
}

extension AttentionPooling where Element == Float {
  /// - Parameters:
  ///   - inputSize: F, the features of a step.
  ///   - attentionSize: A, the features by which steps are weighed.
  public init(inputSize: Int, attentionSize: Int) { self.init(inputSize, attentionSize) }
}

// Sequences `[T, B, F]` with a weight for each step, `[B, T]`.
extension Tensor {
  /// `[M, N]` gives `[N, M]`.
  @specialized(where Element == Float)
  fileprivate func flipped() -> Tensor {
    let (m, n) = (shape[0], shape[1])
    return Tensor(uninitialized: [n, m]) { y in
      withUnsafeBufferPointer { x in
        for i in 0..<m { for j in 0..<n { y[j * m + i] = x[i * n + j] } }
      }
    }
  }

  /// The sum over time of weights times steps, `[B, F]`.
  @specialized(where Element == Float)
  fileprivate func weightedSums(_ weights: Tensor) -> Tensor {
    let (time, batch, features) = (shape[0], shape[1], shape[2])
    var sums = Tensor(shape: [batch, features])
    sums.withUnsafeMutableBufferPointer { y in
      withUnsafeBufferPointer { x in
        weights.withUnsafeBufferPointer { a in
          for t in 0..<time {
            for b in 0..<batch {
              let (weight, from) = (a[b * time + t], (t * batch + b) * features)
              for f in 0..<features { y[b * features + f] += weight * x[from + f] }
            }
          }
        }
      }
    }
    return sums
  }

  /// Each step times the row of its stream, `[B, T]`.
  @specialized(where Element == Float)
  fileprivate func dotProducts(with rows: Tensor) -> Tensor {
    let (time, batch, features) = (shape[0], shape[1], shape[2])
    return Tensor(uninitialized: [batch, time]) { y in
      withUnsafeBufferPointer { x in
        rows.withUnsafeBufferPointer { r in
          for t in 0..<time {
            for b in 0..<batch {
              let from = (t * batch + b) * features
              var sum: Element = 0
              for f in 0..<features { sum += x[from + f] * r[b * features + f] }
              y[b * time + t] = sum
            }
          }
        }
      }
    }
  }

  /// Adds to each step its weight times the row of its stream.
  @specialized(where Element == Float)
  fileprivate mutating func addOuterProducts(_ weights: Tensor, _ rows: Tensor) {
    let (time, batch, features) = (shape[0], shape[1], shape[2])
    withUnsafeMutableBufferPointer { x in
      weights.withUnsafeBufferPointer { a in
        rows.withUnsafeBufferPointer { r in
          for t in 0..<time {
            for b in 0..<batch {
              let (weight, to) = (a[b * time + t], (t * batch + b) * features)
              for f in 0..<features { x[to + f] += weight * r[b * features + f] }
            }
          }
        }
      }
    }
  }
}
