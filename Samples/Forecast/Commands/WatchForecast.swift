import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct WatchForecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Print a forecast for each row as it comes.",
    discussion: """
      Rows come on standard input, the names of the columns first; each is answered at once by its key, \
      its time and the means of the rows ahead. A recursive model carries its state from row to row; \
      another one reads the last rows again, and is silent until it has enough of them. A row that is wrong \
      or missing ends it, unless the model was trained with --missing or --gaps, which say what becomes of it.

      EXAMPLES:
        tail -n +1 -f temperatures.csv | forecast watch t.safetensors
      """)

  @Argument(help: "The model file.")
  var model: String

  func run() throws {
    let (forecaster, description) = try ForecastDescription.read(model)
    let columns = forecaster.preparation.columns
    guard columns.future.isEmpty, columns.categories.isEmpty else {
      throw ProgramError(
        description:
          "\(model): sees columns that are known ahead or categories, which rows that come do not have"
      )
    }
    let rows = try readingTable("-") { try description.layout.rows("-", columns) }
    try printLine(
      ["series", "time", "column"] + (1...forecaster.preparation.window.horizon).map { "\($0)" })
    var watched: [Int: WatchedSeries] = [:]
    while try readingTable("-", rows.next) {
      var series =
        try watched[rows.key]
        ?? WatchedSeries(
          forecaster, key: rows.keys[rows.key], description)
      let time = rows.time
      let forecasts = try readingTable("-") { try series.forecasts(after: rows.row, at: time) }
      for (column, values) in forecasts {
        try printLine(
          [series.key, time.map(series.text) ?? "", column]
            + values.map { "\(Float($0))" })
      }
      watched[rows.key] = series
    }
    try finishOutput()
  }

  private func printLine(_ cells: [String]) throws {
    try writeOutput(Array((cells.joined(separator: ",") + "\n").utf8))
  }
}
