extension TensorFile {
  /// The tensors of a file, in the order of their data; those without bytes by name.
  ///
  /// What the header says of a tensor is kept as it is written, and read each time that it is asked
  /// for: a tensor's entry in memory may be larger than the text that it was made from, and a
  /// hostile file could have millions.
  public struct Entries: RandomAccessCollection, Sendable {
    private let index: HeaderIndex

    init(_ index: HeaderIndex) { self.index = index }

    public var startIndex: Int { 0 }
    public var endIndex: Int { index.positions.count }

    public subscript(position: Int) -> Entry {
      var (name, scanner) = index.member(position)
      guard let entry = try? Entry(scanning: &scanner, name: name) else {
        preconditionFailure("TensorFile: entry \(position) was read before, and cannot be")
      }
      return entry
    }

    /// The place of the tensor `name` in the order of the data.
    public func index(of name: String) -> Int? { index.index(of: name) }
  }
}

// MARK: - One entry

extension TensorFile.Entry {
  /// The most axes that a shape may have: as many as NumPy and PyTorch have.
  static let maximumRank = 64

  /// Reads what the header says of a tensor, and checks it as far as it says all.
  ///
  /// - Throws: `TensorFileError.Problem` and `StrictJSONError`.
  init(scanning scanner: inout JSONScanner, name token: JSONString) throws {
    typealias Problem = TensorFileError.Problem
    try TensorFileHeader.check(nameByteCount: token.byteCount)
    let name = scanner.text(of: token)
    try TensorFileHeader.check(name: name)
    var type: TensorFile.ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.expect(.object, "an object", at: name.cut)
    try scanner.open()
    while let token = try scanner.nextKey() {
      let field = scanner.excerpt(of: token)
      func path() -> String { "\(name.cut).\(field.cut)" }
      let isTwice: Bool
      switch field {
      case "dtype":
        isTwice = type != nil
        type = try scanner.elementType(at: path(), tensor: name)
      case "shape":
        isTwice = shape != nil
        shape = try scanner.integers(
          at: path(), limit: Self.maximumRank,
          else: .tooManyAxes(tensor: name, limit: Self.maximumRank))
      case "data_offsets":
        isTwice = offsets != nil
        offsets = try scanner.integers(at: path(), limit: 2, else: .badOffsets(tensor: name))
      default:
        try scanner.skipValue()
        throw Problem.unknownField(tensor: name, field: field)
      }
      if isTwice { throw StrictJSONError(.duplicateKey(field), at: .byte(token.start)) }
    }
    guard let type else { throw Problem.missingField(tensor: name, field: "dtype") }
    guard let shape else { throw Problem.missingField(tensor: name, field: "shape") }
    guard let offsets else { throw Problem.missingField(tensor: name, field: "data_offsets") }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw Problem.badOffsets(tensor: name)
    }
    let expected = try type.byteCount(of: shape, tensor: name)
    let found = offsets[1] - offsets[0]
    guard expected == found else {
      throw Problem.byteCount(tensor: name, expected: expected, found: found)
    }
    self.init(name: name, type: type, shape: shape, byteRange: offsets[0]..<offsets[1])
  }
}
