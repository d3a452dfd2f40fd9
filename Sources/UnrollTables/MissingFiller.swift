/// What stands for numbers that are missing.
enum MissingFiller {
  /// Fills in a column of a series.
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
    case .interpolate: return interpolate(&numbers, column, width)
    }
  }

  private static func interpolate(_ numbers: inout [Double], _ column: Int, _ width: Int) -> Int? {
    // The place of the last number that is there.
    var last: Int?
    var missing: Int?
    for place in stride(from: column, to: numbers.count, by: width) {
      guard !numbers[place].isNaN else {
        missing = missing ?? place
        continue
      }
      if let first = missing {
        guard let last else { return first / width }
        let (from, to, count) = (numbers[last], numbers[place], (place - last) / width)
        for i in 1..<count {
          numbers[last + i * width] = from + (to - from) * Double(i) / Double(count)
        }
      }
      (last, missing) = (place, nil)
    }
    return missing.map { $0 / width }
  }
}
