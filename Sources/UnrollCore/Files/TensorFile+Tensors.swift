import UnrollFiles

extension TensorFile {
  /// A tensor in memory of its own.
  ///
  /// - Throws: ``TensorFileError`` where there is no such tensor or no memory for it, or its type is
  ///   another, ``FileError`` where the file cannot be read any more.
  public func tensor<Element: Scalar>(
    _ name: String, as type: Element.Type = Element.self
  ) throws -> Tensor<Element> {
    let entry = try entry(name, of: type)
    try checkMemory(for: entry.byteRange.count)
    return try Tensor(uninitialized: entry.shape) { try copy(name, into: $0) }
  }

  /// Tensors by their indices, read in the order of the file. The digest is verified on the way,
  /// unless it was before; the file is read once then.
  ///
  /// - Throws: ``TensorFileError`` where there is no memory for all of them, before any is spent.
  /// - Precondition: They are of this type.
  package func tensors<Element: Scalar>(
    where isWanted: [Bool], as type: Element.Type
  ) throws -> [Int: Tensor<Element>] {
    var tensors: [Int: Tensor<Element>] = [:]
    try read(where: isWanted) { index, read in
      tensors[index] = try Tensor(uninitialized: entries[index].shape) { buffer in
        let target = UnsafeMutableRawBufferPointer(buffer)
        try read(target)
        Self.makeNative(target, type)
      }
    }
    return tensors
  }
}

extension TensorFileWriter {
  /// Adds a tensor, which is not copied.
  public mutating func add<Element: Scalar>(_ name: String, _ tensor: Tensor<Element>) {
    add(name, type: Element.tensorFileType, shape: tensor.shape) { take in
      try tensor.withUnsafeBufferPointer { try Self.hand($0, to: take) }
    }
  }
}
