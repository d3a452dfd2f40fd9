import UnrollFiles

/// How points of time are written.
///
///     let pattern = TimePattern.pattern("%d.%m.%Y %H:%M")
///     pattern.time("01.07.2016 00:00")    // 2016-07-01 00:00:00
///
/// A pattern has these directives, and any other character stands for itself:
///
/// | Directive | What it stands for |
/// |---|---|
/// | `%Y` | The year, in four digits |
/// | `%y` | The year, in two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068 |
/// | `%m` | The month, 01 to 12 |
/// | `%b`, `%B` | The month's English name, in three letters or whole; read in any case |
/// | `%d` | The day of the month, 01 to 31 |
/// | `%j` | The day of the year, 001 to 366 |
/// | `%H`, `%I` | The hour, 00 to 23 or 01 to 12 |
/// | `%p` | AM or PM; read in any case |
/// | `%M`, `%S` | The minute and the second, 00 to 59 |
/// | `%f` | The fraction of a second, 1 to 6 digits; `%3f` writes 3 of them |
/// | `%z` | The offset from UTC: `Z`, `+0200`, `+02:00` or `+02` |
/// | `%%` | A percent sign |
///
/// A number is read with or without its leading zeros; `%-d`, `%-m`, `%-j`, `%-H`, `%-I`, `%-M` and
/// `%-S` write it without. What a pattern leaves out is the first month, the first day or 0. A point of
/// time with an offset is converted to UTC, and written in UTC.
public struct TimePattern: Sendable, Hashable {
  enum Form: Sendable, Hashable {
    case iso8601
    case number
    case elements
  }

  let form: Form
  let elements: [Element]
  /// What it is called, or its text.
  public let description: String

  private init(_ form: Form, _ description: String) {
    (self.form, self.description, elements) = (form, description, [])
  }

  /// Dates such as `2016-07-01`, `2016-07`, `2016` and `20160701`, and after a date of a day, behind a
  /// blank or a `T`, the time: `00:15`, `00:15:00` or `00:15:00.25`, and behind that `Z` or an offset
  /// such as `+02:00`.
  public static let iso8601 = TimePattern(.iso8601, "iso8601")
  /// Plain whole numbers, where points are counted.
  public static let number = TimePattern(.number, "number")

  /// A pattern of directives.
  ///
  /// - Precondition: the pattern is one. For what a user wrote, use ``init(_:)``, which throws.
  public static func pattern(_ text: String) -> TimePattern {
    do {
      return try TimePattern(pattern: text)
    } catch {
      fatalError("TimePattern: \(error)")
    }
  }

  /// A pattern as an option has it: `iso8601`, `number`, or directives.
  ///
  /// - Throws: ``TimePatternError`` naming the directive that there is not, or what is left out.
  public init(_ text: String) throws(TimePatternError) {
    switch text {
    case TimePattern.iso8601.description: self = .iso8601
    case TimePattern.number.description: self = .number
    default: try self.init(pattern: text)
    }
  }

  private init(pattern text: String) throws(TimePatternError) {
    elements = try Element.all(of: text)
    form = .elements
    description = text
  }

  /// Whether points are counted, so that a ``TimeStamp`` is a plain number.
  public var isCount: Bool { form == .number }
}

extension TimePattern: CustomStringConvertible, Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Why a text is no pattern for points of time.
public enum TimePatternError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is no such directive.
  case unknownDirective(String, pattern: String)
  /// No directive says the year.
  case noYear(pattern: String)

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .unknownDirective(let directive, let pattern):
      "the pattern \(quoted(pattern)) has \(quoted(directive)), which is no directive; use %Y, %y, %m, "
        + "%b, %B, %d, %j, %H, %I, %p, %M, %S, %f and %z, and %% for a percent sign"
    case .noYear(let pattern):
      "the pattern \(quoted(pattern)) has no year; give it a %Y or %y, as in \"%Y-%m-%d\", or write "
        + "iso8601 or number"
    }
  }
}
