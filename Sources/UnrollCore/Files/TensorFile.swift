import Foundation

/// The tensors of one `.safetensors` file.
///
/// The whole file is checked before anything is given out: its header is treated as hostile, and
/// a file written by ``TensorFileWriter`` is refused where one of its bytes was changed. The file
/// is held in memory once, and reading it takes less than twice its size, whatever is in it;
/// tensors are copied out of it one at a time, when they are asked for.
///
///     let file = try TensorFile(contentsOf: "model.safetensors")
///     let weight = try file.values(of: "0.weight", as: Float.self)
///
/// Names that differ only in how Unicode composes their characters are one name, and so refused as
/// duplicates.
///
/// What the format leaves open is refused where readers could disagree about it: names that are
/// empty, have control characters or more than 65,536 bytes, duplicate names and fields, unknown
/// fields, shapes of more than 64 axes or whose sizes other than zero overflow, metadata that is
/// null, and more than 10,000 texts of it. Tensors without elements, scalars, elements of less than
/// a byte and spaces around the header's parts are all read.
///
/// Source: the format's description at https://github.com/huggingface/safetensors.
public struct TensorFile: Sendable {
  /// What a file says of one tensor.
  public struct Entry: Equatable, Sendable {
    public let name: String
    public let type: ElementType
    /// Sizes of the axes, outermost first; none for a scalar.
    public let shape: [Int]
    /// Where the tensor is within the file's data, which begins after the header.
    public let byteRange: Range<Int>

    /// The number of elements.
    public var count: Int { byteRange.count * 8 / type.bitWidth }
  }

  /// Where the file came from.
  public let path: String

  /// The tensors, in the order of their data.
  public let entries: Entries

  /// The file's metadata, without what is kept for the file itself (`unroll.format` and
  /// `unroll.digest`). They are copied out of the header each time that they are asked for.
  public var metadata: [String: String] {
    var metadata = texts.dictionary
    for key in TensorFileDigest.blank.keys { metadata[key] = nil }
    return metadata
  }

  /// The metadata as it is in the header.
  let texts: HeaderTexts

  /// Whether the file had a digest, which then is right. One from elsewhere has none.
  public let isVerified: Bool

  /// The size of the whole file.
  public let byteCount: Int

  private let data: Data

  /// Reads a file.
  ///
  /// - Throws: ``TensorFileError`` where it cannot be read, is malformed, or was changed since it
  ///   was written.
  public init(contentsOf path: String) throws {
    self = try naming(path) {
      let file = try RegularFile(path)
      let length = try file.read(min(8, file.byteCount))
      let (headerCount, dataCount) = try Self.split(length, byteCount: file.byteCount)
      let bytes = try file.read(headerCount)
      // The header is checked before memory is spent on the data that it announces.
      let header = try TensorFileHeader(bytes, dataByteCount: dataCount)
      let data = try file.readData(dataCount)
      return try Self(length: length, bytes, header, data, path: path)
    }
  }

  /// Reads a file that is in memory already.
  ///
  /// - Parameters:
  ///   - data: The whole file. It is shared, not copied.
  ///   - path: What to call it in errors.
  /// - Throws: ``TensorFileError`` where it is malformed, or was changed since it was written.
  public init(data: Data, path: String = "tensor file in memory") throws {
    self = try naming(path) {
      let length = Array(data.prefix(8))
      let (headerCount, dataCount) = try Self.split(length, byteCount: data.count)
      let bytes = Array(data.dropFirst(8).prefix(headerCount))
      let header = try TensorFileHeader(bytes, dataByteCount: dataCount)
      return try Self(length: length, bytes, header, data.suffix(dataCount), path: path)
    }
  }

  private init(
    length: [UInt8], _ bytes: [UInt8], _ header: TensorFileHeader, _ data: Data, path: String
  ) throws {
    isVerified = try data.withUnsafeBytes {
      try TensorFileDigest.verify(
        length: length, header: bytes, metadata: header.metadata, data: $0)
    }
    self.path = path
    self.data = data
    entries = header.entries
    texts = header.metadata
    byteCount = length.count + bytes.count + data.count
  }

  /// The sizes of the header and of the data, of a file of `byteCount` bytes.
  private static func split(
    _ length: [UInt8], byteCount: Int
  ) throws(TensorFileError.Problem) -> (header: Int, data: Int) {
    guard length.count == 8 else { throw .tooShort(byteCount: byteCount) }
    let announced = length.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let limit = TensorFileHeader.maximumByteCount
    guard announced <= limit else { throw .headerTooLarge(byteCount: announced, limit: limit) }
    let header = Int(announced)
    guard header <= byteCount - 8 else {
      throw .headerBeyondEnd(byteCount: announced, available: byteCount - 8)
    }
    return (header, byteCount - 8 - header)
  }
}

// MARK: - Tensors

extension TensorFile {
  /// What the file says of the tensor `name`, or nothing where it has none of that name.
  public func entry(_ name: String) -> Entry? { entries.index(of: name).map { entries[$0] } }

  /// Gives the bytes of a tensor as they are in the file: little-endian, rows one after another,
  /// and at any address. They are valid during the call only.
  ///
  /// - Throws: ``TensorFileError`` where there is no such tensor, and what `body` throws.
  public func withBytes<Result>(
    of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard let entry = entry(name) else { throw failure(.noSuchTensor(name)) }
    return try data.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[entry.byteRange]))
    }
  }

  /// The elements of a tensor, rows one after another.
  ///
  /// - Throws: ``TensorFileError`` where there is no such tensor, or its type is another. Nothing
  ///   is converted.
  public func values<Value: TensorFileElement>(
    of name: String, as type: Value.Type
  ) throws -> [Value] {
    let count = try entry(name, of: type).count
    // All empty arrays are one: its count is not to be written.
    guard count > 0 else { return [] }
    return try [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      try copy(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// Copies the elements of a tensor to memory that is there already, initialised or not.
  ///
  /// - Precondition: `destination` has as many elements as the tensor.
  /// - Throws: ``TensorFileError`` where there is no such tensor, or its type is another.
  public func copy<Value: TensorFileElement>(
    _ name: String, into destination: UnsafeMutableBufferPointer<Value>
  ) throws {
    let entry = try entry(name, of: Value.self)
    require(
      destination.count == entry.count,
      "TensorFile.copy: \(name) has \(entry.count) elements, room is for \(destination.count)")
    let target = UnsafeMutableRawBufferPointer(destination)
    try withBytes(of: name) { target.copyMemory(from: $0) }
    if !hostIsLittleEndian {
      reverseBytes(of: target, elementSize: MemoryLayout<Value>.size)
    }
  }

  /// What the file says of the tensor `name`.
  ///
  /// - Throws: ``TensorFileError`` where there is no such tensor, or its type is another.
  func entry<Value: TensorFileElement>(
    _ name: String, of type: Value.Type
  ) throws -> Entry {
    guard let entry = entry(name) else { throw failure(.noSuchTensor(name)) }
    guard entry.type == type.tensorFileType else {
      throw failure(
        .wrongType(tensor: name, expected: type.tensorFileType, found: entry.type))
    }
    return entry
  }

  private func failure(_ problem: TensorFileError.Problem) -> TensorFileError {
    TensorFileError(problem, path: path)
  }
}
