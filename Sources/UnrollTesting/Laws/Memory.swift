import Foundation
import UnrollCore

// What training costs: the law of memory.
extension Subject {
  /// Steps that leave the counters of the pool as they were are looked for: the counters are those
  /// of the whole process, where others may be at work, so that one such stretch is enough.
  func memory() -> [String] {
    // So many streams that what a step keeps is much beside what others take and give back.
    let input = widened(to: 97)
    let (steps, attempts) = (4, 200)
    var (layer, cache) = (layer, layer.makeCache())
    for _ in 0..<8 { train(&layer, on: input, cache: &cache) }
    var least = (allocations: Int.max, bytes: Int.max)
    for attempt in 0..<attempts {
      let (allocations, bytes) = (TensorMemory.allocations, TensorMemory.usedBytes)
      for _ in 0..<steps { train(&layer, on: input, cache: &cache) }
      let allocated = TensorMemory.allocations - allocations
      let kept = max(TensorMemory.usedBytes - bytes, 0)
      if (allocated, kept) == (0, 0) { return [] }
      if (allocated, kept) < least { least = (allocated, kept) }
      // Others may be done after a while.
      Thread.sleep(forTimeInterval: Double(min(attempt, 10)) * 0.0005)
    }
    return [
      "in the best of \(attempts) stretches of \(steps) steps, \(least.allocations) blocks were "
        + "allocated and \(least.bytes) bytes kept"
    ]
  }
}
