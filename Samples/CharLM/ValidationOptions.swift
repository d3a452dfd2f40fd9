import ArgumentParser
import Unroll

extension TextSplit: ExpressibleByArgument {}

/// What a model is held against while it is trained, and when.
struct ValidationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "The part of the text that is kept for validation, 0 to below 1; 0 for none.")
  var validation = 0.05

  @Option(
    help: """
      What is kept: the end of the text, or the end of each of the streams, as char-rnn does \
      (easier; never compare across splits).
      """)
  var split = TextSplit.end

  @Option(
    parsing: .unconditional,
    help: "Steps from one validation to the next. (default: a fifth of the steps, at least 50)")
  var validateEvery: Int?

  @Option(
    parsing: .unconditional,
    help: "End after so many validations in a row that brought nothing better.")
  var patience: Int?

  func validate() throws {
    try check(0..<1 ~= validation, "--validation is \(validation); it must be in 0..<1")
    try check("--validate-every", validateEvery ?? 1, in: 1...1_000_000_000)
    try check("--patience", patience ?? 1, in: 1...1_000_000_000)
    try check(
      patience == nil || validation > 0, "--patience needs a validation; --validation is 0")
  }

  /// Steps from one validation to the next, in a run of so many.
  func interval(steps: Int) -> Int { validateEvery ?? max(steps / 5, min(50, steps)) }

  /// What may change while a run goes on.
  func settings(steps: Int) -> [String: String] {
    [
      "--validate-every": "\(interval(steps: steps))",
      "--patience": patience.map { "\($0)" } ?? "none",
    ]
  }
}
