import UnrollFiles
import UnrollSeries

/// How a table is written, and what its columns are.
///
///     var table = TableDescription(
///       time: "date", .pattern("%d.%m.%Y %H:%M"), keys: ["site"], numbers: ["load", "wind"])
///     table.delimiter = ";"
///     table.decimalSign = .comma
///
/// Nothing is guessed: what is not said is as the initial values have it. Columns that are not described
/// are passed over.
public struct TableDescription: Sendable, Equatable {
  /// Where the names of the columns come from.
  public enum Header: Sendable, Equatable {
    /// The first row that is not a blank line.
    case firstRow
    /// There are none; the columns are called "1", "2" and so on.
    case none
    /// They are given, one for each column, and every row is one of the table. To replace the names that
    /// a file has, have its header skipped by ``TableDescription/skippedLines``.
    case names([String])
  }

  /// What stands before the fraction of a number.
  public enum DecimalSign: String, Sendable, Equatable, Codable {
    case point = "."
    case comma = ","
  }

  /// What separates fields: an ASCII character that is no line end, not NUL and not the quote.
  public var delimiter: Unicode.Scalar = ","
  /// What may enclose a field, which then may have delimiters, line ends and (doubled) quotes in it: an
  /// ASCII character; `nil` where quotes are characters like any others.
  public var quote: Unicode.Scalar? = "\""
  public var decimalSign = DecimalSign.point
  /// What may stand between groups of three digits before the decimal sign, as in `1,234,567.5`; `nil`
  /// where nothing does.
  public var digitGrouping: Unicode.Scalar?
  public var header = Header.firstRow
  /// The physical lines at the beginning of the file that are not read, whatever is on them.
  public var skippedLines = 0
  /// The physical lines at its end that are not read, whatever is on them. Blank lines are not counted.
  public var footerLines = 0
  /// What a line begins with that is not read: an ASCII character; `nil` where there are no such lines.
  public var comment: Unicode.Scalar?
  /// The cells that mean a missing value, blanks around them left out.
  public var missing: Set<String> = [""]
  /// The columns that are read, in the order in which rows have them.
  public var columns: [TableColumn]
  /// The longest field to accept, in bytes: 16 MiB.
  public var fieldLimit = 16 << 20

  /// A table with commas, double quotes, decimal points and a header.
  public init(columns: [TableColumn]) {
    self.columns = columns
  }

  /// A table with commas, double quotes, decimal points and a header, by the names of its columns.
  ///
  /// - Parameters:
  ///   - time: The column of times; `nil` where there is none.
  ///   - pattern: How they are written.
  ///   - keys: The columns that tell series apart.
  ///   - numbers: The columns of numbers.
  ///   - categories: The columns of categories.
  ///   - missing: What becomes of missing numbers.
  public init(
    time: String? = nil, _ pattern: TimePattern = .iso8601, keys: [String] = [],
    numbers: [String], categories: [String] = [], missing: MissingNumbers = .error
  ) {
    columns =
      (time.map { [TableColumn($0, .time(pattern))] } ?? [])
      + keys.map { TableColumn($0, .key) }
      + numbers.map { TableColumn($0, .number, missing: missing) }
      + categories.map { TableColumn($0, .category) }
  }

  /// The description with the delimiter, and the quotes, that a file's name tells: tabs and no quotes for
  /// `.tsv`; as it is for others.
  public func forPath(_ path: String) -> TableDescription {
    guard let dialect = CSVDialect(forPath: path), dialect == .tsv else { return self }
    var description = self
    (description.delimiter, description.quote) = (dialect.delimiter, nil)
    return description
  }

  /// - Precondition: what is asked for can be.
  func check() {
    func isUsable(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isASCII && !["\n", "\r", "\0"].contains(scalar)
    }
    require(
      isUsable(delimiter) && delimiter != quote,
      "TableDescription: \(delimiter.debugDescription) cannot be a delimiter")
    require(
      quote.map(isUsable) ?? true,
      "TableDescription: \(quote.debugDescription) cannot be a quote")
    require(
      comment.map(isUsable) ?? true,
      "TableDescription: \(comment.debugDescription) cannot begin a comment")
    require(
      skippedLines >= 0 && footerLines >= 0,
      "TableDescription: \(skippedLines) lines skipped and \(footerLines) footers")
    let isGroupable = digitGrouping.map { scalar in
      scalar.properties.numericType == nil && !"+-eE\n\r\0".unicodeScalars.contains(scalar)
        && String(scalar) != decimalSign.rawValue
    }
    require(
      isGroupable ?? true,
      "TableDescription: \(digitGrouping.debugDescription) cannot group digits beside the decimal sign "
        + "\(decimalSign.rawValue)")
    let times = columns.filter { if case .time = $0.role { true } else { false } }
    require(
      times.count <= 1,
      "TableDescription: one column of times, not \(times.map(\.name))")
    require(
      Set(columns.map(\.name)).count == columns.count,
      "TableDescription: a column is described twice in \(columns.map(\.name))")
  }
}
