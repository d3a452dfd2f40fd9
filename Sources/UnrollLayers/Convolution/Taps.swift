import UnrollCore

// What a convolution makes of a sequence: the steps that each step sees, side by side, and back.
extension Tensor {
  /// `[T + R, B, I]` gives `[T, B, K I]`: step t has the steps t, t + d, ... t + (K - 1) d, R being (K - 1) d.
  @specialized(where Element == Float)
  func taps(_ count: Int, _ dilation: Int, steps: Int) -> Tensor {
    let (batch, features) = (shape[1], shape[2])
    return Tensor(uninitialized: [steps, batch, count * features]) { y in
      withUnsafeBufferPointer { x in
        for row in 0..<(steps * batch) {
          for k in 0..<count {
            let (to, from) = ((row * count + k) * features, (row + k * dilation * batch) * features)
            _ = y[to..<(to + features)].update(fromContentsOf: x[from..<(from + features)])
          }
        }
      }
    }
  }

  /// Adds each tap of `[T, B, K I]` to the step that it was taken from.
  @specialized(where Element == Float)
  mutating func addTaps(_ taps: Tensor, _ count: Int, _ dilation: Int) {
    let (batch, features, rows) = (shape[1], shape[2], taps.rows)
    withUnsafeMutableBufferPointer { x in
      taps.withUnsafeBufferPointer { y in
        for row in 0..<rows {
          for k in 0..<count {
            let (from, to) = ((row * count + k) * features, (row + k * dilation * batch) * features)
            for f in 0..<features { x[to + f] += y[from + f] }
          }
        }
      }
    }
  }

  /// The numbers of a row, all axes but the last taken as one.
  @specialized(where Element == Float)
  func row(_ index: Int) -> [Element] {
    let width = shape[rank - 1]
    return withUnsafeBufferPointer { Array($0[(index * width)..<((index + 1) * width)]) }
  }

  @specialized(where Element == Float)
  mutating func setRow(_ index: Int, to row: [Element]) {
    withUnsafeMutableBufferPointer { x in
      _ = x[(index * row.count)..<((index + 1) * row.count)].update(fromContentsOf: row)
    }
  }

  @specialized(where Element == Float)
  mutating func addToRow(_ index: Int, _ row: [Element]) {
    withUnsafeMutableBufferPointer { x in
      for (i, value) in row.enumerated() { x[index * row.count + i] += value }
    }
  }
}
