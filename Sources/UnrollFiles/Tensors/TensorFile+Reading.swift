extension TensorFile {
  /// What the file says of the tensor `name`, or nothing where it has none of that name.
  public func entry(_ name: String) -> Entry? { entries.index(of: name).map { entries[$0] } }

  /// Gives the bytes of a tensor as they are in the file: little-endian, rows one after another.
  /// They are valid during the call only.
  ///
  /// - Throws: ``TensorFileError`` where there is no such tensor or no memory for it, and what
  ///   `body` throws.
  public func withBytes<Result>(
    of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard let index = entries.index(of: name) else { throw failure(.noSuchTensor(name)) }
    let range = entries[index].byteRange
    if case .memory(let data) = data {
      return try data.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
    try checkMemory(for: range.count)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 64)
    defer { bytes.deallocate() }
    try read(index, range, into: bytes)
    return try body(UnsafeRawBufferPointer(bytes))
  }

  /// The elements of a tensor, rows one after another.
  ///
  /// - Throws: ``TensorFileError`` where there is no such tensor or no memory for it, or its type is
  ///   another. Nothing is converted.
  public func values<Value: TensorFileElement>(
    of name: String, as type: Value.Type
  ) throws -> [Value] {
    let entry = try entry(name, of: type)
    // All empty arrays are one: its count is not to be written.
    guard entry.count > 0 else { return [] }
    try checkMemory(for: entry.byteRange.count)
    return try [Value](unsafeUninitializedCapacity: entry.count) { buffer, initialized in
      try copy(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<entry.count]))
      initialized = entry.count
    }
  }

  /// Copies the elements of a tensor to memory that is there already, initialized or not.
  ///
  /// - Precondition: `destination` has as many elements as the tensor.
  /// - Throws: ``TensorFileError`` where there is no such tensor, or its type is another. What is in
  ///   `destination` then is not to be used.
  public func copy<Value: TensorFileElement>(
    _ name: String, into destination: UnsafeMutableBufferPointer<Value>
  ) throws {
    let entry = try entry(name, of: Value.self)
    require(
      destination.count == entry.count,
      "TensorFile.copy: \(name) has \(entry.count) elements, room is for \(destination.count)")
    guard let index = entries.index(of: name) else { throw failure(.noSuchTensor(name)) }
    let target = UnsafeMutableRawBufferPointer(destination)
    try read(index, entry.byteRange, into: target)
    Self.makeNative(target, Value.self)
  }

  /// Reads tensors by their indices, in the order of the file, into memory that `body` gives. The
  /// digest is verified on the way, unless it was before; the file is read once then.
  ///
  /// - Parameter body: is told the index of a tensor, and calls what it is given with the memory for
  ///   it, once.
  /// - Throws: ``TensorFileError`` where there is no memory for all of them, before any is spent.
  package func read(
    where isWanted: [Bool],
    _ body: (Int, _ read: (UnsafeMutableRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    let wanted = entries.indices.filter { isWanted[$0] }
    try checkMemory(for: wanted.reduce(0) { $0 + entries[$1].byteRange.count })
    guard digest != nil, verification.checks == nil else {
      for index in wanted {
        try body(index) { try read(index, entries[index].byteRange, into: $0) }
      }
      return
    }
    try naming(path) {
      try verify { range, index, check in
        if isWanted[index] {
          try body(index) { try data.copy(range, to: $0, &check) }
        } else {
          try data.pass(over: range, &check)
        }
      }
    }
  }

  /// Reads the data of a tensor: as it was when the digest was verified, or, where there is none, of
  /// a file that was not written to.
  private func read(
    _ index: Int, _ range: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws {
    try verify()
    try naming(path) {
      guard case .disk(let file, _) = data else { return try data.copy(range, to: target) }
      if let checks = verification.checks {
        var check = checks[index]
        try data.copy(range, to: target, &check)
        guard check == checks[index + 1] else { throw FileError(path: path, problem: .changed) }
      } else {
        try data.copy(range, to: target)
        try file.checkUnchanged()
      }
    }
  }

  /// Elements as they are in a file, in the byte order of this machine.
  package static func makeNative<Value>(
    _ bytes: UnsafeMutableRawBufferPointer, _ type: Value.Type
  ) {
    if !hostIsLittleEndian { reverseBytes(of: bytes, elementSize: MemoryLayout<Value>.size) }
  }

  /// What the file says of the tensor `name`.
  ///
  /// - Throws: ``TensorFileError`` where there is no such tensor, or its type is another.
  package func entry<Value: TensorFileElement>(
    _ name: String, of type: Value.Type
  ) throws -> Entry {
    guard let entry = entry(name) else { throw failure(.noSuchTensor(name)) }
    guard entry.type == type.tensorFileType else {
      throw failure(
        .wrongType(tensor: name, expected: type.tensorFileType, found: entry.type))
    }
    return entry
  }

  /// Refuses to read tensors for which there is no memory: without it the program would be stopped.
  ///
  /// - Parameter byteCount: that of all tensors that are to be kept at once.
  public func checkMemory(for byteCount: Int) throws {
    guard AvailableMemory.has(byteCount) else { throw failure(.outOfMemory(byteCount: byteCount)) }
  }

  private func failure(_ problem: TensorFileError.Problem) -> TensorFileError {
    TensorFileError(problem, path: path)
  }
}
