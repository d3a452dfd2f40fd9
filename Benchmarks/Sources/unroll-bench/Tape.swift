import Synchronization
import Unroll

/// The batches that were taken from a source and not used again yet.
///
/// A class, because the source that writes it and the one that reads it share it.
final class Tape: Sendable {
  typealias Entry = Batch<Tensor<Float>, Tensor<Float>>

  private let batches = Mutex<[Entry]>([])

  func append(_ batch: Entry) { batches.withLock { $0.append(batch) } }

  func takeFirst() -> Entry { batches.withLock { $0.removeFirst() } }
}

/// A source that keeps what it gives.
struct Recorded<Source: BatchSource<Tensor<Float>, Tensor<Float>>>: BatchSource {
  var source: Source
  let tape: Tape

  var batchSize: Int { source.batchSize }
  var batchesPerEpoch: Int { source.batchesPerEpoch }
  var failure: (any Error)? { source.failure }
  var position: Source.Position {
    get { source.position }
    set { source.position = newValue }
  }

  mutating func next() -> Tape.Entry {
    let batch = source.next()
    tape.append(batch)
    return batch
  }
}

/// The batches that another source has given, once more.
struct Replayed: BatchSource {
  let tape: Tape
  let batchSize: Int
  let batchesPerEpoch: Int
  var position = 0

  mutating func next() -> Tape.Entry {
    position += 1
    return tape.takeFirst()
  }
}
