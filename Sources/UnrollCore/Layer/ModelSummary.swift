import Foundation

/// A model as a table: what `print(model)` shows, and what a model file's header alone tells.
///
/// ```
///     layer         output       parameters   share
///  0  Embedding     [T, B, 64]         4160    1.7%
///  1  LSTM          [T, B, 128]       98816   40.8%
///  2  DenseSoftmax  [T, B, 65]         8385    3.5%
/// ```
public struct ModelSummary: Sendable, Equatable, CustomStringConvertible {
  /// A layer of the stack.
  public struct Row: Sendable, Equatable {
    /// The kind of the layer.
    public var kind: String
    /// The sizes of the output's axes, `T` and `B` for steps and streams; `nil` where they are not
    /// known.
    public var output: [String]?
    /// The number of trainable numbers.
    public var parameters: Int
  }

  /// The layers, first to last.
  public let rows: [Row]

  /// The number of trainable numbers of all layers.
  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  public var description: String {
    let cells = rows.enumerated().map { index, row in
      [
        "\(index)", row.kind, row.output.map { "[\($0.joined(separator: ", "))]" } ?? "?",
        "\(row.parameters)", share(of: row),
      ]
    }
    let table =
      [["", "layer", "output", "parameters", "share"]] + cells
      + [["", "", "", "\(parameters)", ""]]
    let widths = (0..<5).map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return [1, 2].contains(column) ? cell.0 + padding : padding + cell.0
      }
      .joined(separator: "  ").trimmingSuffix { $0 == " " }
    }
    .joined(separator: "\n")
  }

  private func share(of row: Row) -> String {
    parameters == 0
      ? "" : String(format: "%.1f%%", 100 * Double(row.parameters) / Double(parameters))
  }
}

extension String {
  fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> Substring {
    var rest = self[...]
    while let last = rest.last, condition(last) { rest.removeLast() }
    return rest
  }
}

/// A layer of which only some may be known: its kind and its parameters always.
struct SummarizedLayer<Element: Scalar> {
  var kind: String
  var layer: (any Layer<Element>)?
  var parameterShapes: [[Int]]
}

extension ModelSummary {
  init<Element>(_ layers: [SummarizedLayer<Element>]) {
    let outputs = Self.outputs(of: layers)
    rows = zip(layers, outputs).map { layer, output in
      Row(
        kind: layer.kind, output: output,
        parameters: layer.parameterShapes.reduce(0) { $0 + $1.reduce(1, *) })
    }
  }

  /// The output of every layer, `nil` from the first one on whose output is not known.
  private static func outputs<Element>(of layers: [SummarizedLayer<Element>]) -> [[String]?] {
    guard let first = layers.first?.layer else { return layers.map { _ in nil } }
    // Sizes that no axis has by chance, to know the axes of steps and streams by.
    let (steps, streams) = (999_983, 999_979)
    // A layer says what it makes of an input, and not which one it takes. The number of features is
    // a size of some parameter, that of an early layer most likely: the first one that every layer
    // accepts.
    let inputs =
      type(of: first).inputType == Tokens.self
      ? [[steps, streams]]
      : layers.flatMap(\.parameterShapes).flatMap { $0 }.map { [steps, streams, $0] }
    var longest: [[Int]] = []
    for input in inputs {
      let shapes = shapes(of: layers, input)
      if shapes.count > longest.count { longest = shapes }
    }
    return layers.indices.map { index in
      guard index < longest.count else { return nil }
      return longest[index].map { $0 == steps ? "T" : $0 == streams ? "B" : "\($0)" }
    }
  }

  private static func shapes<Element>(
    of layers: [SummarizedLayer<Element>], _ input: [Int]
  ) -> [[Int]] {
    var (shapes, shape) = ([[Int]](), input)
    for layer in layers {
      guard let next = try? layer.layer?.outputShape(of: shape) else { break }
      shape = next
      shapes.append(shape)
    }
    return shapes
  }
}

extension Sequential: CustomStringConvertible {
  /// The layers, their outputs and their parameters.
  public var summary: ModelSummary {
    ModelSummary(
      layers.map { layer in
        SummarizedLayer(
          kind: type(of: layer).kind, layer: layer,
          parameterShapes: layer.parameters.map(\.value.shape))
      })
  }

  public var description: String { summary.description }
}

extension ModelFile {
  /// The layers of a stack, their outputs and their parameters, from the architecture and the header
  /// of the file alone. Layers that the registry does not know are shown too, without their outputs.
  ///
  /// - Throws: ``ModelFileError`` where the file has no architecture, or none of a ``Sequential``.
  public func summary(registry: LayerRegistry<Float>) throws -> ModelSummary {
    let kinds = try architecture([Entry].self, registry, isWhole: false)
    return ModelSummary(
      kinds.enumerated().map { index, entry in
        SummarizedLayer(
          kind: entry.kind, layer: entry.layer,
          parameterShapes: file.entries.filter { $0.name.hasPrefix("\(index).") }.map(\.shape))
      })
  }

  /// A layer of a stack as far as the registry knows it.
  private struct Entry: Decodable {
    private enum Key: String, CodingKey {
      case kind
      case layer
    }

    let kind: String
    let layer: (any Layer<Float>)?

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      kind = try container.decode(String.self, forKey: .kind)
      let type = try LayerRegistry<Float>.of(decoder).layers[kind]
      layer = type.flatMap { try? container.decode($0, forKey: .layer) }
    }
  }
}
