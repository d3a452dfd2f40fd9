import Unroll

/// A forecaster of a column of a CSV file: trained, saved with what brings numbers to its scale, loaded.
///
/// - Returns: the mean absolute error on the last tenth, and the forecast of the week after the file's
///   last day, by the loaded model.
func forecastWeek(_ csv: String, column: String, saving path: String) throws -> (Double, [Float]) {
  let series = try CSVTable(csv).series([column])
  let parts = try SeriesSplit.last(validation: 90, test: 90).split(series)
  let scales = try [ColumnScale](of: parts.training)
  func windows(_ part: Tensor<Float>) throws -> SequenceWindows {
    try SequenceWindows(
      scales.seen(part), shape: WindowShape(length: 30, horizon: 7), batchSize: 32)
  }
  let model = Sequential(seed: 1) {
    GRU(inputSize: 1, hiddenSize: 24)
    LastStep()
    Dense(inputSize: 24, outputSize: 7)
  }
  var trainer = Trainer(
    model: model, source: try windows(parts.training), loss: MeanSquaredError(),
    options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.01)))
  try trainer.train(steps: 300, validation: try windows(parts.validation), validationInterval: 50)
  try ModelFile.write(
    trainer.bestModel, metadata: ["scales": try ModelFile.text(of: scales)], to: path)

  let report = RegressionReport(of: trainer.bestModel, over: try windows(parts.test)) {
    scales.original($0, columns: [0])
  }
  let file = try ModelFile(contentsOf: path)
  let loaded = try file.model(type(of: model), registry: .standard)
  let last = scales.seen(series.steps(series.shape[0] - 30..<series.shape[0]))
  let saved = try file.value([ColumnScale].self, forKey: "scales") ?? scales
  let next = saved.original(loaded(last.reshaped([30, 1, 1])), columns: [0])
  return (report.meanAbsoluteError, next.scalars)
}
