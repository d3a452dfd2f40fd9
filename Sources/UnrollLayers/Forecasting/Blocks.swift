import UnrollCore

// Rows of a window beside each other, in blocks.
extension Tensor {
  /// Adds a block `[M, E]` to every M rows of `[B M, E]`.
  mutating func addToBlocks(_ block: Tensor) {
    let size = block.count
    withUnsafeMutableBufferPointer { y in
      block.withUnsafeBufferPointer { x in
        for i in y.indices { y[i] += x[i % size] }
      }
    }
  }

  /// Adds the sum of the blocks of `[B M, E]` to this one, `[M, E]`, from the last block to the first.
  mutating func addSums(ofBlocksOf rows: Tensor) {
    let size = count
    withUnsafeMutableBufferPointer { y in
      rows.withUnsafeBufferPointer { x in
        for i in x.indices.reversed() { y[i % size] += x[i] }
      }
    }
  }

  /// The sum of every M rows of `[B M, E]`: `[B, E]`, from the last row of a block to the first.
  func summingNeighbors(_ neighbors: Int) -> Tensor {
    let width = columns
    var sums = Tensor(shape: [shape[0] / neighbors] + shape.dropFirst())
    sums.withUnsafeMutableBufferPointer { y in
      withUnsafeBufferPointer { x in
        for row in (0..<shape[0]).reversed() {
          for j in 0..<width { y[row / neighbors * width + j] += x[row * width + j] }
        }
      }
    }
    return sums
  }
}

extension Context {
  /// For layers whose steps are others than those of the sequences.
  var withoutLengths: Context {
    var context = self
    context.lengths = nil
    return context
  }
}
