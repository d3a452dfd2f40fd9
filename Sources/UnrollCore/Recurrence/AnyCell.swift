import UnrollFiles

/// A cell of any kind, for a cell that wraps another: one dynamic call a step.
public struct AnyCell<Element: Scalar>: Sendable {
  public var cell: any RecurrentCell<Element>

  public init(_ cell: any RecurrentCell<Element>) {
    self.cell = cell
  }
}

extension AnyCell: Codable {
  private enum Key: String, CodingKey {
    case kind
    case cell
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(type(of: cell).kind, forKey: .kind)
    try container.encode(cell, forKey: .cell)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let kind = try LayerRegistry<Element>.kind(in: container, forKey: .kind)
    guard let type = try LayerRegistry<Element>.of(decoder).cells[kind] else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container,
        debugDescription: "no cell of kind '\(kind.cut)' is registered")
    }
    cell = try container.decode(type, forKey: .cell)
  }
}
