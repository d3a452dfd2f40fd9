/// The parsed header of a tensor file: what it holds and where. Every statement in it is checked
/// against the others and against the number of bytes of data.
///
/// It is read as a stream. What is kept is the header itself and at most 15 bytes for finding each
/// tensor in it, where no tensor takes fewer than 51 bytes of header: so a header of any content
/// needs less than twice its own size.
struct TensorFileHeader {
  /// The safetensors format's own limit.
  static let maximumByteCount = 100_000_000

  /// The member of the header that is no tensor.
  static let metadataKey = "__metadata__"

  /// The most texts that the metadata may have: finding the shortest of them takes more memory than
  /// they take of a header.
  static let maximumMetadataCount = 10_000

  /// The most bytes that the name of a tensor or of a text may have.
  static let maximumNameByteCount = 65_536

  static let limits = StrictJSON.Limits(bytes: maximumByteCount, depth: 3, values: .max)

  let entries: TensorFile.Entries
  let metadata: HeaderTexts
  let dataByteCount: Int

  init(_ bytes: [UInt8], dataByteCount: Int) throws {
    guard bytes.first == UInt8(ascii: "{") else { throw TensorFileError.Problem.headerStart }
    do {
      var places: [Place] = []
      places.reserveCapacity(Place.bound(bytes))
      var metadata: HeaderTexts?
      var scanner = JSONScanner(bytes, limits: Self.limits)
      try scanner.open()
      while let key = try scanner.nextKey() {
        if !scanner.isName(Self.metadataKey, key) {
          let entry = try TensorFile.Entry(scanning: &scanner, name: key)
          places.append(Place(entry.byteRange, key.start))
        } else if metadata == nil {
          metadata = try Self.metadata(&scanner)
        } else {
          throw StrictJSONError(.duplicateKey(Self.metadataKey), at: .byte(key.start))
        }
      }
      try scanner.end()
      self.dataByteCount = dataByteCount
      self.metadata = try metadata ?? HeaderTexts(HeaderIndex(bytes, []))
      entries = try Self.entries(bytes, &places, dataByteCount)
    } catch let error as StrictJSONError {
      throw TensorFileError.Problem.header(error)
    }
  }

  private static func metadata(_ scanner: inout JSONScanner) throws -> HeaderTexts {
    var positions: [UInt32] = []
    try scanner.expect(.object, "an object", at: metadataKey)
    try scanner.open()
    while let key = try scanner.nextKey() {
      guard positions.count < maximumMetadataCount else {
        throw TensorFileError.Problem.tooMuchMetadata(limit: maximumMetadataCount)
      }
      try check(nameByteCount: key.byteCount)
      positions.append(UInt32(key.start))
      let path = { [scanner] in "\(metadataKey).\(scanner.excerpt(of: key).cut)" }
      try scanner.expect(.string, "a string", at: path())
      try scanner.count()
      _ = try scanner.string()
    }
    return HeaderTexts(try HeaderIndex(scanner.bytes, positions))
  }

  /// The tensors in the order of their data, which they must fill from the first byte to the last.
  private static func entries(
    _ bytes: [UInt8], _ places: inout [Place], _ dataByteCount: Int
  ) throws -> TensorFile.Entries {
    let names = JSONScanner(bytes, limits: limits)
    places.sort { first, second in
      if first.begin != second.begin { return first.begin < second.begin }
      if first.end != second.end { return first.end < second.end }
      return names.keyAt(Int(first.position), precedesThatAt: Int(second.position))
    }
    var end = 0
    var problem: TensorFileError.Problem?
    for place in places {
      if place.begin != end {
        let name = names.keyAt(Int(place.position))
        problem =
          place.begin < end
          ? .overlap(tensor: name, expected: end, found: place.begin)
          : .hole(tensor: name, expected: end, found: place.begin)
        break
      }
      end = place.end
    }
    if problem == nil, end != dataByteCount {
      problem = .dataByteCount(expected: end, found: dataByteCount)
    }
    let positions = places.map(\.position)
    places = []
    let entries = TensorFile.Entries(try HeaderIndex(bytes, positions))
    if let problem { throw problem }
    return entries
  }

  static func check(nameByteCount: Int) throws(TensorFileError.Problem) {
    guard nameByteCount <= maximumNameByteCount else {
      throw .nameTooLong(byteCount: nameByteCount, limit: maximumNameByteCount)
    }
  }

  /// Refuses a name of a tensor or of a text that is longer than a reader takes.
  static func check(length name: String) throws(TensorFileError.Problem) {
    try check(nameByteCount: name.utf8.count)
    guard !name.hasTooManyMarks else {
      throw .header(StrictJSONError(.tooManyMarks(limit: String.maximumMarks), at: .path(name.cut)))
    }
  }

  /// Refuses a name that is empty, unprintable, or kept for something else.
  static func check(name: String) throws(TensorFileError.Problem) {
    guard !name.isEmpty, name != metadataKey, !name.unicodeScalars.contains(where: isControl) else {
      throw .badName(name)
    }
  }
}

/// Where a tensor is in the data, and what is said of it in the header.
private struct Place {
  let begin: Int
  let end: Int
  /// A header has fewer than 2^32 bytes.
  let position: UInt32

  init(_ range: Range<Int>, _ position: Int) {
    (begin, end) = (range.lowerBound, range.upperBound)
    self.position = UInt32(position)
  }

  /// No header has more tensors than this: each has a brace, and takes 51 bytes or more. With
  /// room for all of them, none is moved while the header is read.
  static func bound(_ header: [UInt8]) -> Int {
    let braces = header.reduce(into: 0) { if $1 == UInt8(ascii: "{") { $0 += 1 } }
    return min(braces, header.count / 51 + 1)
  }
}
