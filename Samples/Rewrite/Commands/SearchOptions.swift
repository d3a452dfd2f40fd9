import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// How the best text is looked for.
struct SearchOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Hypotheses that are kept at each step; 1 is greedy.")
  var beam = 4

  @Option(
    parsing: .unconditional,
    help: """
      Divide the log-probability of a text of n symbols by n to this power, so that long ones are \
      not at a loss. (default: 0)
      """)
  var lengthPower: Double?

  @Option(
    parsing: .unconditional,
    help: "Divide it by (5 + n) / 6 to this power instead (Wu et al. 2016). (default: 0)")
  var gnmt: Double?

  func validate() throws {
    try check("--beam", beam, in: 1...1000)
    try check(lengthPower == nil || gnmt == nil, "--length-power and --gnmt exclude each other")
    for (option, power) in [("--length-power", lengthPower), ("--gnmt", gnmt)] {
      let power = power ?? 0
      try check(
        power >= 0 && power <= 100, "\(option) is \(power); it must be at least 0 and at most 100")
    }
  }

  var search: BeamSearch {
    BeamSearch(
      width: beam,
      normalization: gnmt.map { .gnmt($0) } ?? lengthPower.map { .power($0) } ?? .none)
  }
}
