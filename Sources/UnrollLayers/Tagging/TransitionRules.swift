import UnrollCore

/// Which labels may begin a sequence, follow each other, and end it.
///
/// ```
/// TransitionRules(tags: ["B-NP", "I-NP", "O"], scheme: .bio)   // no I-NP at the start or after O
/// ```
public struct TransitionRules: Codable, Sendable, Equatable {
  /// Whether each label may be the first.
  public let start: [Bool]
  /// Whether the label of the column may follow that of the row.
  public let transition: [[Bool]]
  /// Whether each label may be the last.
  public let end: [Bool]

  /// - Precondition: there is one for each label, and a label that may begin, follow itself and end.
  public init(start: [Bool], transition: [[Bool]], end: [Bool]) {
    (self.start, self.transition, self.end) = (start, transition, end)
    if let problem { fatalError("TransitionRules: \(problem)") }
  }

  /// The rules of a scheme; `nil` where they would leave no way to tag a sequence of some length, as
  /// without `O` and without a span of one word.
  ///
  /// - Precondition: the scheme has all of the tags.
  public init?(tags: [String], scheme: TagScheme) {
    start = tags.map { scheme.allows($0, after: nil) }
    transition = tags.map { before in tags.map { scheme.allows($0, after: before) } }
    end = tags.map { scheme.allows(nil, after: $0) }
    if problem != nil { return nil }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    start = try container.decode([Bool].self, forKey: .start)
    transition = try container.decode([[Bool]].self, forKey: .transition)
    end = try container.decode([Bool].self, forKey: .end)
    try decoder.expect(problem == nil, problem ?? "")
  }

  /// L, the number of labels.
  public var labels: Int { start.count }

  /// Why these are no rules: not one for each label, or sequences of some length that no path obeys. There is a path
  /// for every length where a label may begin, follow itself and end.
  var problem: String? {
    guard transition.count == labels, transition.allSatisfy({ $0.count == labels }),
      end.count == labels
    else { return "rules for \(labels) labels, \(transition.count) of them in rows" }
    return (0..<labels).contains { start[$0] && transition[$0][$0] && end[$0] }
      ? nil : "no label may begin a sequence, follow itself and end it"
  }

  /// Whether a sequence of labels obeys them.
  public func allow(_ path: some Collection<Int32>) -> Bool {
    guard let first = path.first, let last = path.dropFirst(path.count - 1).first else {
      return true
    }
    return start[Int(first)] && end[Int(last)]
      && zip(path, path.dropFirst()).allSatisfy { transition[Int($0)][Int($1)] }
  }
}
