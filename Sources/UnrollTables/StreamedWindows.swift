import UnrollCore
import UnrollFiles
import UnrollSeries

/// Windows of the series in a table that may be larger than the memory, to learn to predict what follows: read
/// from the file in every pass, in another order each time.
///
///     let table = TableDescription(time: "date", keys: ["site"], numbers: ["load", "wind"])
///     let source = try StreamedWindows(
///       TableWindows("load.csv", table, rows: 168 + 24), horizon: 24, inputs: ["load", "wind"],
///       targets: ["load"], scales: ["load": ColumnScale(center: 310, width: 84)],
///       shuffleBuffer: 100_000, batchSize: 64)
///
/// The windows are read in blocks, each of which is shuffled: a window changes places with those that end near
/// it in the file. While one block is trained on, a thread of its own reads the next. So there are at most two
/// blocks in the memory, however long the file is; and of a block each row once, as floats, if windows of the
/// same series overlap.
///
/// The order follows from the seed and the position. Going back to a position, as a resumed run does, reads the
/// file from its beginning up to there, once.
///
/// The file is read once when the source is made: to refuse what is malformed before anything is trained, and
/// to count. It has to stay as it is: every block is compared with what it was then, before it is used. Where
/// it is another, or cannot be read, there is a ``failure``, which a trainer throws.
///
/// Windows in whose rows an input or a target is missing or not finite are left out.
/// Every batch has `batchSize` streams; the last one of a pass may have some of length 0.
///
/// # Shapes
/// Inputs `[T, B, F]`. Of C columns that are predicted, H rows ahead, targets are `[B, H * C]`: the first row's
/// columns, then the second row's.
public struct StreamedWindows: BatchSource {
  public let batchSize: Int
  /// The rows that are predicted, H.
  public let horizon: Int
  /// The windows of a block, a multiple of ``batchSize``.
  public let shuffleBuffer: Int
  private let blocks: WindowBlocks
  private let random: RandomSource?
  private var current: SourcePosition
  /// The block that is used.
  private var held: Held?
  /// The block after it.
  private var ahead: (place: Place, held: Background<Held>)?
  public private(set) var failure: (any Error)?

  /// Which block of which pass.
  private struct Place: Equatable {
    var epoch: Int
    var block: Int
  }

  private struct Held: Sendable {
    let place: Place
    let block: Result<WindowBlock, any Error>
    let order: [Int]
    /// What has read it, and reads the next one.
    let reader: BlockReader
  }

  /// Reads the file once, and counts its windows.
  ///
  /// - Parameters:
  ///   - windows: The windows, T + H rows each, of a file that can be read again.
  ///   - horizon: The rows of a window that are predicted, H, at least 1 and fewer than it has.
  ///   - inputs: The columns of numbers that are seen, F.
  ///   - targets: The columns of numbers that are predicted, C.
  ///   - scales: How numbers of a column become those that a model sees; without one they stay as they are.
  ///     Take them from rows to learn from.
  ///   - shuffleBuffer: The windows of a block, at least 1, taken to the next multiple of `batchSize`.
  ///   - batchSize: Windows in a batch, B, at least 1.
  ///   - seed: What decides the orders; with `nil` windows come as the file has their last rows.
  /// - Throws: ``FileError``, ``CSVError``, ``SeriesError`` where a column is not there or there is no window.
  public init(
    _ windows: TableWindows, horizon: Int, inputs: [String], targets: [String],
    scales: [String: ColumnScale] = [:], shuffleBuffer: Int, batchSize: Int, seed: UInt64? = 1
  ) throws {
    let sizes = 1..<(1 << 40)
    require(
      (1..<windows.rows).contains(horizon) && sizes.contains(shuffleBuffer)
        && sizes.contains(batchSize),
      "StreamedWindows: \(horizon) of \(windows.rows) rows to predict, \(shuffleBuffer) windows in a "
        + "block, batches of \(batchSize)")
    require(
      !inputs.isEmpty && !targets.isEmpty && Set(inputs + targets).isSuperset(of: scales.keys),
      "StreamedWindows: the inputs \(inputs), the targets \(targets), scales of "
        + "\(scales.keys.sorted())")
    let path = windows.reader.path
    if path == "-" { throw FileError(path: "standard input", problem: .notRegular) }
    // What can be read once only would be empty in the next pass.
    _ = try InputFile(path, .regular)
    let reader = try WindowReader(windows)
    let available = reader.table.numberColumns
    let columns = try (inputs + targets).map { name in
      guard let place = available.firstIndex(of: name) else {
        throw SeriesError.noColumn(name, available: available)
      }
      return (place, scales[name] ?? ColumnScale())
    }
    self.horizon = horizon
    self.batchSize = batchSize
    self.shuffleBuffer = (shuffleBuffer + batchSize - 1) / batchSize * batchSize
    blocks = try WindowBlocks(
      windows, WindowColumns(columns: columns, inputs: inputs.count), size: self.shuffleBuffer,
      reader)
    guard blocks.count > 0 else {
      throw reader.longest < windows.rows
        ? SeriesError.tooShort(rows: reader.longest, needed: windows.rows) : .noWholeWindow
    }
    random = seed.map { RandomSource(seed: $0).child("windows") }
    var data = Fingerprint("StreamedWindows")
    for record in blocks.records { data.combine(record.data) }
    for size in [
      blocks.count, self.shuffleBuffer, batchSize, horizon, inputs.count, targets.count,
      windows.rows, windows.stride, seed == nil ? 0 : 1, Int(truncatingIfNeeded: seed ?? 0),
    ] {
      data.combine(size)
    }
    current = SourcePosition(of: data)
  }

