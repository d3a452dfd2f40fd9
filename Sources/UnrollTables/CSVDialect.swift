import UnrollFiles

/// How a table is written: what separates fields, and whether quotes enclose them.
///
/// Rows end with LF, CRLF or CR. Blanks around a field belong to it.
public struct CSVDialect: Equatable, Sendable {
  public enum Quoting: Equatable, Sendable {
    /// A field may be in double quotes and then have delimiters, line ends and (doubled) double
    /// quotes in it, as RFC 4180 has it.
    case doubleQuotes
    /// A double quote is a character like any other.
    case none
  }

  /// Commas, and double quotes.
  public static let csv = CSVDialect()
  /// Tabs, and no quotes: in tab-separated values (the IANA's text/tab-separated-values) a field
  /// has no tab and no line end, and a quote is part of the text.
  public static let tsv = CSVDialect(delimiter: "\t", quoting: .none)

  public let delimiter: Unicode.Scalar
  public let quoting: Quoting

  /// - Precondition: the delimiter is an ASCII character other than a double quote, a line end and
  ///   NUL.
  public init(delimiter: Unicode.Scalar = ",", quoting: Quoting = .doubleQuotes) {
    require(
      delimiter.isASCII && !["\"", "\n", "\r", "\0"].contains(delimiter),
      "CSVDialect: \(delimiter.debugDescription) cannot be a delimiter")
    self.delimiter = delimiter
    self.quoting = quoting
  }

  /// The dialect that a file's name tells: ``csv`` for `.csv`, ``tsv`` for `.tsv`, `nil` for
  /// others.
  public init?(forPath path: String) {
    let lowercased = path.lowercased()
    if lowercased.hasSuffix(".csv") {
      self = .csv
    } else if lowercased.hasSuffix(".tsv") {
      self = .tsv
    } else {
      return nil
    }
  }
}

/// Where the names of a table's columns come from.
public enum CSVHeader: Equatable, Sendable {
  /// The first row that is not a blank line.
  case firstRow
  /// The table has no header; its columns are called "1", "2" and so on.
  case none
}
