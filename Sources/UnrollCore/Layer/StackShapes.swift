/// The shapes that go through layers one after another, with steps and streams that are not numbers yet.
///
/// The layers are asked twice, with other numbers of steps and of streams: the axes that differ are
/// those.
struct StackShapes<Element: Scalar> {
  /// Two numbers of steps and streams, so that neither is the other.
  static var probes: [(steps: Int, streams: Int)] { [(2, 3), (5, 7)] }

  /// What each layer gives, as far as it is known: an axis as `T`, `B` or its length.
  private(set) var outputs: [[String]] = []
  /// The first layer that does not take what it is given.
  private(set) var failure: (layer: Int, error: ShapeError, given: [String])?

  /// - Parameters:
  ///   - layers: first to last, `nil` for one that is not known.
  ///   - tokens: whether the first one takes tokens, `[T, B]`, and not a tensor, `[T, B, F]`.
  init(of layers: [(any Layer<Element>)?], tokens: Bool) {
    let known = layers.prefix { $0 != nil }.compactMap { $0 }
    let features = Self.features(of: known)
    guard tokens || features != nil else { return }
    var shapes = Self.probes.map { [$0.steps, $0.streams] + (tokens ? [] : [features ?? 0]) }
    for (i, layer) in known.enumerated() {
      do {
        let given = shapes
        shapes = try given.map { try layer.boundedOutputShape(of: $0) }
      } catch {
        if let error = error as? ShapeError { failure = (i, error, Self.named(shapes)) }
        return
      }
      outputs.append(Self.named(shapes))
    }
  }

  /// The number of features that layers take: that of the first one which takes one only, where those
  /// before it leave the number as it is; `nil` where that is not known.
  static func features(of layers: [any Layer<Element>]) -> Int? {
    guard let index = layers.firstIndex(where: { $0.inputFeatures != nil }) else { return nil }
    let features = layers[index].inputFeatures
    for layer in layers[..<index] {
      guard let output = try? layer.boundedOutputShape(of: [2, 3, features ?? 0]),
        output.last == features
      else { return nil }
    }
    return features
  }

  private static func named(_ shapes: [[Int]]) -> [String] {
    zip(shapes[0], shapes[1]).map { a, b in
      if a == b { return "\(a)" }
      if a == probes[0].steps, b == probes[1].steps { return "T" }
      return a == probes[0].streams && b == probes[1].streams ? "B" : "\(a)"
    }
  }
}

extension Sequential {
  /// Refuses layers of which one does not take what the one before it gives, as far as they say which
  /// sizes they take. What is larger than any may be is refused where it is made.
  func checkSizes() throws {
    let shapes = StackShapes<Element>(of: layers, tokens: Input.self == Tokens.self)
    guard let (i, error, given) = shapes.failure, !error.isTooLarge else { return }
    let place = "layer \(i), \(type(of: layers[i]).kind)"
    let shape = "[\(given.joined(separator: ", "))]"
    let source =
      i == 0
      ? "is given \(shape)" : "layer \(i - 1), \(type(of: layers[i - 1]).kind), gives \(shape)"
    // A layer inside another one speaks for itself.
    guard let expected = error.expected, error.layer == type(of: layers[i]).kind else {
      let probe = StackShapes<Element>.probes[0]
      let inner = error.description.replacing("[\(probe.steps), \(probe.streams)", with: "[T, B")
      throw StackError("\(place): \(inner); \(source)")
    }
    throw StackError(
      i == 0
        ? "\(place), takes \(expected), and \(source)" : "\(place), takes \(expected); \(source)")
  }
}
