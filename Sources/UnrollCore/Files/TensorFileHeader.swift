/// The parsed header of a tensor file: what it holds and where. Every statement in it is checked
/// against the others and against the number of bytes of data.
struct TensorFileHeader {
  /// The safetensors format's own limit.
  static let maximumByteCount = 100_000_000

  /// The member of the header that is no tensor.
  static let metadataKey = "__metadata__"

  /// In the order of their data; tensors without bytes by name.
  private(set) var entries: [TensorFile.Entry] = []
  private(set) var metadata: [String: String] = [:]

  init(_ bytes: [UInt8], dataByteCount: Int) throws {
    guard bytes.first == UInt8(ascii: "{") else { throw TensorFileError.Problem.headerStart }
    do {
      let limits = StrictJSON.Limits(bytes: Self.maximumByteCount, depth: 3)
      let members = try StrictJSON.parse(bytes, limits: limits).members(at: "header")
      for member in members {
        if member.key == Self.metadataKey {
          metadata = try Self.metadata(member.value)
        } else {
          entries.append(try Self.entry(member.key, member.value))
        }
      }
    } catch let error as StrictJSONError {
      throw TensorFileError.Problem.header(error)
    }
    sortEntries()
    try checkData(dataByteCount)
  }

  private static func metadata(_ value: JSONValue) throws -> [String: String] {
    var metadata: [String: String] = [:]
    for member in try value.members(at: metadataKey) {
      metadata[member.key] = try member.value.text(at: "\(metadataKey).\(member.key)")
    }
    return metadata
  }

  private static func entry(_ name: String, _ value: JSONValue) throws -> TensorFile.Entry {
    try check(name: name)
    var type: TensorFile.ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    for field in try value.members(at: name) {
      switch field.key {
      case "dtype":
        let text = try field.value.text(at: "\(name).dtype")
        type = TensorFile.ElementType(rawValue: text)
        if type == nil { throw TensorFileError.Problem.unknownType(tensor: name, type: text) }
      case "shape": shape = try counts(field.value, at: "\(name).shape")
      case "data_offsets": offsets = try counts(field.value, at: "\(name).data_offsets")
      default: throw TensorFileError.Problem.unknownField(tensor: name, field: field.key)
      }
    }
    guard let type else { throw TensorFileError.Problem.missingField(tensor: name, field: "dtype") }
    guard let shape else {
      throw TensorFileError.Problem.missingField(tensor: name, field: "shape")
    }
    guard let offsets else {
      throw TensorFileError.Problem.missingField(tensor: name, field: "data_offsets")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw TensorFileError.Problem.badOffsets(tensor: name)
    }
    let expected = try type.byteCount(of: shape, tensor: name)
    let found = offsets[1] - offsets[0]
    guard expected == found else {
      throw TensorFileError.Problem.byteCount(tensor: name, expected: expected, found: found)
    }
    return TensorFile.Entry(
      name: name, type: type, shape: shape, byteRange: offsets[0]..<offsets[1])
  }

  /// Refuses a name that is empty, unprintable, or kept for something else.
  static func check(name: String) throws(TensorFileError.Problem) {
    guard !name.isEmpty, name != metadataKey, !name.unicodeScalars.contains(where: isControl) else {
      throw .badName(name)
    }
  }

  private static func counts(_ value: JSONValue, at path: String) throws -> [Int] {
    var counts: [Int] = []
    for element in try value.elements(at: path) {
      counts.append(try element.count(at: "\(path)[\(counts.count)]"))
    }
    return counts
  }

  private mutating func sortEntries() {
    entries.sort { first, second in
      let (one, other) = (first.byteRange, second.byteRange)
      if one.lowerBound != other.lowerBound { return one.lowerBound < other.lowerBound }
      if one.upperBound != other.upperBound { return one.upperBound < other.upperBound }
      return precedes(first.name, second.name)
    }
  }

  /// Checks that the tensors fill the data from the first byte to the last.
  private func checkData(_ dataByteCount: Int) throws(TensorFileError.Problem) {
    var end = 0
    for entry in entries {
      let begin = entry.byteRange.lowerBound
      if begin < end { throw .overlap(tensor: entry.name, expected: end, found: begin) }
      if begin > end { throw .hole(tensor: entry.name, expected: end, found: begin) }
      end = entry.byteRange.upperBound
    }
    guard end == dataByteCount else {
      throw .dataByteCount(expected: end, found: dataByteCount)
    }
  }
}
