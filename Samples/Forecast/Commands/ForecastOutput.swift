import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// Forecasts as a table.
struct ForecastOutput {
  private let table: SeriesTable
  private let preparation: SeriesPreparation
  private let levels: [Double]
  /// Where those are among the quantiles of a forecast.
  private let places: [Int]

  /// - Parameters:
  ///   - levels: the probabilities of the quantiles to write.
  ///   - all: those that forecasts have.
  init(
    _ forecaster: any ForecastModel, _ table: SeriesTable, _ levels: [Double], among all: [Double]
  ) {
    (self.table, preparation, self.levels) = (table, forecaster.preparation, levels)
    places = levels.compactMap { all.firstIndex(of: $0) }
  }

  func write(_ forecasts: [UnrollModels.Forecast], to path: String) throws {
    var text =
      (["series", "time", "step", "column", "mean"] + levels.map { "\($0)" })
      .joined(separator: ",") + "\n"
    for forecast in forecasts {
      let series = table.series[forecast.series]
      for step in forecast.values.indices {
        let time = series.times.map {
          (table.timePattern ?? .iso8601).format(
            $0.time(ofRow: forecast.last + (step + 1) * preparation.window.spacing))
        }
        let numbers = ([forecast.values[step]] + places.map { forecast.quantiles[$0][step] }).map {
          "\(Float($0))"
        }
        text +=
          ([
            quoted(series.key), quoted(time ?? ""), "\(step + 1)",
            quoted(preparation.columns.targets[forecast.target]),
          ] + numbers)
          .joined(separator: ",") + "\n"
      }
    }
    if path == "-" {
      try writeOutput(Array(text.utf8))
    } else {
      try AtomicFile.write(Data(text.utf8), to: path)
    }
  }

  private func quoted(_ text: String) -> String {
    text.contains { ",\"\n\r".contains($0) }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
