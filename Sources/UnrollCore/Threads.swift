import CUnrollKernels
import Dispatch

/// The one door to threads, for built-in layers and outside ones.
public enum Threads {
  /// The number of threads to use where nobody says: the environment variable `UNROLL_THREADS`, from 1
  /// to 1024, or the number of processors.
  public static let `default`: Int = EnvironmentSettings.current.threads

  /// Runs `body` on every item, several at a time.
  ///
  /// Which items run together depends on the number of threads; what is summed over items must
  /// therefore be summed afterwards, in order. Subnormal numbers are taken as zero meanwhile.
  public static func forEach<Item: Sendable>(
    _ items: inout [Item], threads: Int, _ body: @Sendable (Int, inout Item) -> Void
  ) {
    let count = items.count
    items.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let items = buffer
      forEachRange(count, threads: threads) { range in
        for i in range { body(i, &items[i]) }
      }
    }
  }

  /// Cuts `0 ..< count` into a range for each thread and runs `body` on all of them at once.
  ///
  /// - Parameter grain: ranges begin at multiples of it, and there are no more than that allows.
  public static func forEachRange(
    _ count: Int, threads: Int, grain: Int = 1, _ body: @Sendable (Range<Int>) -> Void
  ) {
    let grains = (count + grain - 1) / grain
    let parts = max(1, min(threads, grains))
    @Sendable func run(_ part: Int) {
      let range = (part * grains / parts * grain)..<min(count, (part + 1) * grains / parts * grain)
      let previous = unroll_flush_subnormals()
      defer { unroll_restore_subnormals(previous) }
      body(range)
    }
    if parts == 1 {
      run(0)
    } else if !together(parts, run) {
      // Within another call, or beside one of another thread.
      DispatchQueue.concurrentPerform(iterations: parts) { run($0) }
    }
  }

  /// Runs `body` on `0 ..< parts` by the threads that wait for work, unless they have some.
  private static func together(_ parts: Int, _ body: (Int) -> Void) -> Bool {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        unroll_parallel(
          parts,
          { part, body in
            body?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(part)
          }, UnsafeMutableRawPointer(mutating: body))
      }
    }
  }
}
