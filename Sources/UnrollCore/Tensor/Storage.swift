import UnrollFiles

/// The memory of one tensor: 64-byte aligned, from the pool and back to it.
///
/// `@unchecked Sendable` holds because a storage is written only while exactly one tensor refers to
/// it: every mutation goes through `Tensor.withUnsafeMutableBufferPointer`, which copies first
/// where the storage is shared.
@usableFromInline
final class Storage<Element: Scalar>: @unchecked Sendable {
  @usableFromInline let count: Int
  @usableFromInline let base: UnsafeMutablePointer<Element>

  /// Memory with unspecified contents.
  @usableFromInline
  init(count: Int) {
    self.count = count
    base = TensorMemory.take(bytes: count * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: count)
  }

  deinit {
    TensorMemory.give(base, bytes: count * MemoryLayout<Element>.stride)
  }
}

/// The pool behind every tensor: a block given back is kept and handed to the next tensor of its
/// size, so that a steady training step allocates nothing.
///
/// Free blocks never add up to more than twice the most that was ever in use at once: where they
/// would, they are of sizes that are no longer asked for, and all are given up. ``trim()`` gives them up
/// at once.
public enum TensorMemory {
  struct State {
    var free = FreeBlocks()
    var freeBytes = 0
    var usedBytes = 0
    var peakBytes = 0
    var allocations = 0
  }

  static let state = Locked(State())

  /// How many blocks were asked of the system since the program began. Between two steady training
  /// steps this does not grow.
  public static var allocations: Int { state.withLock { $0.allocations } }
  /// The bytes that tensors hold now.
  public static var usedBytes: Int { state.withLock { $0.usedBytes } }
  /// The most bytes that tensors held at once, since the pool was trimmed last.
  public static var peakBytes: Int { state.withLock { $0.peakBytes } }

  /// The bytes of free blocks, kept for tensors to come.
  public static var pooledBytes: Int { state.withLock { $0.freeBytes } }

  /// Gives the free blocks back to the system, as an app does that is warned of low memory or goes to
  /// the background. Tensors keep theirs; what computes next asks for new blocks.
  public static func trim() {
    release(
      state.withLock { state in
        state.freeBytes = 0
        // Twice what is in use now, and not what once was, may be free from here on.
        state.peakBytes = state.usedBytes
        defer { state.free = FreeBlocks() }
        return state.free
      })
  }

  private static func release(_ blocks: FreeBlocks) {
    for address in blocks.all {
      UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
    }
  }

  static func size(for bytes: Int) -> Int { max(64, (bytes + 63) & ~63) }

  static func take(bytes: Int) -> UnsafeMutableRawPointer {
    let size = size(for: bytes)
    let pooled = state.withLock { state -> UInt? in
      state.usedBytes += size
      state.peakBytes = max(state.peakBytes, state.usedBytes)
      if let address = state.free.take(bytes: size) {
        state.freeBytes -= size
        return address
      }
      state.allocations += 1
      return nil
    }
    if let pooled, let block = UnsafeMutableRawPointer(bitPattern: pooled) { return block }
    return .allocate(byteCount: size, alignment: 64)
  }

  static func give(_ block: UnsafeMutableRawPointer, bytes: Int) {
    let size = size(for: bytes)
    let stale = state.withLock { state -> FreeBlocks? in
      state.usedBytes -= size
      var stale: FreeBlocks?
      if state.freeBytes + size > 2 * state.peakBytes {
        (stale, state.free) = (state.free, FreeBlocks())
        state.freeBytes = 0
      }
      state.free.give(UInt(bitPattern: block), bytes: size)
      state.freeBytes += size
      return stale
    }
    if let stale { release(stale) }
  }
}
