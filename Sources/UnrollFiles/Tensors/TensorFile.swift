import Foundation

/// The tensors of one `.safetensors` file.
///
/// A file may be hostile, or damaged. Its header is checked before anything is given out, and a file
/// written by ``TensorFileWriter`` is refused where one of its bytes was changed.
///
/// Of a file on a disk the header alone is kept in memory: tensors are read when they are asked for,
/// straight into the memory of who asks. What is read then is checked again, so that a file that was
/// changed or cut in between is refused too.
///
///     let file = try TensorFile(contentsOf: "model.safetensors")
///     let weight = try file.values(of: "0.weight", as: Float.self)
///
/// Names that differ only in how Unicode composes their characters are one name, and so refused as
/// duplicates.
///
/// What the format leaves open is refused where readers could disagree about it: names that are
/// empty, have control characters, more than 65,536 bytes or more than 256 combining marks in a row,
/// duplicate names and fields, unknown fields, shapes of more than 64 axes or whose sizes other than
/// zero overflow, metadata that is null, and more than 10,000 texts of it. Tensors without elements,
/// scalars, elements of less than a byte and spaces around the header's parts are all read.
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
    public var count: Int { shape.reduce(1, *) }
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
  package let texts: HeaderTexts

  /// The size of the whole file.
  public let byteCount: Int

  let data: TensorData
  /// What the file says of its digest; `nil` for a file from elsewhere, which has none.
  let digest: TensorFileDigest.Claim?
  let verification: Verification

  /// Reads a file's header, and goes over the whole file where it has a digest.
  ///
  /// - Throws: ``FileError`` where it cannot be read, ``TensorFileError`` where it is malformed, or
  ///   was changed since it was written.
  public init(contentsOf path: String) throws {
    try self.init(path, verifying: true)
  }

  /// Reads a file's header alone, in the time that it takes however large the file is. Before a tensor
  /// is given out, or by ``verify()``, the digest is verified.
  ///
  /// What ``entries`` and ``metadata`` say may be damaged until then.
  ///
  /// - Throws: ``FileError`` where it cannot be read, ``TensorFileError`` where the header is
  ///   malformed.
  public init(headerOf path: String) throws {
    try self.init(path, verifying: false)
  }

  private init(_ path: String, verifying: Bool) throws {
    self = try naming(path) {
      let file = try InputFile(path, .regular)
      let length = try file.read(min(8, file.byteCount), at: 0)
      let (headerCount, dataCount) = try Self.split(length, byteCount: file.byteCount)
      let bytes = try file.read(headerCount, at: 8)
      let header = try TensorFileHeader(bytes, dataByteCount: dataCount)
      return try Self(length, bytes, header, .disk(file, start: 8 + headerCount), path)
    }
    if verifying { try verify() } else { try naming(path) { try digest?.checkFormat() } }
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
      return try Self(length, bytes, header, .memory(data.suffix(dataCount)), path)
    }
    try verify()
  }

  private init(
    _ length: [UInt8], _ bytes: [UInt8], _ header: TensorFileHeader, _ data: TensorData,
    _ path: String
  ) throws {
    digest = try TensorFileDigest.Claim(
      length: length, header: bytes, metadata: header.metadata)
    self.path = path
    self.data = data
    verification = Verification()
    entries = header.entries
    texts = header.metadata
    byteCount = length.count + bytes.count + header.dataByteCount
  }

  /// The longest file: the number of its elements, of whatever type, fits an `Int`.
  package static let maximumByteCount = 1 << 60

  /// The sizes of the header and of the data, of a file of `byteCount` bytes.
  package static func split(
    _ length: [UInt8], byteCount: Int
  ) throws(TensorFileError.Problem) -> (header: Int, data: Int) {
    guard length.count == 8 else { throw .tooShort(byteCount: byteCount) }
    guard byteCount <= maximumByteCount else {
      throw .tooLong(byteCount: byteCount, limit: maximumByteCount)
    }
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
