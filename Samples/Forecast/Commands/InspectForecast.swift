import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

struct InspectForecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a model predicts, from what, and by which network.",
    discussion: """
      EXAMPLES:
        forecast inspect t.safetensors
      """)

  @Argument(help: "The model file.")
  var model: String

  func run() throws {
    let (forecaster, description) = try ForecastDescription.read(model)
    let preparation = forecaster.preparation
    let window = preparation.window
    func row(_ name: String, _ value: String) {
      if !value.isEmpty { print(name.padding(toLength: 16, withPad: " ", startingAt: 0) + value) }
    }
    let columns = preparation.columns
    row(
      "scales",
      preparation.seriesScales.isEmpty
        ? "" : "of each of \(preparation.seriesScales.count) series; those below are of all")
    for (i, name) in columns.numbers.enumerated() {
      let scale = preparation.scales[i]
      let kind =
        i < columns.targets.count
        ? "target" : i < columns.targets.count + columns.past.count ? "past" : "future"
      row(
        kind,
        "\(name): less \(JSONNumber(scale.center).text), by \(JSONNumber(scale.width).text)"
          + (scale.isLogarithmic ? ", of the logarithm" : ""))
    }
    for (name, texts) in zip(columns.categories, preparation.categories) {
      row(
        "category",
        "\(name): \(texts.count), \(texts.prefix(5).joined(separator: ", "))\(texts.count > 5 ? ", ..." : "")"
      )
    }
    row("calendar", columns.calendar.map(\.rawValue).joined(separator: ", "))
    row(
      "window",
      "\(window.length) rows, at least \(window.leastRows); relative to \(window.scale.rawValue)")
    row("horizon", "\(window.horizon) rows")
    row("season", "\(description.season) rows")
    row("difference", preparation.difference.map { "\($0) rows" } ?? "")
    row("time", description.layout.time ?? "")
    row("series", description.layout.keys.joined(separator: ", "))
    row(
      "intervals",
      Self.intervals(of: forecaster))
    print(forecaster.summary)
    try finishOutput()
  }

  private static func intervals(of forecaster: any ForecastModel) -> String {
    let calibrated = "the errors on the rows to choose by"
    switch forecaster {
    case let model as RecursiveForecaster:
      return "of sampled paths, \(model.likelihood.rawValue)"
        + (model.errors == nil ? "" : ", and of \(calibrated)")
    case let model as Forecaster where !model.levels.isEmpty:
      return "of learned quantiles, \(model.levels.map { "\($0)" }.joined(separator: ", "))"
        + (model.errors == nil ? "" : ", and of \(calibrated)")
    default: return forecaster.quantileRange == nil ? "none" : "of \(calibrated)"
    }
  }
}
