import UnrollFiles

/// The rows of each series to learn from, to choose by, and to test on: by time, so that no part knows of what
/// comes after it, or by series.
public enum SeriesSplit: Codable, Sendable, Equatable {
  /// So many rows for each part, from the first row on; rows after them are in no part.
  case rows(training: Int, validation: Int, test: Int)
  /// The last rows of each series to test on, those before them to choose by.
  case last(validation: Int, test: Int)
  /// What is after a point of time to test on; the rows before it to choose by.
  case after(TimeStamp, validation: Int)
  /// Some series, by their keys, to test on, from the first row; the last rows of the others to choose by.
  case series(test: [String], validation: Int)

  /// The rows of each part of a series.
  public struct Parts: Sendable, Equatable {
    public let training: Range<Int>
    public let validation: Range<Int>
    public let test: Range<Int>
  }

  /// The parts of a series. One that is too short has none left to learn from.
  ///
  /// - Throws: ``SeriesError`` where the rows have no time and the split is by time.
  public func parts(of series: TimeSeries) throws -> Parts {
    let count = series.count
    // Any numbers, as a file may have them.
    func rows(_ number: Int) -> Int { min(max(0, number), count) }
    func parts(_ training: Int, _ validation: Int, _ test: Int) -> Parts {
      let (a, b) = (rows(training), rows(validation))
      return Parts(
        training: 0..<a, validation: a..<max(a, b), test: max(a, b)..<max(a, b, rows(test)))
    }
    switch self {
    case .rows(let training, let validation, let test):
      let (a, b) = (rows(training), rows(training) + rows(validation))
      return parts(a, b, b + rows(test))
    case .last(let validation, let test):
      let end = count - rows(test)
      return parts(end - rows(validation), end, count)
    case .after(let time, let validation):
      guard let times = series.times else { throw SeriesError.noTimes }
      // Rows are in order of time.
      var (low, high) = (0, count)
      while low < high {
        let middle = (low + high) / 2
        if times.time(ofRow: middle) <= time { low = middle + 1 } else { high = middle }
      }
      return parts(low - rows(validation), low, count)
    case .series(let test, let validation):
      return test.contains(series.key)
        ? parts(0, 0, count) : parts(count - rows(validation), count, count)
    }
  }
}
