import UnrollFiles

/// What the columns of a table are to a forecaster, by their names.
public struct ForecastColumns: Codable, Sendable, Equatable {
  /// What is predicted: each for itself, by one model that is told which one it is.
  public var targets: [String]
  /// Numbers that are known up to now.
  public var past: [String]
  /// Numbers that are known ahead.
  public var future: [String]
  /// Categories of whole series, taken from their first row.
  public var categories: [String]
  /// What the time tells, known ahead: a sine and a cosine of each.
  public var calendar: [CalendarFeature]

  /// - Precondition: there is a target, and no column is named twice.
  public init(
    targets: [String], past: [String] = [], future: [String] = [], categories: [String] = [],
    calendar: [CalendarFeature] = []
  ) {
    self.targets = targets
    self.past = past
    self.future = future
    self.categories = categories
    self.calendar = calendar
    if let problem { require(false, "ForecastColumns: \(problem)") }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    targets = try container.decode([String].self, forKey: .targets)
    past = try container.decode([String].self, forKey: .past)
    future = try container.decode([String].self, forKey: .future)
    categories = try container.decode([String].self, forKey: .categories)
    calendar = try container.decode([CalendarFeature].self, forKey: .calendar)
    if let problem {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: problem))
    }
  }

  /// Why these are no columns; `nil` where they are.
  public var problem: String? {
    let names = targets + past + future + categories
    if targets.isEmpty { return "no column is predicted" }
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      return "the column '\(oneLine(names[twice]))' is named twice"
    }
    return nil
  }

  /// The columns of numbers.
  public var numbers: [String] { targets + past + future }
}
