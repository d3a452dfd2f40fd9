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
  }

  /// The layers, first to last.
  public let rows: [Row]

  /// The number of trainable numbers of all layers.
  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  public var description: String {
    let total = parameters
    let cells = rows.enumerated().map { index, row in
      [
        "\(index)", row.kind, row.output.map { "[\($0.joined(separator: ", "))]" } ?? "?",
        "\(row.parameters)", Self.share(row.parameters, of: total),
      ]
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
  /// The sizes of its parameters' axes, one parameter after another.
  var sizes: [Int] = []

  mutating func add(_ shape: [Int], count: Int) {
    parameters += count
    sizes += shape
  }
}

extension ModelSummary {
  /// - Returns: the summary, and what is wrong with the outputs of layers that together make
  ///   something larger than any shape may be.
  static func summarize<Element>(
    _ layers: [SummarizedLayer<Element>]
  ) -> (summary: ModelSummary, problem: ShapeError?) {
    let found = OutputSearch(layers).run()
    let rows = layers.enumerated().map { index, layer in
      Row(
        kind: layer.kind, output: index < found.outputs.count ? found.outputs[index] : nil,
        parameters: layer.parameters)
    }
    return (ModelSummary(rows: rows), found.problem)
  }
}

/// Finds what the layers of a stack make of one another's outputs.
///
/// A layer says what it makes of an input, and not which one it takes. The number of features that a
/// stack takes is a size of some parameter, that of an early layer most likely: the first one that
/// every layer accepts, or else the most of them.
private struct OutputSearch<Element: Scalar> {
  let layers: [SummarizedLayer<Element>]
  /// Sizes to know the axes of steps and streams by, which no parameter has.
  let steps: Int
  let streams: Int

  /// How many sizes are tried: the layers that have the first few take nothing else, mostly, and a
  /// file may have any number of them.
  private static var tries: Int { 32 }

  init(_ layers: [SummarizedLayer<Element>]) {
    self.layers = layers
    // Their product with any axis is within the limits of shapes.
    let primes = [16_381, 16_369, 16_363, 16_361, 16_349, 16_339]
    let free = primes.filter { prime in !layers.contains { $0.sizes.contains(prime) } }
    let chosen = (free + primes).prefix(2)
    (steps, streams) = (chosen[0], chosen[1])
  }

  func run() -> (outputs: [[String]], problem: ShapeError?) {
    var best: (shapes: [[Int]], problem: ShapeError?) = ([], nil)
    for input in inputs {
      let found = outputs(of: input)
      if found.shapes.count > best.shapes.count || best.shapes.isEmpty { best = found }
      if best.shapes.count == layers.count { break }
    }
    let named = best.shapes.map { shape in
      shape.map { $0 == steps ? "T" : $0 == streams ? "B" : "\($0)" }
    }
    return (named, best.problem)
  }

  private var inputs: [[Int]] {
    guard let first = layers.first?.layer else { return [] }
    if type(of: first).inputType == Tokens.self { return [[steps, streams]] }
    var sizes: [Int] = []
    for size in layers.lazy.flatMap(\.sizes)
    where 1...ShapeLimits.axis ~= size && !sizes.contains(size) {
      sizes.append(size)
      if sizes.count == Self.tries { break }
    }
    return sizes.map { [steps, streams, $0] }
  }

  /// The outputs of the layers up to the first one that does not take what it is given.
  private func outputs(of input: [Int]) -> (shapes: [[Int]], problem: ShapeError?) {
    var (shapes, shape) = ([[Int]](), input)
    for layer in layers {
      guard let layer = layer.layer else { break }
      do {
        shape = try layer.boundedOutputShape(of: shape)
      } catch {
        guard let error = error as? ShapeError, error.isTooLarge else { return (shapes, nil) }
        let named = error.description.replacing("[\(steps), \(streams)", with: "[T, B")
        return (shapes, ShapeError(tooLarge: named))
      }
      shapes.append(shape)
    }
    return (shapes, nil)
  }
}

extension Sequential: CustomStringConvertible {
  /// The layers, their outputs and their parameters.
  public var summary: ModelSummary {
    ModelSummary.summarize(
      layers.map { layer in
        var summarized = SummarizedLayer(kind: type(of: layer).kind, layer: layer)
        for parameter in layer.parameters {
          summarized.add(parameter.value.shape, count: parameter.value.count)
        }
        return summarized
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
      layers[index].add(entry.shape, count: entry.count)
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
