import UnrollCore
import UnrollSeries

extension SeriesAssembly {
  /// The most rows that a gap is filled with: one that is longer is an error in a time.
  private static let fillLimit = 10_000_000

  /// The rows in parts that have no gaps, filled or split as was asked for.
  func parts(
    _ rows: Rows, _ name: String, _ step: TimeStep?, _ table: TableRows
  ) throws -> [Rows] {
    guard let step, let first = rows.times.first else { return [rows] }
    let (width, names) = (table.numberColumns.count, table.categoryColumns.count)
    var parts: [Rows] = []
    // Most series have no gaps.
    var start = 0
    var part = Rows()
    var expected = 1
    var origin = first
    func copy(_ range: Range<Int>) {
      part.times += rows.times[range]
      part.lines += rows.lines[range]
      part.numbers += rows.numbers[(range.lowerBound * width)..<(range.upperBound * width)]
      part.categories += rows.categories[(range.lowerBound * names)..<(range.upperBound * names)]
    }
    for row in rows.times.indices.dropFirst() {
      let (time, previous) = (rows.times[row], rows.times[row - 1])
      let (line, previousLine) = (rows.lines[row], rows.lines[row - 1])
      guard let steps = step.steps(from: origin, to: time) else {
        throw error(
          line,
          .offStep(
            series: name, time: text(time), previous: text(previous), line: previousLine,
            step: step.description))
      }
      let missing = steps - expected
      expected = steps + 1
      if missing == 0 { continue }
      if missing < 0 || reading.gaps == .refuse
        || reading.gaps == .fillMissing && missing > Self.fillLimit
      {
        throw error(
          line,
          .gap(
            series: name, time: text(time), previous: text(previous), line: previousLine,
            missing: missing, step: step.description))
      }
      copy(start..<row)
      start = row
      if reading.gaps == .split {
        parts.append(part)
        (part, origin, expected) = (Rows(), time, 1)
      } else {
        let categories = Array(part.categories.suffix(names))
        for i in 1...missing {
          part.times.append(step.adding(i, to: previous))
          part.lines.append(previousLine)
          part.numbers += repeatElement(.nan, count: width)
          part.categories += categories
        }
        markMissing(&part, missing, table)
      }
    }
    if part.times.isEmpty, start == 0 { return parts + [rows] }
    copy(start..<rows.times.count)
    return parts + [part]
  }

  /// Of the last rows, tells indicators that they are missing.
  private func markMissing(_ rows: inout Rows, _ count: Int, _ table: TableRows) {
    let width = table.numberColumns.count
    for (column, policy) in table.policies.enumerated() where policy == nil {
      for row in (rows.times.count - count)..<rows.times.count {
        rows.numbers[row * width + column] = 1
      }
    }
  }

  /// The series of rows that have no gaps.
  func series(
    _ rows: Rows, _ name: String, _ part: Int, _ step: TimeStep?, _ table: TableRows
  ) throws -> TimeSeries {
    let (width, names) = (table.numberColumns.count, table.categoryColumns.count)
    var numbers = rows.numbers
    for (column, policy) in table.policies.enumerated() {
      guard let policy else { continue }
      let isWhole = MissingFiller.fill(&numbers, column, width, policy.missing)
      if let row = isWhole {
        throw error(
          rows.lines[row], column: policy.column,
          policy.missing == .interpolate
            ? .nothingToInterpolate(series: name) : .nothingToCarry(series: name))
      }
    }
    let axis = try axis(rows, name, step)
    return TimeSeries(
      key: name, part: part, times: axis,
      values: Tensor(shape: [rows.lines.count, width], scalars: numbers),
      categories: (0..<names).map { column in
        let texts = table.categories(of: column)
        return rows.lines.indices.map { texts[Int(rows.categories[$0 * names + column])] }
      })
  }

  /// The axis on which the rows are.
  ///
  /// - Throws: ``CSVError`` where a row is not on it, such as one on another day of the month.
  private func axis(_ rows: Rows, _ name: String, _ step: TimeStep?) throws -> TimeAxis? {
    guard let step, let start = rows.times.first else { return nil }
    guard case .months = step else { return TimeAxis(start: start, step: step) }
    // Rows that fill a gap have the line of the row before it. What day they are on the others tell.
    let real = rows.times.indices.filter { $0 == 0 || rows.lines[$0] != rows.lines[$0 - 1] }
    let days = real.map { rows.times[$0].components.day }
    // Rows at the ends of months of several lengths are on the last day of every month.
    let isLast = real.allSatisfy { TimeStep.day.adding(1, to: rows.times[$0]).components.day == 1 }
    let day = isLast && days.contains { $0 != days[0] } ? 31 : days.max() ?? 1
    let axis = TimeAxis(start: start, step: step, day: day)
    for row in real where axis.time(ofRow: row) != rows.times[row] {
      throw error(
        rows.lines[row],
        .offStep(
          series: name, time: text(rows.times[row]), previous: text(rows.times[max(row - 1, 0)]),
          line: rows.lines[max(row - 1, 0)], step: step.description))
    }
    return axis
  }
}
