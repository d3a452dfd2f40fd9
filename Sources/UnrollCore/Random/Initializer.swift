import UnrollFiles

/// How a parameter's first values are drawn.
public indirect enum Initializer: Sendable, Equatable {
  /// One number everywhere.
  case constant(Double)
  /// Uniform in `[-bound, bound]`.
  case uniform(bound: Double)
  /// Nearly normal, of mean 0.
  case normal(standardDeviation: Double)
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
  /// - Parameter threads: How many threads may work at once. No value depends on it.
  /// - Precondition: blocks divide axis 0; `orthogonal` and `glorot` have at least one axis.
  public func values(
    shape: [Int], from random: RandomSource, threads: Int = Threads.default
  ) -> [Double] {
    let count = shape.reduce(1, *)
    switch self {
    case .constant(let value):
      return Array(repeating: value, count: count)
    case .uniform(let bound):
      return Self.numbers(count, threads: threads) { (random.uniform($0) * 2 - 1) * bound }
    case .normal(let deviation):
      return Self.numbers(count, threads: threads) { random.normal($0) * deviation }
    case .glorot:
      let outputs = shape.first ?? 1
      let inputs = shape.dropFirst().reduce(1, *)
      let bound = (6 / Double(max(inputs + outputs, 1))).squareRoot()
      return Initializer.uniform(bound: bound).values(
        shape: shape, from: random, threads: threads)
    case .orthogonal:
      return Self.orthogonal(
        rows: shape.first ?? 1, columns: shape.dropFirst().reduce(1, *), from: random,
        threads: threads)
    case .blocks(let parts):
      let height = shape.first ?? 1
      require(
        !parts.isEmpty && height % parts.count == 0,
        "\(parts.count) blocks do not divide the shape \(shape)")
      let block = [height / parts.count] + shape.dropFirst()
      var values = [[Double]](repeating: [], count: parts.count)
      Threads.forEach(&values, threads: threads) { i, values in
        values = parts[i].values(
          shape: block, from: random.child(i), threads: max(1, threads / parts.count))
      }
      return values.flatMap(\.self)
    }
  }

  /// Numbers by their position, drawn by several threads.
  static func numbers(
    _ count: Int, threads: Int, _ number: @Sendable (Int) -> Double
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let base = buffer.baseAddress
      Threads.forEachRange(count, threads: threads, grain: 4096) { range in
        guard let base else { return }
        for i in range { base[i] = number(i) }
      }
      initialized = count
    }
  }
}
