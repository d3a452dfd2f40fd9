/// A text, or a part of one, is too short to be cut into streams.
public struct TextStreamsError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Part: String, Sendable {
    case training, validation
  }

  public let part: Part
  /// The characters, or other units, that there are.
  public let characters: Int
  /// The characters that are needed at least.
  public let needed: Int
  /// What they are. Ids do not tell; who knows may set it.
  public var unit = Vocabulary.Unit.character

  /// One line: what there is, what is needed, and what to do about it.
  public var description: String {
    let remedy =
      switch part {
      case .training: "use more text, fewer streams or shorter chunks"
      case .validation: "use more text, or validate on a larger part of it"
      }
    return "the text for \(part) has \(characters) \(unit)s, and at least \(needed) are needed; "
      + remedy
  }
}
