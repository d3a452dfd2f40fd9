import Foundation

/// The files that Tests/Fixtures/hostile_files.py made.
public struct HostileFiles: Decodable, Sendable {
  /// A file, and a word that its refusal must have.
  public struct Malformed: Decodable, Sendable, CustomStringConvertible {
    public var name: String
    public var says: String
    public let bytes: Data
    public var description: String { name }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      name = try container.decode(String.self, forKey: .name)
      says = try container.decode(String.self, forKey: .says)
      bytes = try container.bytes()
    }
  }

  /// A file, and the elements of tensors in it.
  public struct WellFormed: Decodable, Sendable, CustomStringConvertible {
    public var name: String
    public let bytes: Data
    public var values: [String: [Double]]
    public var description: String { name }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      name = try container.decode(String.self, forKey: .name)
      values = try container.decodeIfPresent([String: [Double]].self, forKey: .values) ?? [:]
      bytes = try container.bytes()
    }
  }

  fileprivate enum Key: String, CodingKey {
    case name, says, bytes, zeros, values
  }

  public var malformed: [Malformed]
  public var wellFormed: [WellFormed]
  /// Refused by a `ModelFile` as a stack from tokens to a tensor.
  public var malformedModels: [Malformed]
  /// Refused as a character language model; most of them are well-formed stacks.
  public var malformedCharacters: [Malformed]
  public var wellFormedModels: [WellFormed]

  public static func load() throws -> HostileFiles {
    try JSONDecoder().decode(
      HostileFiles.self,
      from: Data(contentsOf: Golden.fixtures.appendingPathComponent("hostile_files.json")))
  }
}

extension KeyedDecodingContainer<HostileFiles.Key> {
  /// The bytes of a file, of which the zeros at the end are only counted.
  fileprivate func bytes() throws -> Data {
    try decode(Data.self, forKey: .bytes) + Data(count: decode(Int.self, forKey: .zeros))
  }
}
