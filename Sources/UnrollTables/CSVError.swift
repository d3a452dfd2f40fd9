import UnrollFiles

/// What is wrong with a table, and where.
public struct CSVError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Problem: Equatable, Sendable {
    /// There is not a single row.
    case empty
    /// A row has more or fewer fields than the first one. Where another character than the delimiter
    /// seems to separate fields, it is `otherDelimiter`.
    case ragged(expected: Int, found: Int, otherDelimiter: Unicode.Scalar? = nil)
    /// A quote opens a field, and none closes it.
    case unclosedQuote
    /// A quote in a field that does not begin with one.
    case quoteInUnquotedField
    /// Text after the quote that closes a field; the line is that of the text, `opened` that on
    /// which the field begins.
    case textAfterQuote(opened: Int)
    /// A field is longer than `limit` bytes.
    case fieldTooLong(limit: Int)
    /// There is not enough memory for a field.
    case outOfMemory
    case notUTF8
    /// The file begins as one of UTF-16 does.
    case utf16
    case nulByte
    /// There is no column of that name.
    case noSuchColumn(available: [String])
    /// More than one column has that name.
    case ambiguousColumn
    /// A column has to be named, and was not.
    case columnNotNamed(available: [String])
    /// A column was to be text, and has none.
    case noText
    case missingValue
    case notANumber(String)
    /// A text that is not a number as a ``TableDescription`` has them.
    case notANumberAsDeclared(String)
    /// A number that single precision has not.
    case tooLarge(String)
    /// A cell that is to be a label is empty.
    case missingLabel
    /// A label that is not one of those there are.
    case unknownLabel(String, known: [String])
    /// A text that a vocabulary does not have; `reason` says where in the cell.
    case notInVocabulary(reason: String)
    /// The last field of a row is not empty, in a column that has no name.
    case afterLastColumn(String)
    /// As many names were given as `given`, and the row has another number of fields.
    case namesForOtherColumns(given: Int, found: Int)
    /// A cell of a column of times is empty.
    case missingTime
    /// A cell of a column of keys is empty.
    case missingKey
    /// A text that is no point of time as the pattern has them.
    case notATime(String, pattern: String)
    /// Rows that do not follow one another as those of a series do.
    case order(RowOrder)
  }

  public let path: String
  /// The physical line, from 1; `nil` where the problem is not on a line of its own.
  public let line: Int?
  /// The name of the column, or its number where it has none; `nil` where a whole row is meant.
  public let column: String?
  public let problem: Problem

  public init(path: String, line: Int? = nil, column: String? = nil, problem: Problem) {
    self.path = path
    self.line = line
    self.column = column
    self.problem = problem
  }

  /// One line: the file, the line, the column, what is wrong, and what to do about it.
  public var description: String {
    var place = oneLine(path)
    if let line { place += ", line \(line)" }
    if let column { place += ", column \(quoted(column))" }
    return place + ": " + explanation
  }

  private var explanation: String {
    switch problem {
    case .empty: "the table is empty"
    case .ragged(let expected, let found, let otherDelimiter):
      "\(found) \(found == 1 ? "field" : "fields") where the first row has \(expected); "
        + (otherDelimiter.map(CSVError.remedy(ofDelimiter:))
          ?? "correct the row, or quote the field that has a delimiter in it")
    case .unclosedQuote:
      "the quote that opens this field is never closed; close it, or read the file without quoting"
    case .quoteInUnquotedField:
      "a quote inside a field that does not begin with one; put the whole field in quotes and "
        + "double those inside, or read the file without quoting"
    case .textAfterQuote(let opened):
      "text after the closing quote of a field that begins on line \(opened); double the quotes "
        + "inside a quoted field, or read the file without quoting"
    case .fieldTooLong(let limit):
      "the field is longer than the limit of \(limit) bytes; look for a quote that is not closed, "
        + "or raise the limit"
    case .outOfMemory: "not enough memory for the field; look for a quote that is not closed"
    case .notUTF8: "the field is not UTF-8; convert the file to UTF-8"
    case .utf16:
      "the file is UTF-16; convert it to UTF-8, as iconv -f UTF-16 -t UTF-8 does"
    case .nulByte: "the field has a NUL byte; convert the file to UTF-8, or remove the byte"
    case .noSuchColumn(let available):
      "there is no such column; the file has: \(CSVError.list(available))"
        + CSVError.remedy(ofColumns: available)
    case .ambiguousColumn:
      "more than one column has this name; rename all but one" + CSVError.remedy(ofHeader: nil)
    case .columnNotNamed(let available):
      "name the column that holds the text; it has: \(CSVError.list(available))"
        + CSVError.remedy(ofHeader: available)
    case .noText: "the column has no text in it"
    case .missingValue:
      "the value is missing; fill it in, or choose to skip such rows or to read NaN"
    case .notANumber(let text):
      "\(quoted(text)) is not a number; correct it, or declare it to mean a missing value"
    case .notANumberAsDeclared(let text):
      "\(quoted(text)) is not a number; \(CSVError.remedy(ofNumber: text))"
    case .tooLarge(let text):
      "\(quoted(text)) is too large for single precision; correct it, or give the column in a larger "
        + "unit"
    case .missingLabel: "the label is missing; fill it in, or leave the row out"
    case .unknownLabel(let label, let known):
      "\(quoted(label)) is not one of the labels: \(CSVError.list(known))"
    case .notInVocabulary(let reason): "in the cell, \(reason)"
    case .afterLastColumn(let text):
      "\(quoted(text)) in the last column, which has no name; name the column, or leave its cells "
        + "empty"
    case .namesForOtherColumns(let given, let found):
      "\(given) \(given == 1 ? "name was" : "names were") given for \(found) "
        + "\(found == 1 ? "field" : "fields"); give each column one"
    case .missingTime: "the time is missing; fill it in, or leave the row out"
    case .missingKey: "the key is missing; fill it in, or leave the row out"
    case .notATime(let text, let pattern):
      "\(quoted(text)) is not a point of time as the pattern \(quoted(pattern)) has them; correct it, "
        + "or give the pattern that it is written by"
    case .order(let order): order.explanation
    }
  }
}
