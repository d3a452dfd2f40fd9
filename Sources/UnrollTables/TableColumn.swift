import UnrollSeries

/// What a column of a table is.
public struct TableColumn: Sendable, Equatable {
  /// What is read out of its cells.
  public enum Role: Sendable, Equatable {
    /// A number in decimal notation.
    case number
    /// One of a few texts.
    case category
    /// Any text.
    case text
    /// One of a few texts, which is to be told of the row. It has to be there.
    case label
    /// The point of time of the row, which has to be there. There is one such column at most.
    case time(TimePattern)
    /// What tells the series of the row from others, which has to be there. Several columns do together.
    case key
    /// Nothing: the column has to be there, and is passed over.
    case ignored
  }

  public let name: String
  public let role: Role
  /// What becomes of a missing number, see ``TableDescription/missing``.
  public let missing: MissingNumbers

  public init(_ name: String, _ role: Role, missing: MissingNumbers = .error) {
    (self.name, self.role, self.missing) = (name, role, missing)
  }
}

/// What becomes of numbers that are missing from a column.
public enum MissingNumbers: String, Sendable, Equatable, Codable, CaseIterable {
  /// They are an error.
  case error
  /// Their rows are left out.
  case drop
  /// They are the number before, in their series; an error where there is none.
  case carryForward
  /// They are on a straight line from the number before to the next one, in their series; an error where
  /// one of the two is not there. The next one is ahead: where rows are split to learn from and to test on,
  /// say so to ``SeriesTable/init(reading:_:_:split:)``. Only a whole series has a next one, so this is not
  /// for windows that are read in one pass.
  case interpolate
  /// They are NaN.
  case keep
  /// They are the number before, or 0 where there is none, and a column behind theirs, called after it with
  /// " is missing" behind, has a 1 where the number is missing, else a 0.
  case indicate
}
