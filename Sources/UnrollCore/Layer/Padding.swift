import UnrollFiles

// What padded sequences ask of a layer: a stream's results, and what it adds to the gradients, are
// those of the stream alone, whatever the steps beyond its length hold.
extension Context {
  /// The number of steps of each stream that count: ``lengths``, and all where there are none.
  ///
  /// - Precondition: there is a length for each stream, in `0...time`.
  public func resolvedLengths(time: Int, batch: Int) -> [Int] {
    guard let lengths else { return Array(repeating: time, count: batch) }
    require(
      lengths.count == batch && lengths.allSatisfy { $0 >= 0 && $0 <= time },
      "the lengths \(lengths) are not \(batch) numbers in 0...\(time)")
    return lengths
  }

  /// The streams that begin anew, or `nil` for none: ``restarts``, of so many streams.
  ///
  /// - Precondition: there is one for each stream.
  public func resolvedRestarts(batch: Int) -> [Bool]? {
    if let restarts {
      require(restarts.count == batch, "\(restarts.count) restarts for \(batch) streams")
    }
    return restarts
  }
}

extension Tensor {
  /// A sequence `[T, B, ...]` with zeros beyond the length of each stream; what has fewer axes, such
  /// as `[B, F]`, is no sequence and stays as it is.
  ///
  /// A layer whose gradient is a product with its input works on this, and returns a gradient of
  /// this form: padding may hold anything, and zero times what is not a number is not zero.
  public func zeroingPadding(in context: Context) -> Tensor {
    rank > 2 ? zeroingSteps(beyond: context.lengths) : self
  }
}
