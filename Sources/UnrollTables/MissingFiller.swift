import UnrollSeries

/// What stands for numbers that are missing.
enum MissingFiller {
  /// Fills in a column of a series. What is to be interpolated is not, but it is made sure that it can be.
  ///
  /// - Parameters:
  ///   - numbers: The rows of the series, one behind another.
  ///   - column: Which number of each row.
  ///   - width: The numbers of a row.
  ///   - policy: What becomes of those that are NaN.
  /// - Returns: A row that cannot be filled; `nil` where all are.
  static func fill(
    _ numbers: inout [Double], _ column: Int, _ width: Int, _ policy: MissingNumbers
  ) -> Int? {
    switch policy {
    case .error, .drop, .keep: return nil
    case .carryForward, .indicate:
      var last = policy == .indicate ? 0 : Double.nan
      for place in stride(from: column, to: numbers.count, by: width) {
        if numbers[place].isNaN { numbers[place] = last } else { last = numbers[place] }
        if last.isNaN { return place / width }
      }
      return nil
    case .interpolate:
      // Between the first number and the last one there are two for each that is missing.
      let rows = numbers.count / width
      func isThere(_ row: Int) -> Bool { !numbers[row * width + column].isNaN }
      guard let last = (0..<rows).last(where: isThere), isThere(0) else {
        return rows == 0 ? nil : 0
      }
      return last + 1 < rows ? last + 1 : nil
    }
  }
}

extension TimeSeries {
  /// Puts numbers that are missing from a column on straight lines between those around them, among the rows to
  /// learn from; later ones are carried forward: a forecast made there does not know what comes next.
  ///
  /// - Parameter learned: How many rows there are to learn from.
  mutating func interpolate(_ column: Int, learned: Int) {
    var last: Int?
    for row in 0..<count {
      guard values[row, column].isNaN else {
        if let last, row < learned {
          let (from, to) = (values[last, column], values[row, column])
          for missing in (last + 1)..<row {
            values[missing, column] =
              from + (to - from) * Double(missing - last) / Double(row - last)
          }
        }
        last = row
        continue
      }
      // Until a number comes.
      if let last { values[row, column] = values[last, column] }
    }
  }
}
