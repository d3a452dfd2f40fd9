import Foundation

/// Whether memory can be had, asked before it is spent: where an allocation fails, the program ends,
/// or the system ends it later when it touches what it was promised.
package enum AvailableMemory {
  /// Smaller amounts are not asked about.
  private static let small = 1 << 26

  /// Whether so many bytes more can be had.
  package static func has(_ byteCount: Int) -> Bool {
    if byteCount <= small { return true }
    guard byteCount <= bound else { return false }
    // The system may refuse by rules of its own, such as a limit of the process.
    let trial = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let trial, trial != MAP_FAILED else { return false }
    munmap(trial, byteCount)
    return true
  }

  /// What the machine has, or what is free of it where the system tells, and no more than what a
  /// group of processes, such as those of a container, is given.
  private static var bound: Int {
    var bound = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    #if os(Linux)
      if let free { bound = min(bound, free) }
      for path in [
        "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
      ] {
        if let limit = text(path).flatMap({ Int($0) }) { bound = min(bound, limit) }
      }
    #endif
    return bound
  }

  #if os(Linux)
    /// Memory that no process would have to give up, and swap.
    private static var free: Int? {
      guard let text = text("/proc/meminfo") else { return nil }
      let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
      func kibibytes(_ name: String) -> Int? {
        lines.first { $0.first.map { $0 == name + ":" } == true && $0.count > 1 }
          .flatMap { Int($0[1]) }
      }
      return kibibytes("MemAvailable").map { ($0 + (kibibytes("SwapFree") ?? 0)) << 10 }
    }

    private static func text(_ path: String) -> String? {
      (try? String(contentsOfFile: path, encoding: .utf8))?
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
  #endif
}
