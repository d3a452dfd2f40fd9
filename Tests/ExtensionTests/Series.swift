// The source and the loss of the article Getting Started.
import Unroll

/// One series of numbers in chunks, one after another; the target of a step is the number after it.
struct Series: BatchSource {
  let values: [Float]
  let chunkLength: Int
  let batchSize = 1
  var position = 0

  var batchesPerEpoch: Int { (values.count - 1) / chunkLength }

  mutating func next() -> Batch<Tensor<Float>, Tensor<Float>> {
    let start = position * chunkLength
    func chunk(from first: Int) -> Tensor<Float> {
      Tensor(shape: [chunkLength, 1, 1], scalars: Array(values[first..<(first + chunkLength)]))
    }
    let isFirst = position == 0
    position = (position + 1) % batchesPerEpoch
    return Batch(
      input: chunk(from: start), target: chunk(from: start + 1),
      streams: isFirst ? .fresh : .continued)
  }
}

/// loss = sum of (y - target)^2 / 2        dy = y - target
struct SquaredError: Loss {
  func loss(
    _ y: Tensor<Float>, of target: Tensor<Float>, in context: Context
  ) -> LossSum {
    LossSum(total: (y - target).sumOfSquares() / 2, count: y.count)
  }

  func gradient(
    _ y: Tensor<Float>, of target: Tensor<Float>, scale: Double, in context: Context
  ) -> Tensor<Float> {
    (y - target) * Float(scale)
  }
}
