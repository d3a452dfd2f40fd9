/// How spans of words are written as a tag for each word (Ramshaw and Marcus 1995; Sang and Veenstra
/// 1999). Words outside of all spans are `O`.
public enum TagScheme: String, Codable, Sendable, CaseIterable {
  /// `B-X` at the first word of a span of type X, `I-X` at the others.
  case bio
  /// `B-X` first, `E-X` last, `I-X` between; `S-X` at a span of one word.
  case bioes

  /// A tag's place in a span and the type of the span: `B` and `NP` of `B-NP`. A tag without a hyphen has
  /// an empty type.
  public static func parts(of tag: String) -> (place: Substring, type: Substring) {
    let place = tag.prefix { $0 != "-" }
    return (place, tag[place.endIndex...].dropFirst())
  }

  /// Whether the scheme has such a tag.
  public func has(_ tag: String) -> Bool {
    let (place, type) = Self.parts(of: tag)
    if place == "O" { return tag == "O" }
    return !type.isEmpty && (self == .bio ? ["B", "I"] : ["B", "I", "E", "S"]).contains(place)
  }

  /// Whether a tag may follow another; `nil` is the beginning or the end of a sentence.
  ///
  /// - Precondition: the scheme has both tags.
  public func allows(_ next: String?, after previous: String?) -> Bool {
    let before = Self.parts(of: previous ?? "O")
    let after = Self.parts(of: next ?? "O")
    let continues = after.place == "I" || after.place == "E"
    // In BIO any word of a span may be its last one.
    let mustContinue = self == .bioes && (before.place == "B" || before.place == "I")
    if continues { return before.type == after.type && ["B", "I"].contains(before.place) }
    return !mustContinue
  }

  /// The scheme that has all of these tags, BIO where both have them; `nil` where there is none, or no
  /// span.
  public init?(of tags: some Collection<String>) {
    guard tags.contains(where: { $0 != "O" }),
      let scheme = Self.allCases.first(where: { tags.allSatisfy($0.has) })
    else { return nil }
    self = scheme
  }
}
