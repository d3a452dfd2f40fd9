import ProgramSupport
import Unroll
import UnrollModels

/// What a model file of this program has beside the forecaster.
struct ForecastDescription: Codable, Sendable {
  private static let key = "forecast.description"

  /// How tables are read.
  var layout: TableLayout
  /// The rows that were learned from, chosen by, and kept to test on.
  var split: SeriesSplit
  /// Rows to a season.
  var season: Int
  /// How far it is from row to row.
  var step: TimeStep?
  /// How times were written.
  var timePattern: TimePattern?
  /// The standard deviation of each target over the rows that were learned from.
  var deviations: [Double]
  /// The options of `forecast train` that decide what is learned; `nil` in files from before they were kept.
  var training: [String]?

  func metadata() throws -> [String: String] { [Self.key: try ModelFile.text(of: self)] }

  /// A model of this program.
  static func read(_ path: String) throws -> (any ForecastModel, ForecastDescription) {
    let file = try ModelFile(contentsOf: path)
    let forecaster = try file.forecastModel()
    guard let description = try file.value(ForecastDescription.self, forKey: key) else {
      throw ModelFileError(
        path, "was not written by forecast train: it does not say how tables are read")
    }
    guard description.deviations.count == forecaster.preparation.columns.targets.count,
      (1...1_000_000).contains(description.season),
      description.deviations.allSatisfy({ $0 > 0 && $0.isFinite })
    else { throw ModelFileError(path, "has a description that does not fit its targets") }
    return (forecaster, description)
  }
}
