import UnrollFiles

extension Tensor {
  /// The elements in one step of axis 0.
  private var stepCount: Int { shape.dropFirst().reduce(1, *) }

  /// Step `t` of a sequence: `[T, ...]` gives `[...]`.
  @specialized(where Element == Float)
  public func step(_ t: Int) -> Tensor { steps(t..<(t + 1)).reshaped(Array(shape.dropFirst())) }

  /// Some steps of a sequence: `[T, ...]` gives `[n, ...]`.
  @specialized(where Element == Float)
  public func steps(_ range: Range<Int>) -> Tensor {
    require(
      rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0],
      "steps \(range) of the shape \(shape)")
    guard range.count < shape[0] else { return self }
    let width = stepCount
    return Tensor(uninitialized: [range.count] + shape.dropFirst()) { y in
      withUnsafeBufferPointer { x in
        _ = y.update(fromContentsOf: x[(range.lowerBound * width)..<(range.upperBound * width)])
      }
    }
  }

  /// Puts a tensor in the place of some steps.
  @specialized(where Element == Float)
  public mutating func setSteps(_ range: Range<Int>, to value: Tensor) {
    require(
      rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0]
        && value.shape == [range.count] + shape.dropFirst(),
      "steps of shape \(value.shape) as steps \(range) of the shape \(shape)")
    let width = stepCount
    withUnsafeMutableBufferPointer { x in
      value.withUnsafeBufferPointer { v in
        _ = x[(range.lowerBound * width)..<(range.upperBound * width)].update(fromContentsOf: v)
      }
    }
  }

  /// Puts a tensor in the place of step `t`.
  @specialized(where Element == Float)
  public mutating func setStep(_ t: Int, to value: Tensor) {
    setSteps(t..<(t + 1), to: value.reshaped([1] + value.shape))
  }

  /// Rows of axis 0 in a new order, each as often as it is named: streams of a state, for instance.
  @specialized(where Element == Float)
  public func gathering(_ indices: [Int]) -> Tensor {
    require(
      rank > 0 && indices.allSatisfy { $0 >= 0 && $0 < shape[0] },
      "rows \(indices) of the shape \(shape)")
    let width = stepCount
    return Tensor(uninitialized: [indices.count] + shape.dropFirst()) { y in
      withUnsafeBufferPointer { x in
        for (to, from) in indices.enumerated() {
          _ = y[(to * width)..<((to + 1) * width)]
            .update(fromContentsOf: x[(from * width)..<((from + 1) * width)])
        }
      }
    }
  }

  /// Some columns of the last axis: `[..., F]` gives `[..., n]`.
  @specialized(where Element == Float)
  public func columns(_ range: Range<Int>) -> Tensor {
    require(
      rank > 0 && range.lowerBound >= 0 && range.upperBound <= columns,
      "columns \(range) of the shape \(shape)")
    guard range.count < columns else { return self }
    let (rows, width) = (rows, columns)
    return Tensor(uninitialized: shape.dropLast() + [range.count]) { y in
      withUnsafeBufferPointer { x in
        for r in 0..<rows {
          for j in 0..<range.count { y[r * range.count + j] = x[r * width + range.lowerBound + j] }
        }
      }
    }
  }

  /// The columns in blocks of equal size, as the gates of a cell lie side by side: `[..., n F]` gives n
  /// times `[..., F]`.
  ///
  /// - Precondition: the number of columns is a multiple of `count`.
  @specialized(where Element == Float)
  public func columnBlocks(_ count: Int) -> [Tensor] {
    require(
      count > 0 && columns % count == 0, "\(count) blocks of columns of the shape \(shape)")
    let width = columns / count
    return (0..<count).map { columns(($0 * width)..<(($0 + 1) * width)) }
  }

  /// Puts a tensor in the place of some columns of the last axis.
  @specialized(where Element == Float)
  public mutating func setColumns(_ range: Range<Int>, to value: Tensor) {
    require(
      rank > 0 && range.lowerBound >= 0 && range.upperBound <= columns
        && value.shape == shape.dropLast() + [range.count],
      "columns of shape \(value.shape) as columns \(range) of the shape \(shape)")
    let (rows, width) = (rows, columns)
    withUnsafeMutableBufferPointer { x in
      value.withUnsafeBufferPointer { v in
        for r in 0..<rows {
          for j in 0..<range.count { x[r * width + range.lowerBound + j] = v[r * range.count + j] }
        }
      }
    }
  }

  /// Tensors side by side along the last axis: `[..., F]` and `[..., G]` give `[..., F + G]`.
  ///
  /// - Precondition: there is at least one, and their other axes are the same.
  @specialized(where Element == Float)
  public static func concatenatingColumns(_ parts: Tensor...) -> Tensor {
    concatenatingColumns(parts)
  }

  /// Tensors side by side along the last axis.
  ///
  /// - Precondition: there is at least one, and their other axes are the same.
  @specialized(where Element == Float)
  public static func concatenatingColumns(_ parts: [Tensor]) -> Tensor {
    let others = parts.first?.shape.dropLast() ?? []
    require(!parts.isEmpty, "concatenatingColumns: of no tensors")
    require(
      parts.allSatisfy { $0.shape.dropLast() == others },
      "columns of the shapes \(parts.map(\.shape)) side by side")
    var joined = Tensor(uninitialized: others + [parts.reduce(0) { $0 + $1.columns }]) { _ in }
    var start = 0
    for part in parts {
      joined.setColumns(start..<(start + part.columns), to: part)
      start += part.columns
    }
    return joined
  }

  /// Some streams of a sequence: `[T, B, F]` gives `[T, b, F]`.
  @specialized(where Element == Float)
  public func streams(_ range: Range<Int>) -> Tensor {
    require(
      rank > 1 && range.lowerBound >= 0 && range.upperBound <= shape[1],
      "streams \(range) of the shape \(shape)")
    guard range.count < shape[1] else { return self }
    let (time, batch, width) = (shape[0], shape[1], shape.dropFirst(2).reduce(1, *))
    return Tensor(uninitialized: [time, range.count] + shape.dropFirst(2)) { y in
      withUnsafeBufferPointer { x in
        for t in 0..<time {
          let from = (t * batch + range.lowerBound) * width
          _ = y[(t * range.count * width)...]
            .update(fromContentsOf: x[from..<(from + range.count * width)])
        }
      }
    }
  }

  /// Puts a tensor in the place of some streams.
  @specialized(where Element == Float)
  public mutating func setStreams(_ range: Range<Int>, to value: Tensor) {
    require(
      rank > 1 && range.lowerBound >= 0 && range.upperBound <= shape[1]
        && value.shape == [shape[0], range.count] + shape.dropFirst(2),
      "streams of shape \(value.shape) as streams \(range) of the shape \(shape)")
    let (time, batch, width) = (shape[0], shape[1], shape.dropFirst(2).reduce(1, *))
    withUnsafeMutableBufferPointer { x in
      value.withUnsafeBufferPointer { v in
        for t in 0..<time {
          let from = t * range.count * width
          _ = x[((t * batch + range.lowerBound) * width)...]
            .update(fromContentsOf: v[from..<(from + range.count * width)])
        }
      }
    }
  }

  /// Each stream with its steps in the opposite order: the first `lengths[b]` of stream `b`, all
  /// where there are no lengths. Steps beyond a length become zero.
  @specialized(where Element == Float)
  public func reversingSteps(lengths: [Int]?) -> Tensor {
    expectLengths(lengths)
    let (time, batch, width) = (shape[0], shape[1], shape.dropFirst(2).reduce(1, *))
    return Tensor(uninitialized: shape) { y in
      withUnsafeBufferPointer { x in
        for t in 0..<time {
          for b in 0..<batch {
            let to = (t * batch + b) * width
            let length = lengths?[b] ?? time
            if t < length {
              let from = ((length - 1 - t) * batch + b) * width
              _ = y[to..<(to + width)].update(fromContentsOf: x[from..<(from + width)])
            } else {
              y[to..<(to + width)].update(repeating: 0)
            }
          }
        }
      }
    }
  }

  /// A sequence whose steps beyond the length of their stream are zero.
  @specialized(where Element == Float)
  public func zeroingSteps(beyond lengths: [Int]?) -> Tensor {
    expectLengths(lengths)
    guard let lengths, lengths.contains(where: { $0 < shape[0] }) else { return self }
    let (time, batch, width) = (shape[0], shape[1], shape.dropFirst(2).reduce(1, *))
    var result = self
    result.withUnsafeMutableBufferPointer { y in
      for b in 0..<batch {
        for t in lengths[b]..<time {
          let row = (t * batch + b) * width
          y[row..<(row + width)].update(repeating: 0)
        }
      }
    }
    return result
  }

  @specialized(where Element == Float)
  private func expectLengths(_ lengths: [Int]?) {
    require(
      rank > 1
        && lengths.map { $0.count == shape[1] && $0.allSatisfy { $0 >= 0 && $0 <= shape[0] } }
          ?? true,
      "the lengths \(lengths ?? []) of streams of the shape \(shape)")
  }
}
