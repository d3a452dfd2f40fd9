extension Vocabulary: Codable {
  private enum CodingKeys: String, CodingKey {
    case unit, hasUnknown, values, words
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(unit, forKey: .unit)
    try container.encode(hasUnknown, forKey: .hasUnknown)
    switch unit {
    case .character, .byte: try container.encode(values, forKey: .values)
    case .word: try container.encode(words, forKey: .words)
    }
  }

  /// - Throws: ``VocabularyError/invalid(reason:)`` if the values are none, not ascending, or not
  ///   those of characters or bytes, or if the words are none, not words, or there twice;
  ///   `DecodingError` if something is not there or not of its type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let unit = try container.decode(Unit.self, forKey: .unit)
    let hasUnknown = try container.decode(Bool.self, forKey: .hasUnknown)
    guard unit != .word else {
      try self.init(
        checking: try container.decode([String].self, forKey: .words), hasUnknown: hasUnknown)
      return
    }
    let values = try container.decode([UInt32].self, forKey: .values)
    guard !values.isEmpty else { throw VocabularyError.invalid(reason: "it has no values") }
    for (value, next) in zip(values, values.dropFirst()) where value >= next {
      throw VocabularyError.invalid(reason: "value \(next) comes after \(value)")
    }
    for value in values {
      switch unit {
      case .character where Unicode.Scalar(value) == nil:
        throw VocabularyError.invalid(reason: "\(value) is not a Unicode scalar")
      case .byte where value > 255:
        throw VocabularyError.invalid(reason: "\(value) is not a byte")
      default: break
      }
    }
    self.init(unit: unit, hasUnknown: hasUnknown, values: values)
  }
}
