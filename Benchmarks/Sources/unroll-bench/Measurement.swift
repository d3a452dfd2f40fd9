import CPeak
import Unroll

/// The times of a workload, and what else is printed of it.
struct Measurement: Encodable {
  var name: String
  var threads: Int
  var isa: String
  var medianMilliseconds: Double
  var leastMilliseconds: Double
  var runs: Int
  var gflops: Double
  var peakGflops: Double
  var shareOfPeak: Double
  var tensorAllocationsPerStep: Double
  var peakTensorBytes: Int

  enum CodingKeys: String, CodingKey {
    case name = "case"
    case threads, isa, runs, gflops
    case medianMilliseconds = "median_ms"
    case leastMilliseconds = "min_ms"
    case peakGflops = "peak_gflops"
    case shareOfPeak = "share_of_peak"
    case tensorAllocationsPerStep = "tensor_allocations_per_step"
    case peakTensorBytes = "peak_tensor_bytes"
  }

  /// Runs a workload until `duration` is over, at least ten times.
  init(of workload: inout any Workload, name: String, threads: Int, duration: Duration) throws {
    let isa = EnvironmentSettings.current.instructionSet
    // What comes first fills caches and the pool of tensors.
    for _ in 0..<3 { try workload.run() }
    let (clock, allocations) = (ContinuousClock(), TensorMemory.allocations)
    let began = clock.now
    var times: [Double] = []
    while times.count < 10 || clock.now - began < duration {
      times.append(try Self.milliseconds(of: &workload, clock))
    }
    times.sort()
    let median = times[times.count / 2]
    let peak = Self.peakGflops(isa: isa, threads: threads)
    let gflops = workload.operations / median * 1e-6
    self.name = name
    self.threads = threads
    self.isa = isa
    medianMilliseconds = median
    leastMilliseconds = times[0]
    runs = times.count
    self.gflops = gflops
    peakGflops = peak
    shareOfPeak = gflops / peak
    tensorAllocationsPerStep =
      Double(TensorMemory.allocations - allocations) / Double(times.count)
    peakTensorBytes = TensorMemory.peakBytes
  }

  /// The time of a unit of one run.
  static func milliseconds(
    of workload: inout any Workload, _ clock: ContinuousClock
  ) throws -> Double {
    let duration = try clock.measure { try workload.run() }
    return duration / .milliseconds(workload.unitsPerRun)
  }

  /// What the cores can do at once: the best of some rounds of multiply-adds that wait for nothing.
  static func peakGflops(isa: String, threads: Int) -> Double {
    let clock = ContinuousClock()
    var best = 0.0
    for _ in 0..<20 {
      var operations = [Double](repeating: 0, count: threads)
      let duration = clock.measure {
        Threads.forEach(&operations, threads: threads) { $1 = peak_run(isa, 200_000) }
      }
      best = max(best, operations.reduce(0, +) / (duration / .nanoseconds(1)))
    }
    return best
  }
}
