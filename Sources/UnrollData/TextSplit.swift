import UnrollCore
/// Which part of a text is kept from training, to validate on.
///
/// Either way no step is a target both of training and of validation.
public enum TextSplit: String, Codable, Sendable, CaseIterable {
  /// The end of the text: of N characters the last `fraction * N`, rounded. No character of it is
  /// seen in training. Validation goes through it as one stream, and its last chunk may be shorter,
  /// so that every character of the part but the first is a target once.
  case end
  /// The last chunks of each of the streams, as char-rnn has it: of K chunks the last
  /// `fraction * K`, rounded, and at least one. Validation has the B and T of training.
  case streams

  /// Splits a text into what to train on and what to validate on. Both share the ids.
  ///
  /// - Parameters:
  ///   - ids: The text.
  ///   - fraction: The part of it to validate on, in `0..<1`; 0 for none.
  ///   - batchSize: Streams in training, B.
  ///   - chunkLength: Steps in a chunk in training, T.
  ///   - validationChunkLength: Steps in a chunk of validation, for `.end`.
  /// - Returns: The source to train on; and the one to validate on, unless the fraction is 0.
  /// - Throws: ``TextStreamsError`` if either part is too short.
  public func split(
    _ ids: [Int32], fraction: Double, batchSize: Int, chunkLength: Int,
    validationChunkLength: Int = 512
  ) throws -> (training: TextStreams, validation: TextStreams?) {
    require(
      fraction >= 0 && fraction < 1, "TextSplit: the fraction is in 0..<1, not \(fraction)")
    guard fraction > 0 else {
      let all = try TextStreams(ids, batchSize: batchSize, chunkLength: chunkLength)
      return (all, nil)
    }
    return switch self {
    case .end:
      try splitEnd(
        ids, fraction: fraction, batchSize: batchSize, chunkLength: chunkLength,
        validationChunkLength: validationChunkLength)
    case .streams:
      try splitStreams(ids, fraction: fraction, batchSize: batchSize, chunkLength: chunkLength)
    }
  }

  private func splitEnd(
    _ ids: [Int32], fraction: Double, batchSize: Int, chunkLength: Int, validationChunkLength: Int
  ) throws -> (training: TextStreams, validation: TextStreams?) {
    require(
      validationChunkLength >= 1,
      "TextSplit: validation needs chunks of at least one step, not \(validationChunkLength)")
    let count = Int((Double(ids.count) * fraction).rounded())
    let training = try TextStreams(
      ids, prefix: ids.count - count, batchSize: batchSize, chunkLength: chunkLength)
    guard count >= 2 else {
      throw TextStreamsError(part: .validation, characters: count, needed: 2)
    }
    let validation = TextStreams(
      ids, origin: ids.count - count, stride: 0, streamLength: count - 1, batchSize: 1,
      chunkLength: validationChunkLength)
    return (training, validation)
  }

  private func splitStreams(
    _ ids: [Int32], fraction: Double, batchSize: Int, chunkLength: Int
  ) throws -> (training: TextStreams, validation: TextStreams?) {
    let chunks = TextStreams.chunks(ids.count, batchSize: batchSize, chunkLength: chunkLength)
    guard chunks >= 2 else {
      throw TextStreamsError(
        part: .training, characters: ids.count, needed: 2 * batchSize * chunkLength + 1)
    }
    let wanted = Int((Double(chunks) * fraction).rounded())
    let validationLength = min(max(wanted, 1), chunks - 1) * chunkLength
    let stride = chunks * chunkLength
    let part = { (origin: Int, length: Int) in
      TextStreams(
        ids, origin: origin, stride: stride, streamLength: length, batchSize: batchSize,
        chunkLength: chunkLength)
    }
    let trainingLength = stride - validationLength
    return (part(0, trainingLength), part(trainingLength, validationLength))
  }
}
