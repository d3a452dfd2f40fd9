import UnrollFiles

/// The labels that a classifier knows, and the ids by which it knows them.
///
/// An id is the place of a label among all of them in order of their UTF-8, so it depends neither on
/// the order of the data nor on the platform. Store the table with the model: it is `Codable`.
public struct LabelTable: Codable, Sendable, Equatable {
  /// The labels, by id: no two alike, at least one.
  public let names: [String]
  private let ids: [[UInt8]: Int32]

  /// The labels of some data, each once; `nil` where there are none.
  public init?(_ labels: some Sequence<String>) {
    let unique = Set(labels.map { Array($0.utf8) })
    guard !unique.isEmpty else { return nil }
    self.init(sorted: unique.sorted { $0.lexicographicallyPrecedes($1) })
  }

  private init(sorted: [[UInt8]]) {
    names = sorted.map { String(decoding: $0, as: UTF8.self) }
    ids = Dictionary(uniqueKeysWithValues: zip(sorted, 0...))
  }

  private enum CodingKeys: String, CodingKey {
    case names
  }

  /// - Throws: `DecodingError` where there are no labels, or not in their order, each once.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let names = try container.decode([String].self, forKey: .names).map { Array($0.utf8) }
    guard
      !names.isEmpty,
      zip(names, names.dropFirst()).allSatisfy({ $0.lexicographicallyPrecedes($1) })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .names, in: container,
        debugDescription: "at least one label is needed, in their order and each once")
    }
    self.init(sorted: names)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(names, forKey: .names)
  }

  public static func == (a: LabelTable, b: LabelTable) -> Bool { a.ids == b.ids }

  /// The number of labels.
  public var count: Int { names.count }

  /// The id of a label; `nil` for one that the table does not have.
  public func id(of label: String) -> Int32? { ids[Array(label.utf8)] }

  /// The label of an id.
  ///
  /// - Precondition: the id is in `0..<count`.
  public func name(of id: Int32) -> String {
    require(
      names.indices.contains(Int(id)), "LabelTable: id \(id) is not one of the \(count) ids")
    return names[Int(id)]
  }
}
