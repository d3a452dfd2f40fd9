import ArgumentParser
import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// Forecasts after some rows of a table by models that are trained, each from scratch, on the rows up to then alone.
struct ForecastRefit {
  let options: TrainForecast
  let table: SeriesTable
  /// The rows before those to predict that choose the best step.
  let validation: Int
  /// The forecasts in time from one training to the next.
  let every: Int
  /// Where each series begins to be predicted.
  let starts: [Int]
  let threads: Int
  /// Whether training shows how it goes.
  var isQuiet = true
  /// Is told of each training when it begins.
  var tell: (String) -> Void = { _ in }

  /// - Returns: a forecast for each place, in their order.
  /// - Throws: ``ExitCode`` where Ctrl-C came.
  func forecasts(
    after places: [ForecastWindows.Place], of prepared: [PreparedSeries], quantiles: [Double]
  ) throws -> [UnrollModels.Forecast] {
    let origins = origins(of: places, prepared)
    let distinct = Set(origins).sorted()
    let trainings = (distinct.count + every - 1) / every
    var forecasts = [UnrollModels.Forecast?](repeating: nil, count: places.count)
    for number in 0..<trainings {
      let part = distinct[(number * every)..<min((number + 1) * every, distinct.count)]
      guard let first = part.first, let last = part.last else { continue }
      let ends = try ends(at: first)
      tell("training \(number + 1) of \(trainings), on \(summary(of: ends))")
      let model = try trained(on: ends)
      let own = places.indices.filter { (first...last).contains(origins[$0]) }
      let made = try model.forecasts(
        of: model.preparation.prepare(table), after: own.map { places[$0] }, quantiles: quantiles,
        threads: threads)
      for (index, forecast) in zip(own, made) { forecasts[index] = forecast }
    }
    return forecasts.compactMap(\.self)
  }

  /// When each forecast is made: at a point of time, where rows have one; else by the row, counted from where the
  /// series begins to be predicted.
  private func origins(
    of places: [ForecastWindows.Place], _ prepared: [PreparedSeries]
  ) -> [Int64] {
    places.map { place in
      let series = prepared[place.series].series
      return table.series[series].times?.time(ofRow: place.last).value
        ?? Int64(place.last + 1 - starts[series])
    }
  }

  /// For each series the rows up to an origin.
  private func ends(at origin: Int64) throws -> [Int] {
    try zip(table.series, starts).map { series, start in
      series.times == nil
        ? min(max(0, start + Int(origin)), series.count)
        : try SeriesSplit.after(TimeStamp(origin), validation: 0).parts(of: series)
          .training.count
    }
  }

  private func summary(of ends: [Int]) -> String {
    let rows = "\(ends.reduce(0, +)) rows"
    let times = zip(table.series, ends).compactMap { series, end in
      end > 0 ? series.times?.time(ofRow: end - 1) : nil
    }
    return times.max().map { "\(rows) up to \((table.timePattern ?? .iso8601).format($0))" } ?? rows
  }

  /// The model that `train` would make of a table that ends there, with no rows kept to test on.
  private func trained(on ends: [Int]) throws -> any ForecastModel {
    // A series of which nothing is known yet is no series yet.
    let known = SeriesTable(
      columns: table.columns, categoryColumns: table.categoryColumns,
      series: zip(table.series, ends).filter { $1 > 0 }.map { $0.rows(0..<$1) },
      timePattern: table.timePattern)
    let parts = try known.series.map {
      try SeriesSplit.last(validation: validation, test: 0).parts(of: $0)
    }
    let job = ForecastTraining(
      options: options, table: known, parts: parts,
      preparation: try options.preparation(of: known, parts), isQuiet: isQuiet)
    let result = try options.model.model == .recursive ? job.recursive() : job.windowed()
    if let failure = result.failure { throw failure }
    if let signal = Interrupt.signal { throw ExitCode(128 + signal) }
    return result.trained
  }
}

extension SeriesSplit {
  /// The rows of each series to choose by.
  var validationRows: Int {
    switch self {
    case .rows(_, let validation, _), .last(let validation, _), .after(_, let validation),
      .series(_, let validation):
      validation
    }
  }
}
