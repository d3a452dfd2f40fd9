/// The kinds of layers and cells that a file may name. A model's file says 'LSTM'; the registry says
/// which type that is.
///
/// `LayerRegistry.standard`, in UnrollLayers, has the built-in ones; add your own to a copy of it.
public struct LayerRegistry<Element: Scalar>: Sendable {
  private(set) var layers: [String: any Layer<Element>.Type] = [:]
  private(set) var cells: [String: any RecurrentCell<Element>.Type] = [:]

  /// A registry that knows nothing.
  public init() {}

  /// Makes a layer known by its kind.
  ///
  /// - Precondition: no other type has that kind.
  public mutating func register<L: Layer<Element>>(_ layer: L.Type) {
    if let other = layers[L.kind], other != L.self { Self.taken(L.kind, L.self, other) }
    layers[L.kind] = layer
  }

  /// Makes a cell known by its kind, and the layer that runs it over a sequence.
  ///
  /// - Precondition: no other type has that kind.
  public mutating func register<C: RecurrentCell<Element>, L: Layer<Element>>(
    cell: C.Type, runBy layer: L.Type
  ) {
    if let other = cells[C.kind], other != C.self { Self.taken(C.kind, C.self, other) }
    cells[C.kind] = cell
    register(layer)
  }

  private static func taken(_ kind: String, _ new: Any.Type, _ old: Any.Type) -> Never {
    fatalError("\(new) and \(old) both call themselves '\(kind)'; give one another kind")
  }

  /// The kinds of layers, sorted.
  public var layerKinds: [String] { layers.keys.sorted() }
  /// The kinds of cells, sorted.
  public var cellKinds: [String] { cells.keys.sorted() }

  /// The longest kind that a file may name, in bytes.
  private static var longestKind: Int { 1024 }

  /// The kind that a file names.
  static func kind<Key: CodingKey>(
    in container: KeyedDecodingContainer<Key>, forKey key: Key
  ) throws -> String {
    let kind = try container.decode(String.self, forKey: key)
    guard kind.utf8.count <= longestKind else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container,
        debugDescription:
          "a kind of \(kind.utf8.count) bytes is more than the \(longestKind) allowed")
    }
    return kind
  }

  static func of(_ decoder: any Decoder) throws -> LayerRegistry {
    guard let registry = decoder.userInfo[.layerRegistry] as? LayerRegistry else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "layers are decoded from model files only"))
    }
    return registry
  }
}
