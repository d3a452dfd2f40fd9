/// The scales that one series has for itself.
public struct SeriesScales: Codable, Sendable, Equatable {
  /// The key of the series.
  public let key: String
  /// Of each column of ``ForecastColumns/numbers``.
  public let scales: [ColumnScale]
}
