import ArgumentParser
import ProgramSupport
import Unroll

extension TextSplit: @retroactive ExpressibleByArgument {}

/// How much of the part that is kept is validated on.
enum ValidationLimit: ExpressibleByArgument {
  case all
  case first(Int)

  init?(argument: String) {
    if argument == "all" {
      self = .all
    } else if let count = Int(argument) {
      self = .first(count)
    } else {
      return nil
    }
  }

  /// The most targets; `nil` for all.
  var count: Int? { if case .first(let count) = self { count } else { nil } }

  var defaultValueDescription: String { count.map { "\($0)" } ?? "all" }
}

/// What a model is validated on while it is trained, and when.
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
    help: ArgumentHelp(
      """
      The most characters, bytes or words to validate on, the first ones of the part that is kept, or \
      all: a validation reads one after another.
      """, valueName: "count|all"))
  var validationLimit = ValidationLimit.first(200_000)

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
    try check("--validation-limit", validationLimit.count ?? 1, in: 1...1_000_000_000)
    try check("--validate-every", validateEvery ?? 1, in: 1...1_000_000_000)
    try check("--patience", patience ?? 1, in: 1...1_000_000_000)
    try check(
      patience == nil || validation > 0, "--patience needs a validation; --validation is 0")
  }

  /// Steps from one validation to the next, in a run of so many.
  func interval(steps: Int) -> Int { validateEvery ?? max(steps / 5, min(50, steps)) }

  /// How much of the part that is kept is not validated on, in a few words; `nil` where it is all
  /// validated on.
  func limitation(of text: SplitText) -> String? {
    guard let validation = text.validation else { return nil }
    let targets = validation.batchSize * validation.streamLength
    guard targets < text.heldTargets else { return nil }
    return "validated on the first \(targets) of \(text.heldTargets) "
      + "\(text.vocabulary.unit)s kept for it (--validation-limit)"
  }

  /// What may change while a run goes on.
  func settings(steps: Int, of text: SplitText) -> [String: String] {
    [
      // Where it makes no difference it is none: checkpoints of before there was one say nothing.
      "--validation-limit": limitation(of: text) == nil
        ? "all" : validationLimit.defaultValueDescription,
      "--validate-every": "\(interval(steps: steps))",
      "--patience": patience.map { "\($0)" } ?? "none",
    ]
  }
}
