import ArgumentParser
import Foundation
import Unroll

@main
struct UnrollBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unroll-bench",
    abstract: "Times training steps, sampling, inference and matrix products.",
    discussion: """
      Times are of whole steps, with data that is drawn at random. `make bench` compares them with those \
      of other frameworks, turn by turn.

        unroll-bench --list
        unroll-bench --case train-lstm-2x128 --threads 2
        UNROLL_ISA=avx2 unroll-bench --case product-64x2048x512 --threads 1 --json
      """)

  @Flag(help: "List the cases.")
  var list = false

  @Option(
    name: .customLong("case"),
    help: "The case to time; all of them but the large ones unless one is named.")
  var name: String?

  @Option(help: "The number of threads.")
  var threads = Threads.default

  @Option(help: "How many seconds a case is timed for.")
  var seconds = 2.0

  @Flag(help: "Print one JSON object for each case.")
  var json = false

  @Flag(help: "For each number that is read, run as often and print the times in milliseconds.")
  var rounds = false

  func validate() throws {
    guard threads > 0 else {
      throw ValidationError("--threads is \(threads); it must be at least 1")
    }
    guard seconds >= 0, seconds < 1e6 else {
      throw ValidationError("--seconds is \(seconds); it must be from 0 to a million")
    }
    if let name, Case.named(name) == nil {
      throw ValidationError("there is no case '\(name)'; --list shows those there are")
    }
    guard !rounds || name != nil else { throw ValidationError("--rounds needs a --case") }
  }

  func run() throws {
    let cases = name.flatMap(Case.named).map { [$0] } ?? Case.all.filter { !$0.isLarge }
    if list {
      let width = Case.all.map(\.name.count).max() ?? 0
      for each in Case.all {
        print(each.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + each.summary)
      }
      return
    }
    for each in cases {
      var workload = try each.make(threads)
      if rounds {
        try answer(&workload)
      } else {
        let measurement = try Measurement(
          of: &workload, name: each.name, threads: threads, duration: .seconds(seconds))
        try show(measurement)
        if !json, let note = workload.note { say("  " + note) }
      }
    }
  }

  private func answer(_ workload: inout any Workload) throws {
    let clock = ContinuousClock()
    while let line = readLine() {
      guard let count = Int(line), count >= 0 else {
        throw ValidationError("--rounds reads numbers, not '\(line)'")
      }
      let times = try (0..<count).map { _ in
        try Measurement.milliseconds(of: &workload, clock)
      }
      say(times.map { "\($0)" }.joined(separator: " "))
    }
  }

  private func show(_ measurement: Measurement) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      say(String(decoding: try encoder.encode(measurement), as: UTF8.self))
    } else {
      let m = measurement
      say(
        String(
          format: "%@  threads %d  %@  median %.4f ms  least %.4f ms  %.0f of %.0f GFLOP/s (%.0f%%)"
            + "  %.1f allocations  %.1f MB", m.name, m.threads, m.isa, m.medianMilliseconds,
          m.leastMilliseconds, m.gflops, m.peakGflops, 100 * m.shareOfPeak,
          m.tensorAllocationsPerStep, Double(m.peakTensorBytes) / 1e6))
    }
  }

  /// Prints a line at once, also into a pipe.
  private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
