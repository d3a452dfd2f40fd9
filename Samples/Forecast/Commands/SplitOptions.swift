import ArgumentParser
import ProgramSupport
import Unroll
import UnrollModels

/// The rows to learn from, to choose by and to test on.
struct SplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Rows of each series to learn from, to choose by, and to test on.", valueName: "N,N,N"))
  var split: String?

  @Option(help: ArgumentHelp("Test on what is after this time.", valueName: "TIME"))
  var testAfter: String?

  @Option(help: ArgumentHelp("Test on the last rows of each series.", valueName: "N"))
  var testLast: Int?

  @Option(
    help: ArgumentHelp("Test on these series, whole, by their keys.", valueName: "KEY[,KEY]"))
  var testSeries: String?

  @Option(
    help: ArgumentHelp(
      "Rows before the test's to choose by. (default: a tenth of the rest, at least the horizon)",
      valueName: "N"))
  var validation: Int?

  func validate() throws {
    let ways = [split != nil, testAfter != nil, testLast != nil, testSeries != nil].count { $0 }
    try check(
      ways <= 1,
      "--split, --test-after, --test-last and --test-series exclude each other; give one")
    try check(split == nil || validation == nil, "--validation is the second number of --split")
    if let split { _ = try counts(split) }
    try check("--test-last", testLast ?? 1, in: 0...1_000_000_000)
    try check("--validation", validation ?? 1, in: 1...1_000_000_000)
  }

  private func counts(_ text: String) throws -> [Int] {
    let counts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
    guard counts.count == 3, counts.allSatisfy({ $0 >= 0 }), counts[0] > 0, counts[1] > 0 else {
      throw ValidationError(
        "--split '\(text)' is not three numbers of rows, such as 8640,2880,2880")
    }
    return counts
  }

  /// The split of a table.
  func split(of table: SeriesTable, horizon: Int, path: String) throws -> SeriesSplit {
    if let split {
      let counts = try counts(split)
      return .rows(training: counts[0], validation: counts[1], test: counts[2])
    }
    if let testAfter {
      guard let pattern = table.timePattern else {
        throw ProgramError(description: "--test-after needs --time, the column of times")
      }
      guard let time = pattern.time(testAfter) ?? TimePattern.iso8601.time(testAfter) else {
        throw ProgramError(
          description: "--test-after '\(testAfter)' is no time as \(pattern) has it")
      }
      let rest = try table.series.map {
        try SeriesSplit.after(time, validation: 0).parts(of: $0).training.count
      }
      return .after(time, validation: validation ?? share(of: rest, horizon))
    }
    if let testSeries {
      let keys = testSeries.split(separator: ",").map(String.init)
      if let stranger = keys.first(where: { key in !table.series.contains { $0.key == key } }) {
        throw ProgramError(
          description: "\(path): --test-series '\(stranger)' is no series of the table")
      }
      let others = table.series.filter { !keys.contains($0.key) }
      return .series(test: keys, validation: validation ?? share(of: others.map(\.count), horizon))
    }
    let test = testLast ?? 0
    return .last(
      validation: validation ?? share(of: table.series.map { $0.count - test }, horizon), test: test
    )
  }

  /// A tenth of the longest series, at least as many rows as are predicted.
  private func share(of rows: [Int], _ horizon: Int) -> Int { max(horizon, (rows.max() ?? 0) / 10) }
}
