import UnrollCore
import UnrollFiles

/// A text as B parallel streams, cut into chunks of T steps, for truncated back-propagation through
/// time with a state that is carried from chunk to chunk.
///
/// Stream b is a contiguous part of the text, and the chunks of a stream follow one another in it;
/// the target of every step is the input of the next. The first batch of a pass is `.fresh`, the
/// others are `.continued`.
///
/// # Shapes
/// Inputs and targets are `[T, B]`; the last chunk of a validation source may have fewer steps.
public struct TextStreams: BatchSource {
  /// Streams, B.
  public let batchSize: Int
  /// Steps in a chunk, T.
  public let chunkLength: Int
  /// Targets of each stream in one pass.
  public let streamLength: Int

  private let ids: TokenSequence
  /// The index of the first input of stream 0.
  private let origin: Int
  /// The distance between the first inputs of two streams.
  private let stride: Int
  private var current: SourcePosition

  /// Streams over a whole text, with as many chunks as fit. Of `n` ids, `n - 1` have a next one;
  /// fewer than B * T of them are left over at the end of the text.
  ///
  /// - Parameters:
  ///   - ids: The text.
  ///   - batchSize: Streams, B, at least 1.
  ///   - chunkLength: Steps in a chunk, T, at least 1.
  /// - Throws: ``TextStreamsError`` if the text is shorter than one batch, B * T + 1 characters.
  public init(_ ids: TokenSequence, batchSize: Int, chunkLength: Int) throws {
    let layout = try Layout(
      characters: ids.count, batchSize: batchSize, chunkLength: chunkLength)
    self.init(ids, layout, of: TextStreams.fingerprint(of: ids))
  }

  /// Streams over a whole text, as ``init(_:batchSize:chunkLength:)-(TokenSequence,_,_)`` makes them.
  public init(_ ids: [Int32], batchSize: Int, chunkLength: Int) throws {
    try self.init(TokenSequence(ids), batchSize: batchSize, chunkLength: chunkLength)
  }

  /// Where the streams lie in a text.
  struct Layout {
    /// The index of the first input of stream 0.
    var origin = 0
    /// The distance between the first inputs of two streams.
    var stride: Int
    var streamLength: Int
    var batchSize: Int
    var chunkLength: Int

    /// The ids that are inputs or targets, stream by stream.
    var ranges: [Range<Int>] {
      (0..<batchSize).map { origin + $0 * stride..<origin + $0 * stride + streamLength + 1 }
    }
  }

  /// - Parameters:
  ///   - ids: The text, which has what the layout needs.
  ///   - text: The fingerprint of the text.
  init(_ ids: TokenSequence, _ layout: Layout, of text: Fingerprint) {
    self.ids = ids
    origin = layout.origin
    stride = layout.stride
    streamLength = layout.streamLength
    batchSize = layout.batchSize
    chunkLength = layout.chunkLength
    var data = text
    for size in [origin, stride, streamLength, batchSize, chunkLength] { data.combine(size) }
    current = SourcePosition(of: data)
  }

  /// What tells a text from others, whatever its streams: of a long text it takes a moment, and both of
  /// its parts have the same.
  static func fingerprint(of ids: TokenSequence) -> Fingerprint {
    var data = Fingerprint("TextStreams")
    data.combine(ids)
    return data
  }

  /// The chunks of each of B streams over `characters` characters.
  static func chunks(_ characters: Int, batchSize: Int, chunkLength: Int) -> Int {
    require(
      batchSize >= 1 && chunkLength >= 1,
      "TextStreams need at least one stream and one step, not B \(batchSize), T \(chunkLength)")
    return max(0, characters - 1) / (batchSize * chunkLength)
  }

  public var batchesPerEpoch: Int { (streamLength + chunkLength - 1) / chunkLength }

  /// Where the next batch begins.
  ///
  /// - Precondition: a new position is one that this source has, see ``canResume(at:)``.
  public var position: SourcePosition {
    get { current }
    set {
      require(
        canResume(at: newValue),
        "TextStreams: no batch \(newValue.batch) of epoch \(newValue.epoch) in a source of "
          + "\(batchesPerEpoch) batches, or the position is that of another text")
      current = newValue
    }
  }

  /// Whether a position is one of this source's: one that was saved with another text or other
  /// sizes is not.
  public func canResume(at position: SourcePosition) -> Bool {
    current.canMove(to: position, batchesPerEpoch: batchesPerEpoch)
  }

  public mutating func next() -> Batch<Tokens, Tokens> {
    let first = current.batch * chunkLength
    let steps = min(chunkLength, streamLength - first)
    var inputs = [Int32](repeating: 0, count: steps * batchSize)
    var targets = inputs
    for stream in 0..<batchSize {
      let start = origin + stream * stride + first
      for step in 0..<steps {
        inputs[step * batchSize + stream] = ids[start + step]
        targets[step * batchSize + stream] = ids[start + step + 1]
      }
    }
    let streams: Batch<Tokens, Tokens>.Streams = current.batch == 0 ? .fresh : .continued
    current.advance(batchesPerEpoch: batchesPerEpoch)
    return Batch(
      input: Tokens(time: steps, batch: batchSize, ids: inputs),
      target: Tokens(time: steps, batch: batchSize, ids: targets),
      streams: streams)
  }
}

extension TextStreams.Layout {
  /// The layout of a whole text, or of its beginning.
  init(characters: Int, batchSize: Int, chunkLength: Int) throws {
    let chunks = TextStreams.chunks(characters, batchSize: batchSize, chunkLength: chunkLength)
    guard chunks >= 1 else {
      throw TextStreamsError(
        part: .training, characters: characters, needed: batchSize * chunkLength + 1)
    }
    self.init(
      stride: chunks * chunkLength, streamLength: chunks * chunkLength, batchSize: batchSize,
      chunkLength: chunkLength)
  }
}
