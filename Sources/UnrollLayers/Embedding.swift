import CUnrollKernels
import UnrollCore

/// A vector for each token: row `id` of a table.
///
///     y_t = W[id_t]        dW[id] = sum of dy_t over the positions where id_t = id
///
/// # Shapes
/// Input: tokens `[T, B]`; output `[T, B, E]`. `weight [V, E]` begins normal, of deviation 1.
public struct Embedding<Element: Scalar>: StatelessLayer {
  /// The table, `[V, E]`.
  public var weight: Parameter<Element>

  /// - Parameters:
  ///   - vocabularySize: V, the number of tokens.
  ///   - dimension: E, the length of a vector.
  public init(vocabularySize: Int, dimension: Int) {
    self.init(vocabularySize, dimension)
  }

  /// An embedding by this table, `[V, E]`.
  public init(weight: Parameter<Element>) {
    Self.require(weight.shape.count == 2, "Embedding: a table of shape \(weight.shape), not [V, E]")
    self.weight = weight
  }

  private init(_ vocabularySize: Int, _ dimension: Int) {
    Self.require(
      vocabularySize > 0 && dimension > 0,
      "Embedding: vocabularySize \(vocabularySize), dimension \(dimension)")
    weight = Parameter([vocabularySize, dimension], .normal(standardDeviation: 1))
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    weight = try container.decode(Parameter<Element>.self, forKey: .weight)
    try decoder.expect(weight.shape.count == 2, "\(weight.shape) is no table of vectors")
  }

  public func makeCache() -> Tokens? { nil }

  @specialized(where Element == Float)
  public func forward(
    _ input: Tokens, cache: inout Tokens?, in context: Context
  ) -> Tensor<Element> {
    let (vocabulary, dimension) = (weight.shape[0], weight.shape[1])
    if context.mode == .training { cache = input }
    return Tensor(uninitialized: [input.time, input.batch, dimension]) { y in
      weight.value.withUnsafeBufferPointer { w in
        for (position, id) in input.ids.enumerated() {
          Self.require(
            id >= 0 && id < vocabulary, "Embedding: token \(id) of a vocabulary of \(vocabulary)")
          let row = Int(id) * dimension
          _ = y[(position * dimension)...]
            .update(fromContentsOf: w[row..<(row + dimension)])
        }
      }
    }
  }

  @specialized(where Element == Float)
  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Tokens?, in context: Context
  ) -> NoGradient {
    guard let tokens = cache.take() else {
      fatalError("Embedding: backward without a forward in training before")
    }
    let dimension = weight.shape[1]
    gradient.expectShape(
      [tokens.time, tokens.batch, dimension], axes: "TBE", of: "Embedding output gradient")
    weight.gradient.withUnsafeMutableBufferPointer { dw in
      gradient.withUnsafeBufferPointer { dy in
        // From the last position to the first, as all gradients are summed.
        for (position, id) in tokens.ids.enumerated().reversed() {
          let (row, from) = (Int(id) * dimension, position * dimension)
          guard let dw = dw.baseAddress, let dy = dy.baseAddress else { return }
          unroll_add(Element.kernelType, dimension, dy + from, dw + row)
        }
      }
    }
    return NoGradient()
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("weight", &weight)
  }

  public func checkInput(_ input: Tokens) throws {
    try input.check(vocabularySize: weight.shape[0])
    try checkInputShape(input)
  }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 2 else {
      throw ShapeError(Self.kind, expected: "tokens [T, B]", got: input)
    }
    return input + [weight.shape[1]]
  }
}

extension Embedding where Element == Float {
  /// - Parameters:
  ///   - vocabularySize: V, the number of tokens.
  ///   - dimension: E, the length of a vector.
  public init(vocabularySize: Int, dimension: Int) {
    self.init(vocabularySize, dimension)
  }
}

extension Tokens {
  /// - Throws: ``InputError`` for an id that a vocabulary does not have, with its place.
  func check(vocabularySize: Int) throws {
    guard let place = ids.firstIndex(where: { $0 < 0 || $0 >= vocabularySize }) else { return }
    throw InputError(
      "token \(ids[place]) at step \(place / batch) of stream \(place % batch) is not one of the "
        + "\(vocabularySize) from 0 on")
  }
}
