import UnrollCore

/// The ids of a text in their order, one for each character, byte or word, in as few bytes each as
/// they need: a long text takes a quarter of the memory of an array of `Int32`, or half.
///
///     let tokens = try vocabulary.tokens(of: text)
///     let streams = try TextStreams(tokens, batchSize: 50, chunkLength: 50)
public struct TokenSequence: RandomAccessCollection, Sendable {
  enum Storage: Sendable {
    case narrow([UInt8])
    case medium([UInt16])
    case wide([Int32])
  }

  let storage: Storage

  init(_ storage: Storage) { self.storage = storage }

  /// These ids, as they are.
  public init(_ ids: [Int32]) { storage = .wide(ids) }

  public var startIndex: Int { 0 }

  public var endIndex: Int {
    switch storage {
    case .narrow(let ids): ids.count
    case .medium(let ids): ids.count
    case .wide(let ids): ids.count
    }
  }

  public subscript(index: Int) -> Int32 {
    switch storage {
    case .narrow(let ids): Int32(ids[index])
    case .medium(let ids): Int32(ids[index])
    case .wide(let ids): ids[index]
    }
  }

  /// How often an id is there.
  public func count(of id: Int32) -> Int {
    var count = 0
    forEachID { count &+= $0 == id ? 1 : 0 }
    return count
  }

  /// Calls `body` with every id: the loop is compiled for each kind of storage.
  @inline(__always)
  func forEachID(_ body: (Int32) -> Void) {
    switch storage {
    case .narrow(let ids): for id in ids { body(Int32(id)) }
    case .medium(let ids): for id in ids { body(Int32(id)) }
    case .wide(let ids): for id in ids { body(id) }
    }
  }
}

extension TokenSequence: Equatable {
  /// Whether the ids are the same, however they are stored.
  public static func == (a: TokenSequence, b: TokenSequence) -> Bool { a.elementsEqual(b) }
}

extension Fingerprint {
  /// All elements, and how many they are, however they are stored.
  mutating func combine(_ ids: TokenSequence) {
    var whole = self
    whole.combine(ids.count)
    ids.forEachID { whole.combine(Int($0)) }
    self = whole
  }
}
