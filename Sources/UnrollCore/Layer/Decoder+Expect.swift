extension Decoder {
  /// Throws unless what was decoded holds together: for a layer whose parameters must have shapes
  /// that fit each other, since a file may say anything.
  public func expect(_ holds: Bool, _ message: @autoclosure () -> String) throws {
    guard holds else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: codingPath, debugDescription: message()))
    }
  }
}
