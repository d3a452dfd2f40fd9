import UnrollFiles

/// Which part of a text is kept from training, to validate on.
///
/// Either way no step is a target both of training and of validation.
///
///     let parts = try TextSplit.end.split(
///       text, into: .characters, fraction: 0.05, batchSize: 32, chunkLength: 40)
///     parts.training, parts.validation, parts.vocabulary
public enum TextSplit: String, Codable, Sendable, CaseIterable {
  /// The end of the text: of N characters the last `fraction * N`, rounded. No character of it is
  /// seen in training. Validation goes through it as one stream, and its last chunk may be shorter,
  /// so that every character of the part but the first is a target once.
  case end
  /// The last chunks of each of the streams, as char-rnn has it: of K chunks the last
  /// `fraction * K`, rounded, and at least one. Validation has the B and T of training.
  case streams

  /// Splits a text that is encoded already into what to train on and what to validate on. Both share
  /// the ids.
  ///
  /// A vocabulary with `<unk>` that was counted over the whole text knows words that occur in the
  /// validation part alone: ``split(_:into:fraction:batchSize:chunkLength:validationChunkLength:validationLimit:)-(String,_,_,_,_,_,_)``
  /// counts it over the rest.
  ///
  /// - Parameters:
  ///   - ids: The text.
  ///   - fraction: The part of it to validate on, in `0..<1`; 0 for none.
  ///   - batchSize: Streams in training, B.
  ///   - chunkLength: Steps in a chunk in training, T.
  ///   - validationChunkLength: Steps in a chunk of validation, for `.end`.
  ///   - validationLimit: The most targets to validate on, the first ones of the part, or of the part
  ///     of each stream; `nil` for all. What is left out is not trained on either.
  /// - Returns: The source to train on; and the one to validate on, unless the fraction is 0.
  /// - Throws: ``TextStreamsError`` if either part is too short.
  public func split(
    _ ids: TokenSequence, fraction: Double, batchSize: Int, chunkLength: Int,
    validationChunkLength: Int = 512, validationLimit: Int? = nil
  ) throws -> (training: TextStreams, validation: TextStreams?) {
    let parts = try Parts(
      self, of: ids.count, fraction: fraction, batchSize: batchSize, chunkLength: chunkLength,
      validationChunkLength: validationChunkLength, validationLimit: validationLimit)
    return parts.streams(over: ids)
  }

  /// Splits a text as
  /// ``split(_:fraction:batchSize:chunkLength:validationChunkLength:validationLimit:)-(TokenSequence,_,_,_,_,_)``
  /// does.
  public func split(
    _ ids: [Int32], fraction: Double, batchSize: Int, chunkLength: Int,
    validationChunkLength: Int = 512, validationLimit: Int? = nil
  ) throws -> (training: TextStreams, validation: TextStreams?) {
    try split(
      TokenSequence(ids), fraction: fraction, batchSize: batchSize, chunkLength: chunkLength,
      validationChunkLength: validationChunkLength, validationLimit: validationLimit)
  }

  /// Where the parts of a text lie.
  struct Parts {
    var training: TextStreams.Layout
    var validation: TextStreams.Layout?
    /// The targets of the part that is kept for validation, whether they are validated on or not.
    var held = 0
    /// What belongs to training, ascending.
    var trainingRanges: [Range<Int>]

    init(
      _ split: TextSplit, of count: Int, fraction: Double, batchSize: Int, chunkLength: Int,
      validationChunkLength: Int, validationLimit: Int?
    ) throws {
      require(
        fraction >= 0 && fraction < 1, "TextSplit: the fraction is in 0..<1, not \(fraction)")
      require(
        validationLimit ?? 1 >= 1,
        "TextSplit: validation on at least one target, not \(validationLimit ?? 0)")
      guard fraction > 0 else {
        training = try TextStreams.Layout(
          characters: count, batchSize: batchSize, chunkLength: chunkLength)
        trainingRanges = [0..<count]
        return
      }
      switch split {
      case .end:
        require(
          validationChunkLength >= 1,
          "TextSplit: validation needs chunks of at least one step, not \(validationChunkLength)")
        let last = Int((Double(count) * fraction).rounded())
        training = try TextStreams.Layout(
          characters: count - last, batchSize: batchSize, chunkLength: chunkLength)
        guard last >= 2 else {
          throw TextStreamsError(part: .validation, characters: last, needed: 2)
        }
        held = last - 1
        validation = TextStreams.Layout(
          origin: count - last, stride: 0, streamLength: min(held, validationLimit ?? held),
          batchSize: 1, chunkLength: validationChunkLength)
        trainingRanges = [0..<count - last]
      case .streams:
        let chunks = TextStreams.chunks(count, batchSize: batchSize, chunkLength: chunkLength)
        guard chunks >= 2 else {
          throw TextStreamsError(
            part: .training, characters: count, needed: 2 * batchSize * chunkLength + 1)
        }
        let wanted = Int((Double(chunks) * fraction).rounded())
        let heldChunks = min(max(wanted, 1), chunks - 1)
        held = heldChunks * chunkLength * batchSize
        let limit = validationLimit.map { max(1, $0 / (batchSize * chunkLength)) }
        let stride = chunks * chunkLength
        let trainingLength = stride - heldChunks * chunkLength
        training = TextStreams.Layout(
          stride: stride, streamLength: trainingLength, batchSize: batchSize,
          chunkLength: chunkLength)
        validation = TextStreams.Layout(
          origin: trainingLength, stride: stride,
          streamLength: min(heldChunks, limit ?? heldChunks) * chunkLength, batchSize: batchSize,
          chunkLength: chunkLength)
        trainingRanges = training.ranges
      }
    }

    func streams(
      over ids: TokenSequence
    ) -> (training: TextStreams, validation: TextStreams?) {
      let text = TextStreams.fingerprint(of: ids)
      return (
        TextStreams(ids, training, of: text), validation.map { TextStreams(ids, $0, of: text) }
      )
    }
  }
}
