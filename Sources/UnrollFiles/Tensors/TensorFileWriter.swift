import Foundation

/// Collects tensors and metadata and writes them as one `.safetensors` file.
///
/// The same tensors and metadata give the same bytes, in whatever order they were added and on
/// every platform: names and keys are sorted, the data begins at a multiple of eight bytes, and
/// tensors of larger elements come first, so that each is aligned in the file. A digest is
/// added, from which ``TensorFile`` tells whether the file was changed.
///
///     var writer = TensorFileWriter(metadata: ["author": "me"])
///     writer.add("0.weight", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] as [Float])
///     try writer.write(to: "model.safetensors")
public struct TensorFileWriter {
  /// Hands the bytes of a tensor, little-endian, to the closure that it is given: all at once, or
  /// in pieces one after another. It is called twice, and must give the same bytes both times.
  public typealias Source = (_ take: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// Texts to keep with the tensors. `unroll.format` and `unroll.digest` are taken.
  public var metadata: [String: String]

  /// How large a header may be, so that every reader takes it.
  package var headerLimit = TensorFileHeader.maximumByteCount

  private var items: [Item] = []

  private struct Item {
    var name: String
    var type: TensorFile.ElementType
    var shape: [Int]
    var source: Source
  }

  public init(metadata: [String: String] = [:]) {
    self.metadata = metadata
  }

  /// Adds a tensor whose bytes are asked for when the file is written, so that a large one need
  /// not be in memory twice.
  public mutating func add(
    _ name: String, type: TensorFile.ElementType, shape: [Int], source: @escaping Source
  ) {
    items.append(Item(name: name, type: type, shape: shape, source: source))
  }

  /// Adds a tensor of elements in memory, rows one after another.
  public mutating func add<Value: TensorFileElement>(
    _ name: String, shape: [Int], values: [Value]
  ) {
    add(name, type: Value.tensorFileType, shape: shape) { take in
      try values.withUnsafeBufferPointer { try Self.hand($0, to: take) }
    }
  }

  /// Hands on elements as they are in a file.
  package static func hand<Value: TensorFileElement>(
    _ values: UnsafeBufferPointer<Value>, to take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    if hostIsLittleEndian { return try take(UnsafeRawBufferPointer(values)) }
    var swapped = Array(values)
    swapped.withUnsafeMutableBytes {
      reverseBytes(of: $0, elementSize: MemoryLayout<Value>.size)
    }
    try swapped.withUnsafeBytes(take)
  }

  /// Writes the file, or nothing: whatever fails, a file that was there before is left as it was.
  ///
  /// - Throws: ``TensorFileError`` for names, shapes and metadata that a file cannot hold,
  ///   ``FileWriteError`` where the system refuses, and what a source throws.
  public func write(to path: String) throws {
    let layout = try naming(path) { try makeLayout() }
    let start = try start(of: layout, path: path)
    try AtomicFile.write(to: path) { file in
      try start.withUnsafeBytes { try file.write($0) }
      for item in layout.items { try pass(item, path: path) { try file.write($0) } }
    }
  }

  /// The bytes of the file, where it is not to be written to a disk.
  ///
  /// - Throws: ``TensorFileError`` for names, shapes and metadata that a file cannot hold, and
  ///   what a source throws.
  public func serialized() throws -> Data {
    let path = "tensor file in memory"
    let layout = try naming(path) { try makeLayout() }
    var data = Data(try start(of: layout, path: path))
    data.reserveCapacity(data.count + layout.dataByteCount)
    for item in layout.items {
      try pass(item, path: path) { data.append(contentsOf: $0) }
    }
    return data
  }
}

// MARK: - Layout

extension TensorFileWriter {
  private struct Layout {
    var items: [Item]
    var header: [UInt8]
    var dataByteCount: Int
  }

  /// Decides the place of each tensor and makes the header, whose digest is still blank.
  private func makeLayout() throws(TensorFileError.Problem) -> Layout {
    let sorted = items.sorted {
      let (one, other) = ($0.type.bitWidth, $1.type.bitWidth)
      return one == other ? precedes($0.name, $1.name) : one > other
    }
    var names: Set<String> = []
    var members: [JSONValue.Member] = []
    var end = 0
    for item in sorted {
      try TensorFileHeader.check(length: item.name)
      try TensorFileHeader.check(name: item.name)
      guard names.insert(item.name).inserted else { throw .duplicateName(item.name) }
      guard item.shape.count <= TensorFile.Entry.maximumRank else {
        throw .tooManyAxes(tensor: item.name, limit: TensorFile.Entry.maximumRank)
      }
      let count = try item.type.byteCount(of: item.shape, tensor: item.name)
      let (next, overflow) = end.addingReportingOverflow(count)
      guard !overflow else { throw .shapeOverflow(tensor: item.name) }
      members.append(JSONValue.Member(key: item.name, value: description(of: item, end..<next)))
      end = next
    }
    members.append(
      JSONValue.Member(key: TensorFileHeader.metadataKey, value: try metadataObject()))
    var header = JSONValue.object(members).serialized
    header += repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    guard header.count <= headerLimit else {
      throw .headerTooLarge(byteCount: UInt64(header.count), limit: headerLimit)
    }
    return Layout(items: sorted, header: header, dataByteCount: end)
  }

  private func description(of item: Item, _ bytes: Range<Int>) -> JSONValue {
    let offsets = [bytes.lowerBound, bytes.upperBound]
    return .object([
      JSONValue.Member(key: "dtype", value: .string(item.type.rawValue)),
      JSONValue.Member(key: "shape", value: .array(item.shape.map { .integer($0) })),
      JSONValue.Member(key: "data_offsets", value: .array(offsets.map { .integer($0) })),
    ])
  }

  private func metadataObject() throws(TensorFileError.Problem) -> JSONValue {
    let own = TensorFileDigest.blank
    for key in own.keys.sorted() where metadata[key] != nil { throw .reservedMetadata(key: key) }
    let all = metadata.merging(own) { _, own in own }
    for key in all.keys { try TensorFileHeader.check(length: key) }
    let limit = TensorFileHeader.maximumMetadataCount
    guard all.count <= limit else { throw .tooMuchMetadata(limit: limit) }
    return .object(all.map { JSONValue.Member(key: $0.key, value: .string($0.value)) })
  }

  /// The bytes of the file up to its data, with the digest of all of it.
  private func start(of layout: Layout, path: String) throws -> [UInt8] {
    var header = layout.header
    let count = UInt64(header.count).littleEndian
    let length = withUnsafeBytes(of: count) { Array($0) }
    guard let digits = TensorFileDigest.digits(in: header) else {
      throw TensorFileError(.digestMissing, path: path)
    }
    var check = TensorFileDigest.checkOfStart(length, header, digits: digits)
    for item in layout.items { try pass(item, path: path) { check.update($0) } }
    header.replaceSubrange(digits, with: TensorFileDigest.text(of: check.value).utf8)
    return length + header
  }

  /// Hands on the bytes of a tensor, and checks that there are as many as its shape says.
  private func pass(
    _ item: Item, path: String, to take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var found = 0
    try item.source { bytes in
      found += bytes.count
      try take(bytes)
    }
    let expected = try naming(path) {
      try item.type.byteCount(of: item.shape, tensor: item.name)
    }
    guard found == expected else {
      throw TensorFileError(
        .byteCount(tensor: item.name, expected: expected, found: found), path: path)
    }
  }
}
