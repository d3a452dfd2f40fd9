import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

struct EvaluateForecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how well a model predicts a table.",
    discussion: """
      Of the table that the model learned from, the rows to test on are predicted, from every row before \
      that; of another one likewise, as the split says. With --history, the table's rows follow those of \
      the history, and each series is predicted once, from the end of its history.

      EXAMPLES:
        forecast evaluate t.safetensors temperatures.csv
        forecast evaluate m4.safetensors m4-test.csv --history m4-train.csv --json
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(help: "The table.")
  var table: String

  @Option(help: ArgumentHelp("What came before the table.", valueName: "TRAIN.csv"))
  var history: String?

  @Option(
    parsing: .unconditional,
    help: "Threads; the result does not depend on it. (default: all processors)")
  var threads: Int?

  @OptionGroup var intervals: IntervalOptions

  @Flag(help: "Print a JSON object. What cannot be said is null in it, or missing.")
  var json = false

  func validate() throws { try check("--threads", threads ?? 1, in: 1...1024) }

  func run() throws {
    let (forecaster, description) = try ForecastDescription.read(model)
    let report = try readingTable(table) {
      try history.map { try after($0, forecaster, description) }
        ?? tested(forecaster, description)
    }
    if json { try printJSON(report) } else { report.printTable() }
    try finishOutput()
  }

  private func tested(
    _ forecaster: any ForecastModel, _ description: ForecastDescription
  ) throws -> ForecastReport {
    let data = try description.layout.read(table, forecaster.preparation.columns) { _ in
      description.split
    }
    let ranges = try data.series.map { try description.split.parts(of: $0).test }
    guard ranges.contains(where: { !$0.isEmpty }) else {
      throw ProgramError(
        description:
          "\(table): no rows to test on, as the model was trained with none kept; give the rows "
          + "before them as --history")
    }
    return try ForecastReport(
      forecaster, description, data, ranges: ranges,
      intervals: intervals.probabilities(), threads: threads ?? Threads.default)
  }

  /// Each series once, from the end of its history.
  private func after(
    _ history: String, _ forecaster: any ForecastModel, _ description: ForecastDescription
  ) throws -> ForecastReport {
    let columns = forecaster.preparation.columns
    let before = try description.layout.read(history, columns)
    let after = try description.layout.read(table, columns)
    let joined = try before.followed(by: after, path: table)
    let prepared = try forecaster.preparation.prepare(joined.table)
    let (horizon, space) = (
      forecaster.preparation.window.horizon, forecaster.preparation.window.spacing
    )
    let places = try prepared.enumerated().compactMap { index, one -> ForecastWindows.Place? in
      guard let end = joined.ends[one.series] else { return nil }
      let left = joined.table.series[one.series].count - end
      guard left >= horizon * space else {
        throw ProgramError(
          description:
            "\(table): the series '\(joined.table.series[one.series].key)' has \(left) rows, and the model predicts \(horizon * space)"
        )
      }
      return ForecastWindows.Place(series: index, last: end - 1)
    }
    return try ForecastReport(
      forecaster, description, joined.table, prepared, places,
      historyEnds: joined.table.series.indices.map { joined.ends[$0] ?? 0 },
      intervals: intervals.probabilities(), threads: threads ?? Threads.default)
  }
}

extension SeriesTable {
  /// Each series followed by that of the same key in another table, and how many rows it had; `nil` for one that
  /// the other does not have.
  func followed(by other: SeriesTable, path: String) throws -> (table: SeriesTable, ends: [Int?]) {
    if let split = other.series.first(where: { $0.part > 0 }) {
      throw ProgramError(
        description: "\(path): the series '\(split.key)' has a gap; give one that has none")
    }
    let later = Dictionary(uniqueKeysWithValues: other.series.map { ($0.key, $0) })
    if let stranger = other.series.first(where: { one in !series.contains { $0.key == one.key } }) {
      throw ProgramError(description: "\(path): the series '\(stranger.key)' has no history")
    }
    // Of a history that was split at its gaps the last part is what the table follows.
    let last = Dictionary(series.map { ($0.key, $0.part) }, uniquingKeysWith: max)
    var joined = self
    var ends = [Int?](repeating: nil, count: series.count)
    for (i, one) in series.enumerated() where last[one.key] == one.part {
      guard let next = later[one.key] else { continue }
      if let times = one.times, let start = next.times?.start, start != times.time(ofRow: one.count)
      {
        let pattern = timePattern ?? .iso8601
        throw ProgramError(
          description:
            "\(path): the series '\(one.key)' begins at \(pattern.format(start)), and its history "
            + "ends before \(pattern.format(times.time(ofRow: one.count)))")
      }
      ends[i] = one.count
      joined.series[i] = TimeSeries(
        key: one.key, part: one.part, times: one.times,
        values: Tensor(
          shape: [one.count + next.count, columns.count],
          scalars: one.values.scalars + next.values.scalars),
        categories: zip(one.categories, next.categories).map { $0 + $1 })
    }
    return (joined, ends)
  }
}
