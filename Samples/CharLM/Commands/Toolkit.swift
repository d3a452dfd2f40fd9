import ArgumentParser
import Unroll
import UnrollModels

/// What the commands work with: cells by name, the layers that a file may have, and commands beside the
/// usual ones.
struct Toolkit: Sendable {
  var cells = LanguageModel.Cell.standard
  var registry = LayerRegistry<Float>.standard
  var commands: [any ParsableCommand.Type] = []

  /// The one of this run. The parser makes commands and options by itself, so it cannot be handed to
  /// them.
  @TaskLocal static var current = Toolkit()
}

extension LanguageModel.Cell: @retroactive ExpressibleByArgument {
  public init?(argument: String) {
    guard let cell = Toolkit.current.cells.first(where: { $0.name == argument }) else { return nil }
    self = cell
  }

  public var defaultValueDescription: String { name }

  public static var allValueStrings: [String] { Toolkit.current.cells.map(\.name) }
}
