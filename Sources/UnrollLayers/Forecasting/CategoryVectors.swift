import UnrollCore

/// A vector for each window: the sum of one for each of its categories.
///
///     y_b = sum over s of V_s[id_sb]
///
/// # Shapes
/// Categories `[S, B]`, output `[B, E]`; of S tables, `[V_s, E]`.
struct CategoryVectors<Element: Scalar>: Codable, Sendable {
  var tables: [Parameter<Element>]

  init(sizes: [Int], dimension: Int) {
    tables = sizes.map { Parameter([$0, dimension], .normal(standardDeviation: 0.1)) }
  }

  /// Adds the vectors of the windows to rows of `[B * repeats, E]`, a window's rows beside each other.
  func add(to rows: inout Tensor<Element>, of categories: Tokens, repeats: Int) {
    let width = rows.columns
    rows.withUnsafeMutableBufferPointer { y in
      for (s, table) in tables.enumerated() {
        table.value.withUnsafeBufferPointer { v in
          Self.forEachRow(s, categories, repeats) { row, id in
            for j in 0..<width { y[row * width + j] += v[id * width + j] }
          }
        }
      }
    }
  }

  /// Adds to the gradients of the tables, given that of the rows.
  mutating func accumulate(_ gradient: Tensor<Element>, of categories: Tokens, repeats: Int) {
    let width = gradient.columns
    for s in tables.indices {
      tables[s].gradient.withUnsafeMutableBufferPointer { dv in
        gradient.withUnsafeBufferPointer { dy in
          // From the last row to the first, as all gradients are summed.
          Self.forEachRow(s, categories, repeats, reversed: true) { row, id in
            for j in 0..<width { dv[id * width + j] += dy[row * width + j] }
          }
        }
      }
    }
  }

  private static func forEachRow(
    _ s: Int, _ categories: Tokens, _ repeats: Int, reversed: Bool = false,
    _ body: (_ row: Int, _ id: Int) -> Void
  ) {
    let rows = categories.batch * repeats
    for i in 0..<rows {
      let row = reversed ? rows - 1 - i : i
      body(row, Int(categories.ids[s * categories.batch + row / repeats]))
    }
  }

  /// The ids are to be those of the tables.
  func problem(of categories: Tokens) -> String? {
    if categories.time != tables.count {
      return "\(categories.time) categories where there are \(tables.count)"
    }
    for (s, table) in tables.enumerated() {
      for b in 0..<categories.batch {
        let id = categories.ids[s * categories.batch + b]
        if id < 0 || id >= table.shape[0] {
          return "the id \(id) of a category that has \(table.shape[0])"
        }
      }
    }
    return nil
  }

  mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    for s in tables.indices { try visit("category\(s)", &tables[s]) }
  }
}
