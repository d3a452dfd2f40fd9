import UnrollCore
import UnrollSeries

/// Rows that become series.
struct SeriesAssembly {
  /// The rows of a series so far.
  struct Rows {
    var times: [TimeStamp] = []
    var lines: [Int] = []
    /// F for each row.
    var numbers: [Double] = []
    /// C for each row.
    var categories: [Int32] = []
  }

  let path: String
  let timeColumn: String?
  /// How times are written.
  var pattern: TimePattern?
  let reading: SeriesReading
  /// By key.
  private var all: [Rows] = []
  private(set) var isEmpty = true

  init(path: String, timeColumn: String?, pattern: TimePattern?, reading: SeriesReading) {
    (self.path, self.timeColumn) = (path, timeColumn)
    (self.pattern, self.reading) = (pattern, reading)
  }

  /// Adds a row to the series of its key.
  ///
  /// - Throws: ``CSVError`` where it is not later than the one before it, unless rows are sorted.
  mutating func append(_ row: TableRows) throws {
    isEmpty = false
    while all.count <= row.key { all.append(Rows()) }
    if let time = row.time {
      if reading.order == .asWritten, let last = all[row.key].times.last, time <= last {
        let line = all[row.key].lines.last ?? 0
        throw error(
          row.line,
          time == last
            ? .sameTime(series: row.keys[row.key], time: text(time), line: line)
            : .notLater(
              series: row.keys[row.key], time: text(time), previous: text(last), line: line))
      }
      all[row.key].times.append(time)
    }
    all[row.key].lines.append(row.line)
    all[row.key].numbers.append(contentsOf: row.numbers.prefix(row.numberColumns.count))
    all[row.key].categories.append(contentsOf: row.categories.prefix(row.categoryColumns.count))
  }

  func error(_ line: Int?, column: String? = nil, _ order: RowOrder) -> CSVError {
    CSVError(path: path, line: line, column: column ?? timeColumn, problem: .order(order))
  }

  func text(_ time: TimeStamp) -> String { pattern?.format(time) ?? "\(time.value)" }

  /// The series that the rows are.
  ///
  /// - Throws: ``CSVError`` where rows do not follow one another as was asked for, or a missing number cannot
  ///   be made up.
  mutating func series(_ table: TableRows) throws -> [TimeSeries] {
    if reading.order == .sorted, timeColumn != nil {
      for key in all.indices { try sort(key, table.keys[key], table) }
    }
    let step = try pattern.map { try self.step($0) }
    var series: [TimeSeries] = []
    for key in all.indices {
      let name = table.keys[key]
      // What has been made a series is not kept beside it.
      let rows = all[key]
      all[key] = Rows()
      let parts = try self.parts(rows, name, step, table)
      for (part, rows) in parts.enumerated() {
        series.append(try self.series(rows, name, part, step, table))
      }
    }
    return series
  }

  private mutating func sort(_ key: Int, _ name: String, _ table: TableRows) throws {
    let rows = all[key]
    let order = rows.times.indices.sorted {
      (rows.times[$0], rows.lines[$0]) < (rows.times[$1], rows.lines[$1])
    }
    for (first, second) in zip(order, order.dropFirst())
    where rows.times[first] == rows.times[second] {
      throw error(
        rows.lines[second],
        .sameTime(series: name, time: text(rows.times[first]), line: rows.lines[first]))
    }
    let (width, names) = (table.numberColumns.count, table.categoryColumns.count)
    all[key] = Rows(
      times: order.map { rows.times[$0] }, lines: order.map { rows.lines[$0] },
      numbers: order.flatMap { rows.numbers[($0 * width)..<(($0 + 1) * width)] },
      categories: order.flatMap { rows.categories[($0 * names)..<(($0 + 1) * names)] })
  }

  /// The step that is asked for, or the one that most rows have.
  private func step(_ pattern: TimePattern) throws -> TimeStep {
    if let step = reading.step { return step }
    let month: Int64 = 28 * 86_400_000_000
    var distances: [Int64: Int] = [:]
    var (last, count): (Int64, Int) = (0, 0)
    for rows in all {
      for (first, second) in zip(rows.times, rows.times.dropFirst()) {
        let distance = second.value &- first.value
        if distance == last {
          count += 1
        } else {
          if count > 0 { distances[last, default: 0] += count }
          (last, count) = (distance, 1)
        }
      }
    }
    if count > 0 { distances[last, default: 0] += count }
    guard let distance = Self.mostCommon(distances, { $0 < $1 }) else { throw error(nil, .noStep) }
    if pattern.isCount { return .count(distance) }
    if distance < month { return .microseconds(distance) }
    // Months are of several lengths.
    var steps: [TimeStep: Int] = [:]
    for rows in all {
      for (first, second) in zip(rows.times, rows.times.dropFirst()) {
        if let step = TimeStep(between: first, and: second) { steps[step, default: 0] += 1 }
      }
    }
    return Self.mostCommon(steps) { Self.length($0) < Self.length($1) } ?? .microseconds(distance)
  }

  private static func mostCommon<Key>(
    _ counts: [Key: Int], _ isShorter: (Key, Key) -> Bool
  ) -> Key? {
    counts.max { $0.value != $1.value ? $0.value < $1.value : isShorter($1.key, $0.key) }?.key
  }

  /// About how long a step is.
  private static func length(_ step: TimeStep) -> Double {
    switch step {
    case .count(let count): Double(count)
    case .microseconds(let microseconds): Double(microseconds)
    case .months(let months): Double(months) * 30.44 * 86_400_000_000
    }
  }
}
