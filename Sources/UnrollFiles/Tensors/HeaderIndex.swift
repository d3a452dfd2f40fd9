/// Finds the members of an object in a header by their keys: places in the text and a hash table of
/// them, at most 15 bytes a member, and no copies of keys.
struct HeaderIndex: Sendable {
  let header: [UInt8]
  /// Where the keys begin in the header.
  let positions: [UInt32]
  /// A hash table of open addressing: one more than the index of a member, zero where free.
  private let slots: [UInt32]

  /// - Parameter positions: Where in the header the keys begin, all read before.
  /// - Throws: `StrictJSONError` where a key is there twice.
  init(_ header: [UInt8], _ positions: [UInt32]) throws(StrictJSONError) {
    self.header = header
    self.positions = positions
    let scanner = JSONScanner(header, limits: TensorFileHeader.limits)
    var slots = [UInt32](repeating: 0, count: Self.slotCount(positions.count))
    for (index, position) in positions.enumerated() {
      let key = scanner.keyAt(Int(position))
      var slot = key.hashValue & (slots.count - 1)
      while slots[slot] != 0 {
        let other = positions[Int(slots[slot]) - 1]
        if scanner.keyAt(Int(other)) == key {
          throw StrictJSONError(.duplicateKey(key.cut), at: .byte(Int(max(position, other))))
        }
        slot = (slot + 1) & (slots.count - 1)
      }
      slots[slot] = UInt32(index + 1)
    }
    self.slots = slots
  }

  /// The smallest power of two that leaves a quarter of the table free.
  private static func slotCount(_ count: Int) -> Int {
    var slots = 2
    while slots * 3 < count * 4 { slots *= 2 }
    return slots
  }

  /// The index of the member of that key.
  func index(of key: String) -> Int? {
    let scanner = JSONScanner(header, limits: TensorFileHeader.limits)
    var slot = key.hashValue & (slots.count - 1)
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if scanner.keyAt(Int(positions[index])) == key { return index }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// A scanner at the value of a member, and its key.
  func member(_ index: Int) -> (key: JSONString, scanner: JSONScanner) {
    var scanner = JSONScanner(header, limits: TensorFileHeader.limits, at: Int(positions[index]))
    guard let key = try? scanner.key() else {
      preconditionFailure("HeaderIndex: member \(index) was read before, and cannot be")
    }
    return (key, scanner)
  }
}

/// The texts of a header's metadata. They are kept as they are written: read, a header of one long
/// text would be in memory twice.
package struct HeaderTexts: Sendable {
  private let index: HeaderIndex

  init(_ index: HeaderIndex) { self.index = index }

  /// The bytes of a text.
  package func byteCount(of key: String) -> Int? {
    index.index(of: key).map { value($0).string.byteCount }
  }

  package subscript(key: String) -> String? { index.index(of: key).map { text($0) } }

  /// A text, or the start of a long one.
  func excerpt(of key: String) -> String? {
    index.index(of: key).map { member in
      let (string, scanner) = value(member)
      return scanner.excerpt(of: string)
    }
  }

  /// All of them.
  var dictionary: [String: String] {
    Dictionary(
      index.positions.indices.map { member in
        let (key, scanner) = index.member(member)
        return (scanner.text(of: key), text(member))
      }, uniquingKeysWith: { first, _ in first })
  }

  private func text(_ member: Int) -> String {
    let (string, scanner) = value(member)
    return scanner.text(of: string)
  }

  private func value(_ member: Int) -> (string: JSONString, scanner: JSONScanner) {
    var (_, scanner) = index.member(member)
    guard let string = try? scanner.string() else {
      preconditionFailure("HeaderTexts: text \(member) was read before, and cannot be")
    }
    return (string, scanner)
  }
}
