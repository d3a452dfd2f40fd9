import ArgumentParser
import Unroll
import UnrollModels

/// What the commands work with: cells by name, the layers that a file may have, and commands beside the
/// usual ones.
public struct Toolkit: Sendable {
  public var cells = NamedCell.standard
  public var registry = LayerRegistry<Float>.standard
  public var commands: [any ParsableCommand.Type] = []

  public init(
    registry: LayerRegistry<Float> = .standard, commands: [any ParsableCommand.Type] = []
  ) {
    (self.registry, self.commands) = (registry, commands)
  }

  /// The one of this run. The parser makes commands and options by itself, so it cannot be handed to
  /// them.
  @TaskLocal public static var current = Toolkit()
}

extension NamedCell: @retroactive ExpressibleByArgument {
  public init?(argument: String) {
    guard let cell = Toolkit.current.cells.first(where: { $0.name == argument }) else { return nil }
    self = cell
  }

  public var defaultValueDescription: String { name }

  public static var allValueStrings: [String] { Toolkit.current.cells.map(\.name) }
}
