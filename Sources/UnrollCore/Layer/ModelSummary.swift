import Foundation
import UnrollFiles

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
    /// The layers inside, first to last.
    public var inner: [Row] = []

    /// This layer and those inside, each with how many others it is in.
    fileprivate func lines(_ depth: Int) -> [(row: Row, depth: Int)] {
      [(self, depth)] + inner.flatMap { $0.lines(depth + 1) }
    }
  }

  /// The layers, first to last.
  public let rows: [Row]

  /// The number of trainable numbers of all layers.
  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  public var description: String {
    let total = parameters
    let cells = rows.enumerated().flatMap { index, row in
      row.lines(0).map { row, depth in
        [
          depth == 0 ? "\(index)" : "", String(repeating: "  ", count: depth) + row.kind,
          row.output.map { "[\($0.joined(separator: ", "))]" } ?? "?", "\(row.parameters)",
          depth == 0 ? Self.share(row.parameters, of: total) : "",
        ]
      }
    }
    let table =
      [["", "layer", "output", "parameters", "share"]] + cells + [["", "", "", "\(total)", ""]]
    return Self.aligned(table, right: [0, 3, 4])
  }

  private static func share(_ part: Int, of total: Int) -> String {
    total == 0 ? "" : String(format: "%.1f%%", 100 * Double(part) / Double(total))
  }

  /// The most characters that a cell shows: a longer one would make every row as wide.
  private static let widestCell = 60

  /// Rows of cells as lines of columns.
  ///
  /// - Parameter right: the columns whose cells stand at the right.
  private static func aligned(_ table: [[String]], right: Set<Int>) -> String {
    let table = table.map { $0.map { $0.printable(limit: widestCell) } }
    let columns = table.first?.indices ?? 0..<0
    let widths = columns.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      columns.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return right.contains(column) ? padding + row[column] : row[column] + padding
      }
      .joined(separator: "  ").trimmingSuffix { $0 == " " }
    }
    .joined(separator: "\n")
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
  /// The number of trainable numbers.
  var parameters = 0
}

extension ModelSummary {
  /// - Returns: the summary, and what is wrong with the outputs of layers that together make
  ///   something larger than any shape may be.
  static func summarize<Element: Scalar>(
    _ layers: [SummarizedLayer<Element>]
  ) -> (summary: ModelSummary, problem: ShapeError?) {
    let first = layers.first?.layer
    let shapes = StackShapes(
      of: layers.map(\.layer), tokens: first.map { type(of: $0).inputType == Tokens.self } ?? false)
    let rows = layers.enumerated().map { index, layer in
      Row(
        kind: layer.kind, output: index < shapes.outputs.count ? shapes.outputs[index] : nil,
        parameters: layer.parameters, inner: inner(of: layer.layer))
    }
    let error = shapes.failure?.error
    return (ModelSummary(rows: rows), error?.isTooLarge == true ? error : nil)
  }

  private static func inner<Element: Scalar>(of layer: (any Layer<Element>)?) -> [Row] {
    (layer?.innerLayers ?? []).flatMap { stack in
      summarize(
        stack.map { layer in
          SummarizedLayer(
            kind: type(of: layer).kind, layer: layer, parameters: layer.parameterCount)
        }
      ).summary.rows
    }
  }
}

extension Sequential: CustomStringConvertible {
  /// The layers, their outputs and their parameters.
  public var summary: ModelSummary {
    ModelSummary.summarize(
      layers.map { layer in
        SummarizedLayer(
          kind: type(of: layer).kind, layer: layer, parameters: layer.parameterCount)
      }
    ).summary
  }

  public var description: String { summary.description }
}

extension ModelFile {
  /// The layers of a stack, their outputs and their parameters, from the architecture and the header
  /// of the file alone. Layers that the registry does not know are shown too, without their outputs.
  ///
  /// - Throws: ``ModelFileError`` where the file has no architecture, or none of a ``Sequential``, or
  ///   one whose outputs are larger than any may be.
  public func summary(registry: LayerRegistry<Float>) throws -> ModelSummary {
    var layers = try architecture([Entry].self, registry, isWhole: false).map {
      SummarizedLayer(kind: $0.kind, layer: $0.layer)
    }
    for entry in file.entries {
      guard let index = Self.layer(of: entry.name), index < layers.count else { continue }
      layers[index].parameters += entry.count
    }
    let (summary, problem) = ModelSummary.summarize(layers)
    if let problem {
      throw ModelFileError(file.path, "has layers that do not fit each other: \(problem)")
    }
    return summary
  }

  /// The index of the layer that a tensor's name begins with, as in `12.weight`.
  private static func layer(of name: String) -> Int? {
    let digits = name.utf8.prefix { 0x30...0x39 ~= $0 }
    guard digits.endIndex < name.utf8.endIndex, name.utf8[digits.endIndex] == UInt8(ascii: "."),
      digits.count == 1 || digits.first != UInt8(ascii: "0"), digits.count <= 18
    else { return nil }
    return Int(String(Substring(digits)))
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
      kind = try LayerRegistry<Float>.kind(in: container, forKey: .kind)
      let type = try LayerRegistry<Float>.of(decoder).layers[kind]
      layer = type.flatMap { try? container.decode($0, forKey: .layer) }
    }
  }
}
