/// How a parameter's first values are drawn.
public indirect enum Initializer: Sendable, Equatable {
  /// One number everywhere.
  case constant(Double)
  /// Uniform in `[-bound, bound]`.
  case uniform(bound: Double)
  /// Nearly normal, of mean 0.
  case normal(deviation: Double)
  /// Uniform with bound `sqrt(6 / (fanIn + fanOut))`, axis 0 being the outputs (Glorot and Bengio
  /// 2010).
  case glorot
  /// Rows, or columns where there are more rows, that are orthogonal and of length 1 (Saxe et al.
  /// 2014).
  case orthogonal
  /// Axis 0 in blocks of equal height, each by an initializer of its own: the gates of a cell.
  case blocks([Initializer])

  public static var zeros: Initializer { .constant(0) }
  public static var ones: Initializer { .constant(1) }

  /// The same initializer for each of `count` gates.
  public static func gates(_ count: Int, _ initializer: Initializer) -> Initializer {
    .blocks(Array(repeating: initializer, count: count))
  }

  /// The values of a parameter of this shape, in row-major order.
  ///
  /// - Precondition: blocks divide axis 0; `orthogonal` and `glorot` have at least one axis.
  public func values(shape: [Int], from random: RandomSource) -> [Double] {
    let count = shape.reduce(1, *)
    switch self {
    case .constant(let value):
      return Array(repeating: value, count: count)
    case .uniform(let bound):
      return (0..<count).map { (random.uniform($0) * 2 - 1) * bound }
    case .normal(let deviation):
      return (0..<count).map { random.normal($0) * deviation }
    case .glorot:
      let outputs = shape.first ?? 1
      let inputs = shape.dropFirst().reduce(1, *)
      let bound = (6 / Double(max(inputs + outputs, 1))).squareRoot()
      return Initializer.uniform(bound: bound).values(shape: shape, from: random)
    case .orthogonal:
      return Self.orthogonal(
        rows: shape.first ?? 1, columns: shape.dropFirst().reduce(1, *), random)
    case .blocks(let parts):
      let height = shape.first ?? 1
      require(
        !parts.isEmpty && height % parts.count == 0,
        "\(parts.count) blocks do not divide the shape \(shape)")
      let block = [height / parts.count] + shape.dropFirst()
      return parts.enumerated().flatMap { $1.values(shape: block, from: random.child($0)) }
    }
  }

  /// Gram-Schmidt, with each projection taken off twice so that rounding does not add up.
  private static func orthogonal(rows: Int, columns: Int, _ random: RandomSource) -> [Double] {
    guard rows <= columns else {
      let transposed = orthogonal(rows: columns, columns: rows, random)
      return (0..<(rows * columns)).map { transposed[$0 % columns * rows + $0 / columns] }
    }
    var q = (0..<(rows * columns)).map { random.normal($0) }
    q.withUnsafeMutableBufferPointer { q in
      for r in 0..<rows {
        let row = r * columns
        for earlier in Array(0..<r) + Array(0..<r) {
          var dot = 0.0
          for j in 0..<columns { dot += q[row + j] * q[earlier * columns + j] }
          for j in 0..<columns { q[row + j] -= dot * q[earlier * columns + j] }
        }
        var square = 0.0
        for j in 0..<columns { square += q[row + j] * q[row + j] }
        let length = square.squareRoot()
        for j in 0..<columns { q[row + j] /= length }
      }
    }
    return q
  }
}
