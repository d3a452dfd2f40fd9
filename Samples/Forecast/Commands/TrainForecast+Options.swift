import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

extension TrainForecast {
  /// The options by which the same would be learned from other rows: all but where things are, which rows are to be
  /// learned from, threads and checkpoints.
  ///
  /// - Parameters:
  ///   - window: the rows that are seen, which by default depend on how many there are.
  ///   - season: the rows to a season.
  func remembered(window: Int, season: Int) -> [String] {
    let values: [(name: String, value: String?)] = [
      ("target", columns.target), ("time", columns.time), ("time-format", columns.timeFormat),
      ("step", columns.step), ("series", columns.series), ("past", columns.past),
      ("future", columns.future), ("static", columns.static), ("delimiter", columns.delimiter),
      ("digit-grouping", columns.digitGrouping),
      ("missing", columns.missing.rawValue), ("gaps", columns.gaps.rawValue),
      ("horizon", "\(model.horizon)"), ("window", "\(window)"), ("season", "\(season)"),
      ("spacing", "\(model.spacing)"),
      ("size", model.size.rawValue), ("model", model.model.rawValue), ("cell", model.cell.name),
      ("hidden", model.hidden.map { "\($0)" }), ("dropout", model.dropout.map { "\($0)" }),
      ("scale", model.scale?.rawValue), ("quantiles", model.quantiles),
      ("likelihood", model.likelihood?.rawValue), ("relative", model.relative?.rawValue),
      ("difference", model.difference.map { "\($0)" }),
      ("steps", steps.map { "\($0)" }), ("minutes", minutes.map { "\($0)" }),
      ("batch", batch.map { "\($0)" }), ("learning-rate", "\(learningRate)"),
      ("average", "\(average)"), ("loss", loss?.rawValue), ("calendar", calendar),
      ("seed", "\(seed)"),
    ]
    let flags = [
      ("decimal-comma", columns.decimalComma), ("sort", columns.sort), ("log", model.log),
      ("per-series", model.perSeries), ("refit", refit),
    ]
    return values.compactMap { name, value in value.map { "--\(name)=\($0)" } }
      + flags.filter(\.1).map { "--\($0.0)" }
  }
}

extension ForecastDescription {
  /// How the model was trained, to train others likewise.
  ///
  /// - Throws: ``ModelFileError`` where the file, at a path, does not say it, or says what is not so.
  func options(of forecaster: any ForecastModel, path: String) throws -> TrainForecast {
    guard let training else {
      throw ModelFileError(
        path, "does not say how it was trained, so it cannot be refitted; train it anew")
    }
    let options: TrainForecast?
    do {
      // Whatever the table and the file were called.
      options = try TrainForecast.parse(["-"] + training + ["--output=model"])
    } catch {
      options = nil
    }
    let (preparation, isRecursive) = (forecaster.preparation, forecaster is RecursiveForecaster)
    guard let options, options.columns.columns.numbers == preparation.columns.numbers,
      options.columns.columns.categories == preparation.columns.categories,
      options.model.horizon == preparation.window.horizon,
      options.model.window == preparation.window.length,
      (options.model.model == .recursive) == isRecursive
    else {
      throw ModelFileError(path, "says that it was trained by options that are not its own")
    }
    return options
  }
}
