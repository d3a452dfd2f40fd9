import UnrollFiles

/// A dense array of numbers with a shape: a value, copied on write.
///
/// Sequences are time-major, `[T, B, F]`: steps, streams, features. Elements lie in row-major order,
/// the last axis together. A tensor of zeros holds no memory until it is written or read.
///
/// There is no silent broadcasting: operators take tensors of equal shapes, and what repeats a row
/// or a number says so in its name.
public struct Tensor<Element: Scalar>: Signal {
  public typealias Gradient = Tensor

  /// The length of each axis, outermost first.
  public internal(set) var shape: [Int]
  @usableFromInline var storage: Storage<Element>?

  /// Zeros.
  ///
  /// - Precondition: no axis is negative.
  @specialized(where Element == Float)
  public init(shape: [Int]) {
    for axis in shape { require(axis >= 0, "a tensor cannot have the shape \(shape)") }
    self.shape = shape
    storage = nil
  }

  /// One number everywhere.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public init(shape: [Int], repeating value: Element) {
    self.init(uninitialized: shape) { $0.update(repeating: value) }
  }

  /// These elements, in row-major order.
  ///
  /// - Precondition: there are as many as the shape asks for.
  public init(shape: [Int], scalars: [Element]) {
    require(
      scalars.count == shape.reduce(1, *),
      "a tensor of shape \(shape) has \(shape.reduce(1, *)) elements, not \(scalars.count)")
    self.init(uninitialized: shape) { buffer in _ = buffer.update(fromContentsOf: scalars) }
  }

  /// A tensor whose elements `body` writes, every one of them: they are unspecified before.
  @inlinable
  public init(
    uninitialized shape: [Int],
    _ body: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) rethrows {
    self.init(shape: shape)
    let storage = Storage<Element>(count: count)
    try body(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
    self.storage = storage
  }

  /// The number of elements.
  @inlinable
  public var count: Int {
    var count = 1
    for axis in shape { count *= axis }
    return count
  }
  /// The number of axes.
  @inlinable
  public var rank: Int { shape.count }
  /// The length of the last axis, such as the number of features; 1 where there is no axis.
  @inlinable
  public var columns: Int { shape.last ?? 1 }
  /// The product of all axes but the last: the number of rows, as a matrix product sees it.
  @inlinable
  public var rows: Int {
    var rows = 1
    for axis in shape.dropLast() { rows *= axis }
    return rows
  }
  /// Whether there is memory behind the elements; there is none behind untouched zeros.
  @inlinable
  public var isAllocated: Bool { storage != nil }

  /// The elements in row-major order.
  public var scalars: [Element] { withUnsafeBufferPointer { Array($0) } }

  /// Calls `body` with the elements in row-major order.
  @inlinable
  public func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    guard let storage = storage ?? (count == 0 ? nil : Self.zeros(count)) else {
      return try body(UnsafeBufferPointer(start: nil, count: 0))
    }
    return try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: storage.base, count: storage.count))
    }
  }

  /// Calls `body` with the elements in row-major order, to be changed in place.
  @inlinable
  public mutating func withUnsafeMutableBufferPointer<Result>(
    _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    // The count first: to look at the storage may hold it twice, and what is held twice is copied.
    if count == 0, storage == nil {
      return try body(UnsafeMutableBufferPointer(start: nil, count: 0))
    }
    let storage = uniqueStorage()
    return try withExtendedLifetime(storage) {
      try body(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
    }
  }

  /// Where the elements are, to be changed in place, for as long as this tensor lives and nothing else
  /// is done with it.
  package var mutableAddress: UnsafeMutablePointer<Element> {
    mutating get { uniqueStorage().base }
  }

  @inlinable
  mutating func uniqueStorage() -> Storage<Element> {
    if isKnownUniquelyReferenced(&storage), let storage { return storage }
    return copiedStorage()
  }

  @usableFromInline
  @specialized(where Element == Float)
  mutating func copiedStorage() -> Storage<Element> {
    let copy: Storage<Element>
    if let shared = storage {
      copy = Storage(count: shared.count)
      copy.base.update(from: shared.base, count: shared.count)
    } else {
      copy = Self.zeros(count)
    }
    storage = copy
    return copy
  }

  @usableFromInline
  @specialized(where Element == Float)
  static func zeros(_ count: Int) -> Storage<Element> {
    let storage = Storage<Element>(count: count)
    UnsafeMutableRawPointer(storage.base)
      .initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
    return storage
  }

  /// Whether two tensors are one memory, as a tensor and its unchanged copy are.
  @inlinable
  public func sharesStorage(with other: Tensor) -> Bool {
    storage != nil && storage === other.storage
  }

  /// The same elements in another shape.
  ///
  /// - Precondition: the shapes have equally many elements.
  @specialized(where Element == Float)
  public func reshaped(_ shape: [Int]) -> Tensor {
    require(
      shape.reduce(1, *) == count, "a tensor of shape \(self.shape) has no view of shape \(shape)")
    var result = self
    result.shape = shape
    return result
  }

  /// The element of a tensor of two axes.
  @inlinable
  public subscript(i: Int, j: Int) -> Element {
    get {
      let offset = offset(i, j)
      return withUnsafeBufferPointer { $0[offset] }
    }
    set {
      let offset = offset(i, j)
      withUnsafeMutableBufferPointer { $0[offset] = newValue }
    }
  }

  /// The element of a tensor of three axes: at step `t` of stream `b`, feature `f`, for instance.
  @inlinable
  public subscript(t: Int, b: Int, f: Int) -> Element {
    get {
      let offset = offset(t, b, f)
      return withUnsafeBufferPointer { $0[offset] }
    }
    set {
      let offset = offset(t, b, f)
      withUnsafeMutableBufferPointer { $0[offset] = newValue }
    }
  }

  @inlinable
  func offset(_ i: Int, _ j: Int) -> Int {
    require(
      rank == 2 && i >= 0 && i < shape[0] && j >= 0 && j < shape[1],
      "index [\(i), \(j)] is outside of \(shape)")
    return i * shape[1] + j
  }

  @inlinable
  func offset(_ t: Int, _ b: Int, _ f: Int) -> Int {
    require(
      rank == 3 && t >= 0 && t < shape[0] && b >= 0 && b < shape[1] && f >= 0 && f < shape[2],
      "index [\(t), \(b), \(f)] is outside of \(shape)")
    return (t * shape[1] + b) * shape[2] + f
  }

  /// The element at these indices, one for each axis.
  public subscript(indices: Int...) -> Element {
    get {
      let offset = offset(of: indices)
      return withUnsafeBufferPointer { $0[offset] }
    }
    set {
      let offset = offset(of: indices)
      withUnsafeMutableBufferPointer { $0[offset] = newValue }
    }
  }

  /// The element at an index in row-major order.
  @inlinable
  public subscript(flat index: Int) -> Element {
    get {
      require(index >= 0 && index < count, "element \(index) of \(count)")
      return withUnsafeBufferPointer { $0[index] }
    }
    set {
      require(index >= 0 && index < count, "element \(index) of \(count)")
      withUnsafeMutableBufferPointer { $0[index] = newValue }
    }
  }

  private func offset(of indices: [Int]) -> Int {
    require(indices.count == rank, "\(indices) is no index into the shape \(shape)")
    return zip(indices, shape).reduce(0) { offset, axis in
      require(axis.0 >= 0 && axis.0 < axis.1, "index \(indices) is outside of \(shape)")
      return offset * axis.1 + axis.0
    }
  }
}

extension Tensor: Equatable {
  /// Equal shapes and equal elements. As with arrays, a tensor equals its copy whatever it holds, and
  /// otherwise an element that is not a number equals none.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape
      && (a.sharesStorage(with: b)
        || a.withUnsafeBufferPointer { x in b.withUnsafeBufferPointer { x.elementsEqual($0) } })
  }
}

extension Tensor: CustomStringConvertible {
  public var description: String {
    let shown = withUnsafeBufferPointer { $0.prefix(8).map { "\($0)" }.joined(separator: ", ") }
    return "Tensor\(shape) [\(shown)\(count > 8 ? ", ..." : "")]"
  }
}
