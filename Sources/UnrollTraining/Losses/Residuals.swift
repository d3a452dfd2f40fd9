import UnrollCore
import UnrollFiles

/// The differences of an output and its target where they count, for the losses that are functions
/// of them.
///
/// What does not count: the steps of a sequence `[T, B, F]` beyond a stream's length, and, where the
/// steps were pooled to `[B, F]`, the streams of length 0.
struct Residuals<Element: Scalar> {
  private let output: Tensor<Element>
  private let target: Tensor<Element>
  private let context: Context

  /// - Parameter loss: what is told where the shapes do not agree.
  init(
    _ output: Tensor<Element>, _ target: Tensor<Element>, in context: Context, loss: String
  ) {
    require(
      output.rank >= 2 && output.shape == target.shape,
      "\(loss): a target of shape \(target.shape) for an output of shape \(output.shape)")
    self.output = output
    self.target = target
    self.context = context
  }

  /// The sum of a function of each difference, and their number.
  @inline(__always)
  func sum(_ value: (Element) -> Element) -> LossSum { sum(byColumn: { value($1) }) }

  /// A function of each difference; zero where there is none.
  @inline(__always)
  func map(_ slope: (Element) -> Element) -> Tensor<Element> { map(byColumn: { slope($1) }) }

  /// The sum of a function of each difference and its column, and their number.
  @inline(__always)
  func sum(byColumn value: (Int, Element) -> Element) -> LossSum {
    var sum = LossSum()
    output.withUnsafeBufferPointer { y in
      target.withUnsafeBufferPointer { t in
        forEachRow { row, weight in
          for i in row { sum.total += weight * Double(value(i - row.lowerBound, y[i] - t[i])) }
          sum.count += row.count
          sum.weight += weight * Double(row.count)
        }
      }
    }
    return sum
  }

  /// A function of each difference and its column; zero where there is none.
  @inline(__always)
  func map(byColumn slope: (Int, Element) -> Element) -> Tensor<Element> {
    var gradient = Tensor<Element>(shape: output.shape)
    gradient.withUnsafeMutableBufferPointer { dy in
      output.withUnsafeBufferPointer { y in
        target.withUnsafeBufferPointer { t in
          forEachRow { row, weight in
            for i in row { dy[i] = Element(weight) * slope(i - row.lowerBound, y[i] - t[i]) }
          }
        }
      }
    }
    return gradient
  }

  /// The elements of each row that counts, `F` of them, and its weight.
  @inline(__always)
  private func forEachRow(_ body: (Range<Int>, Double) -> Void) {
    let isSequence = output.rank > 2
    let (time, batch) = (isSequence ? output.shape[0] : 1, output.shape[isSequence ? 1 : 0])
    let width = output.shape.dropFirst(isSequence ? 2 : 1).reduce(1, *)
    // After pooling the lengths are those of the steps that were, and say only whether any were.
    let lengths =
      isSequence
      ? context.resolvedLengths(time: time, batch: batch)
      : context.lengths ?? Array(repeating: 1, count: batch)
    require(
      lengths.count == batch, "\(lengths.count) lengths for an output of shape \(output.shape)")
    let weights = context.targetWeights.positions(count: time * batch, of: "a loss of numbers")
    for t in 0..<time {
      for b in 0..<batch where t < lengths[b] {
        let first = (t * batch + b) * width
        body(first..<(first + width), weights?[t * batch + b] ?? 1)
      }
    }
  }
}
