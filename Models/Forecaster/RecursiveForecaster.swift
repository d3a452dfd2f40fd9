import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollSeries

/// A model of the next number of a series, which is asked again with what it said: a forecast of any number of rows,
/// by sampled paths or by its mean, after DeepAR (Salinas et al. 2020).
///
/// It reads a series from its first row, number by number, and carries its state from one to the next: a forecast after
/// another row costs the rows between. Trained by a `Trainer` on ``steps(of:in:batchSize:stride:seed:)`` with its
/// ``likelihood`` as the loss.
public struct RecursiveForecaster: Sendable {
  /// From numbers and what is known with them `[T, B, F]` to the outputs of a likelihood `[T, B, P]`.
  public typealias Network = Sequential<Tensor<Float>, Tensor<Float>, Float>

  public let preparation: SeriesPreparation
  public let likelihood: Likelihood
  public var network: Network
  /// How far the quantiles of sampled paths have been from what came, on rows that were not learned from; `nil` before
  /// ``calibrate(on:in:stride:paths:seed:)``.
  public var errors: ErrorQuantiles?

  /// A forecaster with this network.
  ///
  /// - Throws: ``ForecasterError`` where the network does not predict by such steps, or the preparation is one of
  ///   windows whose numbers are relative, or has numbers that are not known ahead, or likelihoods of counts are to
  ///   be of numbers that are none.
  public init(
    preparation: SeriesPreparation, likelihood: Likelihood, network: Network,
    errors: ErrorQuantiles? = nil
  ) throws {
    guard preparation.window.scale == .none, preparation.window.spacing == 1 else {
      throw ForecasterError(
        "a recursive forecaster carries its state on, so numbers are not relative to a window, and no row "
          + "is left out")
    }
    guard preparation.columns.past.isEmpty else {
      throw ForecasterError(
        "a recursive forecaster predicts its next input, so numbers beside the target have to be known "
          + "ahead: '\(oneLine(preparation.columns.past[0]))' is not")
    }
    let targets = preparation.columns.targets.count
    guard !likelihood.isOfCounts || preparation.keepsCounts else {
      throw ForecasterError(
        "a likelihood of counts needs counts: a scale by the mean or none, no logarithm and no differences"
      )
    }
    if let errors, errors.shape != [targets, preparation.window.horizon] {
      throw ForecasterError("the errors are of \(errors.shape), not of its targets and rows ahead")
    }
    let shape: [Int]
    do {
      shape = try network.outputShape(of: [1, 1, preparation.stepColumns])
    } catch {
      throw ForecasterError("the network does not take the steps: \(error)")
    }
    guard shape == [1, 1, likelihood.outputs], network.isCausal else {
      throw ForecasterError(
        "the network gives \(shape), not the \(likelihood.outputs) outputs of each step, or sees later "
          + "steps")
    }
    self.preparation = preparation
    self.likelihood = likelihood
    self.network = network
    self.errors = errors
  }

  /// A new network: recurrent layers, and a linear one.
  ///
  /// - Parameters:
  ///   - hidden: the hidden units of each layer.
  ///   - seed: what its first weights are drawn from.
  public init(
    preparation: SeriesPreparation, likelihood: Likelihood = .studentT, cell: NamedCell = .lstm,
    hidden: Int = 64, layers: Int = 2, dropout: Double = 0.1, seed: UInt64 = 1
  ) throws {
    let inputs = preparation.stepColumns
    try self.init(
      preparation: preparation, likelihood: likelihood,
      network: Network(seed: seed) {
        for layer in 0..<layers {
          cell.make(layer == 0 ? inputs : hidden, hidden).layer
          if dropout > 0 { Dropout(rate: dropout) }
        }
        Dense(inputSize: hidden, outputSize: likelihood.outputs)
      })
  }

  /// Stretches to learn from, or to see how well they are predicted: those whose rows are in the ranges.
  ///
  /// - Parameters:
  ///   - ranges: for each series of the table the rows that may be predicted.
  ///   - stride: the rows from one stretch to the next; a quarter of their length unless said otherwise.
  ///   - seed: what decides the orders; with `nil` they come in order of series and time.
  /// - Throws: ``SeriesError`` where a column is not there, or there is no stretch; ``ForecasterError`` where counts are
  ///   to be predicted, and a number is none.
  public func steps(
    of table: SeriesTable, in ranges: [Range<Int>], batchSize: Int, stride: Int? = nil,
    seed: UInt64? = 1
  ) throws -> StepWindows {
    let prepared = try preparation.prepare(table)
    if likelihood.isOfCounts { try checkCounts(table, ranges) }
    return try StepWindows(
      prepared, in: prepared.map { ranges[$0.series] }, preparation: preparation,
      likelihood: likelihood, stride: stride ?? max(1, preparation.window.length / 4),
      batchSize: batchSize, seed: seed)
  }

  private func checkCounts(_ table: SeriesTable, _ ranges: [Range<Int>]) throws {
    for name in preparation.columns.targets {
      let column = try table.column(name)
      for (series, range) in zip(table.series, ranges) {
        for row in range where series.values[row, column].isFinite {
          let value = series.values[row, column]
          guard value < 0 || value != value.rounded() else { continue }
          let which = series.key.isEmpty ? "" : " of the series '\(oneLine(series.key))'"
          throw ForecasterError(
            "'\(oneLine(name))'\(which) has \(value) in row \(row + 1), which is no count")
        }
      }
    }
  }
}

extension SeriesPreparation {
  /// Whether a count is still one as the model sees it, but for its unit.
  fileprivate var keepsCounts: Bool {
    let all = [scales] + seriesScales.map(\.scales)
    return difference == nil
      && all.joined().allSatisfy { $0.center == 0 && !$0.isLogarithmic }
  }
}
