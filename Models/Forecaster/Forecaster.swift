import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollSeries

/// A model of what follows in series of numbers: the network, and the preparation that makes a table's numbers
/// those that it sees, and its outputs forecasts.
///
/// It is trained on ``windows(of:in:batchSize:stride:seed:)`` by a `Trainer`, calibrated on rows that it did not
/// learn from, and then predicts from a table and nothing else.
public struct Forecaster: Sendable {
  /// From windows to what follows each, `[B, H Q]`: Q outputs of the first row ahead, then of the second.
  public typealias Network = Sequential<WindowInput<Float>, Tensor<Float>, Float>

  public let preparation: SeriesPreparation
  /// The probabilities of the quantiles that the network gives, Q of them; none where it gives points, Q being 1.
  public let levels: [Double]
  public var network: Network
  /// How far forecasts have been from what came, on rows that were not learned from; `nil` before
  /// ``calibrate(on:in:stride:threads:)``.
  public var errors: ErrorQuantiles?
  /// When the last row was that it learned from, so that intervals can go by the errors that it made since; `nil` where
  /// rows have no time.
  public var learnedUntil: TimeStamp?

  /// A forecaster with this network.
  ///
  /// - Parameter levels: the probabilities of the quantiles that the network gives, for which it was trained by
  ///   `QuantileLoss`; none where it gives points.
  /// - Throws: ``ForecasterError`` where the network does not make a forecast of such windows, or levels do not
  ///   rise within 0 and 1, around 0.5.
  public init(
    preparation: SeriesPreparation, levels: [Double] = [], network: Network,
    errors: ErrorQuantiles? = nil, learnedUntil: TimeStamp? = nil
  ) throws {
    let window = preparation.window
    try Self.check(levels)
    let shape: [Int]
    do {
      shape = try network.outputShape(of: [window.length, 1, preparation.pastColumns])
    } catch {
      throw ForecasterError("the network does not take the windows: \(error)")
    }
    let outputs = max(1, levels.count)
    guard shape == [1, window.horizon * outputs] else {
      throw ForecasterError(
        "the network gives \(shape) for a window with \(window.horizon) rows ahead"
          + (levels.isEmpty ? "" : " and \(outputs) quantiles"))
    }
    do {
      try network.checkInput(preparation.emptyWindow)
    } catch {
      throw ForecasterError("the network does not take the windows: \(error)")
    }
    if let errors, errors.shape != [preparation.columns.targets.count, window.horizon] {
      throw ForecasterError("the errors are of \(errors.shape), not of its targets and rows ahead")
    }
    self.preparation = preparation
    self.levels = levels
    self.network = network
    self.errors = errors
    self.learnedUntil = learnedUntil
  }

  private static func check(_ levels: [Double]) throws {
    guard let first = levels.first, let last = levels.last else { return }
    guard first > 0, last < 1, first <= 0.5, last >= 0.5,
      zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw ForecasterError("quantiles rise within 0 and 1, around 0.5; these are \(levels)")
    }
  }

  /// A new network.
  ///
  /// - Parameters:
  ///   - levels: the probabilities of the quantiles that it is to give, around 0.5; none for points.
  ///   - seed: what its first weights are drawn from.
  /// - Throws: ``ForecasterError`` where levels do not rise within 0 and 1, around 0.5.
  public init(
    preparation: SeriesPreparation, levels: [Double] = [],
    configuration: Configuration = Configuration(), seed: UInt64 = 1
  ) throws {
    try self.init(
      preparation: preparation, levels: levels,
      network: configuration.network(for: preparation, levels: levels.count, seed: seed))
  }

  /// Windows to learn from, or to see how well they are predicted: those whose rows ahead are in the ranges.
  ///
  /// - Parameters:
  ///   - ranges: for each series of the table the rows that may be predicted.
  ///   - stride: the rows from one window to the next.
  ///   - seed: what decides the orders; with `nil` they come in order of series and time.
  /// - Throws: ``SeriesError`` where a column is not there, or there is no window.
  public func windows(
    of table: SeriesTable, in ranges: [Range<Int>], batchSize: Int, stride: Int = 1,
    seed: UInt64? = 1
  ) throws -> ForecastWindows {
    try preparation.windows(
      of: preparation.prepare(table), in: ranges, batchSize: batchSize, stride: stride, seed: seed)
  }
}

extension SeriesPreparation {
  /// A window of one row of zeros, of the last of all categories.
  fileprivate var emptyWindow: WindowInput<Float> {
    let ids = categorySizes.map { Int32($0 - 1) }
    return WindowInput(
      past: Tensor(shape: [1, 1, pastColumns]),
      future: Tensor(shape: [window.horizon, 1, futureColumns]),
      categories: Tokens(time: ids.count, batch: 1, ids: ids))
  }
}

/// A network that does not make the forecasts that it should.
public struct ForecasterError: Error, CustomStringConvertible, Equatable {
  public let description: String

  public init(_ description: String) { self.description = oneLine(description) }
}
