import UnrollSeries

/// The last rows of a series, one behind another, so that a window is one piece of memory.
///
/// It is a handle: copies share the memory, which is given back by ``deallocate()``.
struct WindowRing {
  let rows: Int
  let width: Int
  private let stride: Int
  private let names: Int
  private let capacity: Int
  private let numbers: UnsafeMutablePointer<Double>
  private let categories: UnsafeMutablePointer<Int32>
  /// The rows that there are, of which a window are the last ones.
  private var count = 0
  /// The rows until the next window is given.
  private var wait: Int
  /// When and on which line the last row was; `nil` before the first.
  private(set) var last: (time: TimeStamp, line: Int)?
  /// When the first row since the last gap was, and the rows since then.
  private(set) var origin = TimeStamp(0)
  private(set) var rowsSinceOrigin = 0

  init(rows: Int, stride: Int, numbers: Int, categories: Int) {
    (self.rows, self.stride, width, names) = (rows, stride, numbers, categories)
    wait = rows
    // What is kept is moved to the beginning once for as many rows.
    capacity = rows + max(rows, 64)
    self.numbers = .allocate(capacity: max(capacity * numbers, 1))
    self.categories = .allocate(capacity: max(capacity * categories, 1))
  }

  func deallocate() {
    numbers.deallocate()
    categories.deallocate()
  }

  /// Begins anew, as behind a gap.
  mutating func removeAll() { (count, wait, rowsSinceOrigin) = (0, rows, 0) }

  /// Adds the row that the table is at.
  ///
  /// - Returns: Whether a window is to be given.
  @inline(__always)
  mutating func append(_ table: TableRows) -> Bool {
    if count == capacity {
      let start = capacity - (rows - 1)
      numbers.update(from: numbers + start * width, count: (rows - 1) * width)
      categories.update(from: categories + start * names, count: (rows - 1) * names)
      count = rows - 1
    }
    let (to, from) = (numbers + count * width, table.numbers)
    for i in 0..<width { to[i] = from[i] }
    for i in 0..<names { categories[count * names + i] = table.categories[i] }
    count += 1
    if let time = table.time {
      last = (time, table.line)
      if rowsSinceOrigin == 0 { origin = time }
    }
    rowsSinceOrigin += 1
    wait -= 1
    guard wait == 0 else { return false }
    wait = stride
    return true
  }

  /// A number of the last row; `nil` where there is none.
  func last(_ column: Int) -> Double? {
    count == 0 ? nil : numbers[(count - 1) * width + column]
  }

  /// The numbers of the last rows.
  var window: UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(start: numbers + (count - rows) * width, count: rows * width)
  }

  /// The place of a category of a row of the window.
  func category(_ row: Int, _ column: Int) -> Int32 {
    categories[(count - rows + row) * names + column]
  }
}

/// Whether the rows of series follow one another, as they come.
struct RowClock {
  let path: String
  let column: String?
  private(set) var step: TimeStep?
  let gaps: TableWindows.Gaps
  private var pattern: TimePattern?

  init(path: String, column: String?, step: TimeStep?, gaps: TableWindows.Gaps) {
    (self.path, self.column, self.step, self.gaps) = (path, column, step, gaps)
  }

  /// Whether the row that the table is at is the first one, or the first one behind a gap.
  ///
  /// - Throws: ``CSVError`` where it is not later than the last one of its series, or at another time than a
  ///   row may be.
  @inline(__always)
  mutating func isBeginning(_ table: TableRows, after ring: WindowRing) throws -> Bool {
    guard let time = table.time, let last = ring.last else { return false }
    if case .microseconds(let step) = step, time.value &- last.time.value == step { return false }
    return try isBehindGap(table, time, last, ring)
  }

  @inline(never)
  private mutating func isBehindGap(
    _ table: TableRows, _ time: TimeStamp, _ last: (time: TimeStamp, line: Int), _ ring: WindowRing
  ) throws -> Bool {
    let series = table.keys[table.key]
    pattern = pattern ?? table.timePattern?.asWritten(in: table.timeText)
    func text(_ time: TimeStamp) -> String { pattern?.format(time) ?? "\(time.value)" }
    guard time > last.time else {
      throw error(
        table.line,
        time == last.time
          ? .sameTime(series: series, time: text(time), line: last.line)
          : .notLater(
            series: series, time: text(time), previous: text(last.time), line: last.line))
    }
    if step == nil {
      let (distance, isTooFar) = time.value.subtractingReportingOverflow(last.time.value)
      let isCount = table.timePattern?.isCount == true
      if isCount { step = isTooFar ? nil : .count(distance) }
      if !isCount { step = TimeStep(between: last.time, and: time) }
    }
    guard let step, let steps = step.steps(from: ring.origin, to: time) else {
      throw error(
        table.line,
        .offStep(
          series: series, time: text(time), previous: text(last.time), line: last.line,
          step: step.map(\.description) ?? ""))
    }
    if steps == ring.rowsSinceOrigin { return false }
    if gaps == .split { return true }
    throw error(
      table.line,
      .gap(
        series: series, time: text(time), previous: text(last.time), line: last.line,
        missing: steps - ring.rowsSinceOrigin, step: step.description))
  }

  func error(_ line: Int, column: String? = nil, _ order: RowOrder) -> CSVError {
    CSVError(path: path, line: line, column: column ?? self.column, problem: .order(order))
  }
}
