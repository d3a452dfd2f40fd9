import UnrollCore
import UnrollFiles

/// What a forecaster sees of a series, and what it is to predict.
///
/// It counts rows, not time: a row is taken to come one step after the row before it. Nothing looks
/// at dates, see ``SequenceWindows``.
public struct ForecastWindow: Codable, Sendable, Equatable {
  /// The steps that have a target.
  public enum Targets: String, Codable, Sendable, CaseIterable {
    /// The last one: a forecast from all that was seen, for a model whose steps are pooled.
    case lastStep
    /// Every one, from what was seen until then: for a causal model, which learns more from a
    /// window so.
    case everyStep
  }

  /// The rows that are seen, T, at least 1.
  public let length: Int
  /// The rows after a step that are its target, H, at least 1.
  public let horizon: Int
  public let targets: Targets
  /// The columns that are predicted; `nil` for all.
  public let targetColumns: [Int]?

  /// - Parameters:
  ///   - length: The rows that are seen, T, at least 1.
  ///   - horizon: The rows after a step that are its target, H, at least 1.
  ///   - targets: The steps that have a target.
  ///   - targetColumns: The columns that are predicted; `nil` for all.
  public init(
    length: Int, horizon: Int = 1, targets: Targets = .lastStep, targetColumns: [Int]? = nil
  ) {
    require(
      length >= 1 && horizon >= 1,
      "ForecastWindow: at least one row to see and one to predict, not \(length) and \(horizon)")
    require(targetColumns?.isEmpty != true, "ForecastWindow: at least one column is predicted")
    self.length = length
    self.horizon = horizon
    self.targets = targets
    self.targetColumns = targetColumns
  }

  // In files: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case length = "length"
    case horizon = "horizon"
    case targets = "targets"
    case targetColumns = "columns"
  }

  /// - Throws: `DecodingError` where a number is out of its range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    length = try container.decode(Int.self, forKey: .length)
    horizon = try container.decode(Int.self, forKey: .horizon)
    targets = try container.decode(Targets.self, forKey: .targets)
    targetColumns = try container.decodeIfPresent([Int].self, forKey: .targetColumns)
    let sizes = 1...(1 << 31)
    guard
      sizes.contains(length), sizes.contains(horizon),
      targetColumns.map({ !$0.isEmpty && $0.allSatisfy { $0 >= 0 } }) ?? true
    else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "\(length) rows to see, \(horizon) to predict and the columns "
            + "\(targetColumns ?? []) are no window"))
    }
  }

  /// The rows of a series that a window takes, T + H.
  public var rows: Int { length + horizon }
}
