import UnrollCore
import UnrollFiles
import UnrollSeries

/// A forecaster beside a series that comes number by number: each costs the same, whatever came before.
///
/// ```
/// var live = try LiveForecast(forecaster, step: .hour)
/// try live.update(with: 12.5, at: now)
/// let next = try live.forecast(steps: 3)
/// ```
///
/// A value: a copy goes on by itself. What it carries can be saved, ``saved``, and restored.
public struct LiveForecast: Sendable {
  public let forecaster: RecursiveForecaster
  private let step: TimeStep?
  private let target: Int
  private let scale: ColumnScale
  private let categories: [Int32]
  private var stream: RecursiveForecaster.Stream
  /// When the last number was.
  public private(set) var time: TimeStamp?

  /// What is carried from one number to the next.
  public struct Saved: Codable, Sendable, Equatable {
    /// The network's state, by the names of its tensors.
    public var state: [String: [Float]]
    var shapes: [String: [Int]]
    var outputs: [Float]
    var count: Int
    var time: TimeStamp?
  }

  /// A series of which nothing has come yet.
  ///
  /// - Parameters:
  ///   - target: which of the targets comes.
  ///   - key: which series it is, where each has scales of its own.
  ///   - step: how far it is from one number to the next; needed where the model looks at the calendar.
  ///   - categories: the texts of the series' categories.
  /// - Throws: ``ForecasterError`` where the model needs columns that are known ahead, or takes differences.
  public init(
    _ forecaster: RecursiveForecaster, target: Int = 0, key: String = "", step: TimeStep? = nil,
    categories: [String] = []
  ) throws {
    let preparation = forecaster.preparation
    guard preparation.columns.future.isEmpty, preparation.difference == nil else {
      throw ForecasterError(
        "a live forecast sees one column and the time, without differences; this model sees more")
    }
    guard preparation.columns.calendar.isEmpty || step != nil else {
      throw ForecasterError("the model looks at the calendar, so the step of time is needed")
    }
    guard categories.count == preparation.categories.count,
      preparation.columns.targets.indices.contains(target)
    else {
      throw ForecasterError(
        "\(categories.count) categories and target \(target) of a model of "
          + "\(preparation.categories.count) and \(preparation.columns.targets.count)")
    }
    self.forecaster = forecaster
    self.step = step
    self.target = target
    scale = preparation.scales(of: key)[target]
    self.categories =
      (preparation.columns.targets.count > 1 ? [Int32(target)] : [])
      + zip(preparation.categories, categories).map { known, text in
        Int32((known.firstIndex(of: text) ?? -1) + 1)
      }
    stream = forecaster.makeStream()
  }

  /// Takes the next number; for one that is missing, NaN, the model's own mean.
  ///
  /// - Throws: ``ForecasterError`` where the model looks at the calendar and no time is given.
  public mutating func update(with value: Double, at time: TimeStamp? = nil) throws {
    guard forecaster.preparation.columns.calendar.isEmpty || time != nil else {
      throw ForecasterError("the model looks at the calendar, so the time of each number is needed")
    }
    let seen = Float(scale.seen(value))
    read(seen.isFinite ? seen : forecaster.mean(stream), at: time, &stream)
    self.time = time
  }

  private func read(
    _ value: Float, at time: TimeStamp?, _ stream: inout RecursiveForecaster.Stream
  ) {
    let next = time.flatMap { time in step.map { $0.adding(1, to: time) } }
    let calendar = next.map { forecaster.preparation.calendar(at: $0) } ?? []
    stream.read([value], row: stream.count) { value, input in
      forecaster.preparation.stepInput(
        value: value, categories: categories, into: input, known: { calendar[$0] })
    }
  }

  /// The mean of the next numbers, in the unit of the series.
  ///
  /// - Throws: ``ForecasterError`` where no number has come yet.
  public func forecast(steps: Int) throws -> [Double] {
    guard stream.count > 0 else { throw ForecasterError("no number has come yet") }
    var (stream, time, means) = (stream, time, [Double]())
    for ahead in 0..<steps {
      let mean = forecaster.mean(stream)
      means.append(scale.original(Double(mean)))
      guard ahead + 1 < steps else { break }
      time = time.flatMap { time in step.map { $0.adding(1, to: time) } }
      read(mean, at: time, &stream)
    }
    return means
  }

  /// What is carried, to be kept.
  public var saved: Saved {
    let tensors = forecaster.network.tensors(of: stream.state)
    return Saved(
      state: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.value.scalars) }),
      shapes: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.value.shape) }),
      outputs: stream.outputs, count: stream.count, time: time)
  }

  /// Goes on from what was kept.
  ///
  /// - Throws: ``ForecasterError`` where it is that of another model.
  public mutating func restore(_ saved: Saved) throws {
    let outputs = saved.count == 0 ? 0 : forecaster.likelihood.outputs
    guard saved.count >= 0, saved.outputs.count == outputs,
      saved.outputs.allSatisfy(\.isFinite),
      saved.state.allSatisfy({ saved.shapes[$0]?.reduce(1, *) == $1.count })
    else { throw ForecasterError("what was kept is not that of this model") }
    let tensors = saved.state.reduce(into: [String: Tensor<Float>]()) {
      $0[$1.key] = Tensor(shape: saved.shapes[$1.key] ?? [0], scalars: $1.value)
    }
    let state: RecursiveForecaster.Network.State
    do {
      state = try forecaster.network.restoringState(batch: 1, from: tensors)
    } catch {
      throw ForecasterError("what was kept is not that of this model: \(error)")
    }
    stream = forecaster.makeStream(from: state, outputs: saved.outputs, count: saved.count)
    time = saved.time
  }
}
