import UnrollCore
import UnrollFiles

/// Which rows a window sees, and which it predicts.
public struct WindowShape: Codable, Sendable, Equatable {
  /// The rows that are seen, T.
  public let length: Int
  /// The rows ahead, H.
  public let horizon: Int
  /// How far it is between rows that are seen, and that are predicted: 1 for every row, 2 for every second.
  public let spacing: Int
  /// The fewest rows that there are to be of the T; for the others a series that is shorter has zeros.
  public let leastRows: Int
  /// To what the values of a window are relative.
  public let scale: WindowScale

  /// - Parameter leastRows: the fewest rows that are to be there to see, T unless said otherwise.
  public init(
    length: Int, horizon: Int, spacing: Int = 1, leastRows: Int? = nil, scale: WindowScale = .none
  ) {
    self.length = length
    self.horizon = horizon
    self.spacing = spacing
    self.leastRows = leastRows ?? length
    self.scale = scale
    if let problem { require(false, "WindowShape: \(problem)") }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    length = try container.decode(Int.self, forKey: .length)
    horizon = try container.decode(Int.self, forKey: .horizon)
    spacing = try container.decode(Int.self, forKey: .spacing)
    leastRows = try container.decode(Int.self, forKey: .leastRows)
    scale = try container.decode(WindowScale.self, forKey: .scale)
    if let problem {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: problem))
    }
  }

  private var problem: String? {
    let sizes = 1..<(1 << 24)
    guard sizes.contains(length), sizes.contains(horizon), sizes.contains(spacing) else {
      return
        "\(length) rows to see, \(horizon) to predict and a spacing of \(spacing) are no window"
    }
    return (1...length).contains(leastRows)
      ? nil : "at least \(leastRows) of \(length) rows to see"
  }

  /// How many rows there are to see, of a series whose last row to be seen is this.
  ///
  /// - Parameter start: the first row that there is to be seen.
  public func rowsSeen(upTo last: Int, from start: Int = 0) -> Int {
    min(length, (last - start) / spacing + 1)
  }
}