  /// The windows of a pass.
  public var count: Int { blocks.count }
  public var batchesPerEpoch: Int { (count - 1) / batchSize + 1 }

  public var position: SourcePosition {
    get { current }
    set {
      require(
        canResume(at: newValue),
        "StreamedWindows: no batch \(newValue.batch) of epoch \(newValue.epoch) in a source of "
          + "\(batchesPerEpoch) batches, or the position is that of another source")
      current = newValue
      failure = nil
    }
  }

  public func canResume(at position: SourcePosition) -> Bool {
    current.canMove(to: position, batchesPerEpoch: batchesPerEpoch)
  }

  public mutating func next() -> Batch<Tensor<Float>, Tensor<Float>> {
    let first = current.batch * batchSize
    let place = Place(epoch: current.epoch, block: first / shuffleBuffer)
    let held = hold(place)
    switch held.block {
    case .success(let block):
      failure = nil
      let places = held.order[(first % shuffleBuffer)...].prefix(batchSize)
      current.advance(batchesPerEpoch: batchesPerEpoch)
      return batch(block, places)
    case .failure(let error):
      failure = error
      (self.held, ahead) = (nil, nil)
      return batch(nil, [])
    }
  }

  /// The block of a place, after which the next one is read.
  private mutating func hold(_ place: Place) -> Held {
    if let held, held.place == place { return held }
    let reader = held?.place.epoch == place.epoch ? held?.reader : nil
    // What is no longer used is not kept while more is read.
    held = nil
    let prepared = ahead?.place == place ? ahead?.held.wait() : nil
    let next = prepared ?? Self.read(place, blocks, random, reader)
    held = next
    guard case .success = next.block else { return next }
    let isLast = place.block == blocks.records.count - 1
    let following = Place(
      epoch: place.epoch + (isLast ? 1 : 0), block: isLast ? 0 : place.block + 1)
    ahead = (
      following,
      Background { [blocks, random, reader = isLast ? nil : next.reader] in
        Self.read(following, blocks, random, reader)
      }
    )
    return next
  }

  /// Reads a block, by a reader that may have gone past it.
  private static func read(
    _ place: Place, _ blocks: WindowBlocks, _ random: RandomSource?, _ reader: BlockReader?
  ) -> Held {
    var reader = reader ?? BlockReader(blocks)
    let block = Result {
      if let block = try reader.block(place.block) { return block }
      // Another copy of the source has read on, or has had an error.
      reader = BlockReader(blocks)
      guard let block = try reader.block(place.block) else {
        fatalError("StreamedWindows: a block that is behind a reader's first")
      }
      return block
    }
    var order = Array(0..<((try? block.get())?.count ?? 0))
    if let random { order.shuffle(by: random.child(place.epoch).child(place.block)) }
    return Held(place: place, block: block, order: order, reader: reader)
  }

  /// Some windows of a block, and empty streams up to ``batchSize``.
  private func batch(
    _ block: WindowBlock?, _ places: ArraySlice<Int>
  ) -> Batch<Tensor<Float>, Tensor<Float>> {
    let (time, width) = (blocks.windows.rows - horizon, blocks.columns.width)
    let (inputs, targets) = (blocks.columns.inputs, blocks.columns.targets)
    var input = Tensor<Float>(shape: [time, batchSize, inputs])
    var target = Tensor<Float>(shape: [batchSize, horizon * targets])
    input.withUnsafeMutableBufferPointer { x in
      target.withUnsafeMutableBufferPointer { y in
        for (b, place) in places.enumerated() {
          block?.withWindow(place) { numbers in
            for t in 0..<time {
              let (to, from) = ((t * batchSize + b) * inputs, t * width)
              for f in 0..<inputs { x[to + f] = numbers[from + f] }
            }
            for h in 0..<horizon {
              let (to, from) = ((b * horizon + h) * targets, (time + h) * width + inputs)
              for c in 0..<targets { y[to + c] = numbers[from + c] }
            }
          }
        }
      }
    }
    let isFull = places.count == batchSize
    return Batch(
      input: input, target: target,
      lengths: isFull ? nil : (0..<batchSize).map { $0 < places.count ? time : 0 })
  }
}
