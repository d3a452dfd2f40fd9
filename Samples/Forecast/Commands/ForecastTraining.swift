import ProgramSupport
import Unroll
import UnrollModels

/// The training of a forecaster of either kind.
struct ForecastTraining {
  let options: TrainForecast
  let table: SeriesTable
  let parts: [SeriesSplit.Parts]
  let preparation: SeriesPreparation
  /// `nil` for a run that is not saved while it goes on.
  var checkpoints: RunCheckpoints?
  /// Whether nothing is told of what it does.
  var isQuiet = false

  struct Result {
    /// What is saved.
    var trained: any ForecastModel
    /// What was best on the rows to choose by, of which it knows nothing.
    var chosen: any ForecastModel
    var network: any Layer<Float>
    var step: Int
    var failure: (any Error)?
  }

  private var threads: Int { options.threads ?? Threads.default }

  /// The rows from one forecast of the rows to choose by to the next: neighbors say the same, and a validation is not
  /// to take longer than the training.
  var validationStride: Int {
    let rows = parts.reduce(0) { $0 + $1.validation.count } * preparation.columns.targets.count
    return max(1, rows / 5000)
  }

  /// The same for paths, which cost more: some 200 forecasts of each target.
  private var recursiveStride: Int {
    max(1, parts.reduce(0) { $0 + $1.validation.count } / 200)
  }

  private func run(_ batches: Int) -> ForecastRun {
    ForecastRun(
      steps: options.steps ?? options.model.size.steps(batchesPerEpoch: batches),
      minutes: options.minutes, learningRate: options.learningRate, average: options.average,
      seed: options.seed, threads: threads, isQuiet: isQuiet)
  }

  private func tell(_ line: String) {
    if !isQuiet { print(line) }
  }

  /// Both the rows to learn from and those to choose by.
  private var both: [Range<Int>] {
    parts.map { $0.training.lowerBound..<$0.validation.upperBound }
  }

  /// When the last of some rows is.
  private func end(of ranges: [Range<Int>]) -> TimeStamp? {
    zip(table.series, ranges).compactMap { $0.times?.time(ofRow: $1.upperBound - 1) }.max()
  }

  /// Whether to learn anew in the end, and for how many steps.
  private func learnsAnew(_ failure: (any Error)?, _ step: Int) -> Bool {
    guard options.refit, failure == nil, Interrupt.signal == nil else { return false }
    tell("learning anew from the rows to choose by too, for \(step) steps")
    return true
  }

  private func batch(_ count: Int) -> Int { options.batch ?? min(256, max(16, count / 32)) }

  /// Windows, and what follows each.
  func windowed() throws -> Result {
    let levels = try options.model.levels()
    let fresh = try Forecaster(
      preparation: preparation, levels: levels,
      configuration: options.model.configuration(of: table), seed: options.seed)
    let training = parts.map(\.training)
    let prepared = try preparation.prepare(table)
    let count = try preparation.windows(of: prepared, in: training, batchSize: 1, seed: nil).places
      .count
    let weights =
      options.loss == .mase
      ? preparation.seasonalWeights(
        of: prepared, in: training, season: options.model.season(of: table)) : []
    let source = try preparation.windows(
      of: prepared, in: training, batchSize: batch(count), weights: weights, seed: options.seed)
    let validation = try preparation.windows(
      of: prepared, in: parts.map(\.validation), batchSize: 256, stride: validationStride,
      weights: weights, seed: nil)
    if validation.places.count < ErrorQuantiles.least {
      tell(
        "intervals will rest on \(validation.places.count) forecasts of the rows to choose by, which are "
          + "few; keep more with --validation or --split")
    }
    let run = run(source.batchesPerEpoch)
    tell(
      "\(preparation.window.length) rows seen, \(preparation.window.horizon) ahead: "
        + "\(source.places.count) windows to learn from, \(validation.places.count) to choose by; "
        + "\(fresh.network.parameterCount) parameters; \(run.steps) steps of \(source.batchSize) windows"
    )
    let loss: any Loss<Tensor<Float>, Tensor<Float>> =
      levels.isEmpty
      ? (options.loss ?? .absolute).loss : QuantileLoss<Float>(levels: levels)
    return try train(fresh, run, source, validation, loss)
  }

  private func train(
    _ fresh: Forecaster, _ run: ForecastRun, _ source: ForecastWindows,
    _ validation: ForecastWindows, _ loss: some Loss<Tensor<Float>, Tensor<Float>>
  ) throws -> Result {
    let result = try run.train(fresh.network, source, validation, loss, checkpoints)
    var chosen = fresh
    chosen.network = result.network
    chosen.learnedUntil = end(of: parts.map(\.training))
    try chosen.calibrate(on: table, in: parts.map(\.validation), threads: threads)
    var trained = chosen
    if learnsAnew(result.failure, result.step) {
      var again = run
      (again.steps, again.minutes) = (result.step, nil)
      let all = try preparation.windows(
        of: preparation.prepare(table), in: both, batchSize: source.batchSize,
        weights: source.weights, seed: options.seed)
      trained.network = try again.train(fresh.network, all, nil, loss).network
      trained.learnedUntil = end(of: both)
    }
    return Result(
      trained: trained, chosen: chosen, network: trained.network, step: result.step,
      failure: result.failure)
  }

  /// Number by number.
  func recursive() throws -> Result {
    let model = options.model
    let fresh = try RecursiveForecaster(
      preparation: preparation, likelihood: model.likelihood ?? .studentT, cell: model.cell,
      hidden: model.hidden ?? model.size.hidden / 2,
      dropout: model.dropout ?? 0.1, seed: options.seed)
    let training = parts.map(\.training)
    let count = try fresh.steps(of: table, in: training, batchSize: 1, seed: nil).count
    let size = min(64, batch(count))
    let source = try fresh.steps(of: table, in: training, batchSize: size, seed: options.seed)
    let validation = try fresh.steps(
      of: table, in: parts.map(\.validation), batchSize: size, stride: preparation.window.length,
      seed: nil)
    let run = run(source.batchesPerEpoch)
    tell(
      "stretches of \(preparation.window.length) rows: \(source.count) to learn from, "
        + "\(validation.count) to choose by; \(fresh.network.parameterCount) parameters; "
        + "\(run.steps) steps of \(source.batchSize) stretches")
    let result = try run.train(
      fresh.network, source, validation, fresh.likelihood, checkpoints)
    var chosen = fresh
    chosen.network = result.network
    try chosen.calibrate(
      on: table, in: parts.map(\.validation), stride: recursiveStride)
    var trained = chosen
    if learnsAnew(result.failure, result.step) {
      var again = run
      (again.steps, again.minutes) = (result.step, nil)
      let all = try fresh.steps(of: table, in: both, batchSize: size, seed: options.seed)
      trained.network = try again.train(fresh.network, all, nil, fresh.likelihood).network
    }
    return Result(
      trained: trained, chosen: chosen, network: trained.network, step: result.step,
      failure: result.failure)
  }
}
