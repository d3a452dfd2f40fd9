import ProgramSupport
import Unroll
import UnrollModels

/// What a model file of this program has beside the forecaster.
struct ForecastDescription: Codable, Sendable {
  private static let key = "forecast.description"

  /// How tables are read.
  var layout: TableLayout
  /// The rows that were learned from, chosen by, and kept to test on.
  var split: SeriesSplit
  /// Rows to a season.
  var season: Int
  /// How far it is from row to row.
  var step: TimeStep?
  /// How times were written.
  var timePattern: TimePattern?
  /// The standard deviation of each target over the rows that were learned from.
  var deviations: [Double]
  /// The options of `forecast train` that decide what is learned; `nil` in files from before they were kept.
  var training: [String]?

  func metadata() throws -> [String: String] { [Self.key: try ModelFile.text(of: self)] }

  /// A model of this program.
  static func read(_ path: String) throws -> (any ForecastModel, ForecastDescription) {
    let file = try ModelFile(contentsOf: path)
    let forecaster = try file.forecastModel()
    guard var description = try file.value(ForecastDescription.self, forKey: key) else {
      throw ModelFileError(
        path, "was not written by forecast train: it does not say how tables are read")
    }
    let steps = [description.step, description.layout.step].compactMap(\.self)
    guard steps.allSatisfy(\.isPossible), description.split.isPossible,
      description.layout.isPossible
    else { throw ModelFileError(path, "has a description of tables that there cannot be") }
    let (columns, layout) = (forecaster.preparation.columns, description.layout)
    let names =
      [layout.time].compactMap(\.self) + layout.keys + columns.numbers + columns.categories
    guard Set(names).count == names.count else {
      throw ModelFileError(path, "has a column that is two things")
    }
    guard description.deviations.count == forecaster.preparation.columns.targets.count,
      (1...1_000_000).contains(description.season),
      description.deviations.allSatisfy({ $0 > 0 && $0.isFinite })
    else { throw ModelFileError(path, "has a description that does not fit its targets") }
    // Of standard input the first time cannot be looked at before.
    if description.timePattern == .number {
      description.layout.timeFormat = description.layout.timeFormat ?? .number
    }
    return (forecaster, description)
  }
}

extension TimeStep {
  /// Whether it is one, of at most ten thousand years: a file may say anything.
  fileprivate var isPossible: Bool {
    switch self {
    case .count(let rows): (1...1_000_000_000_000).contains(rows)
    case .months(let months): (1...120_000).contains(months)
    case .microseconds(let time): (1...315_576_000_000_000_000).contains(time)
    }
  }
}

extension SeriesSplit {
  fileprivate var isPossible: Bool {
    switch self {
    case .rows(let training, let validation, let test):
      training >= 0 && validation >= 0 && test >= 0
    case .last(let validation, let test): validation >= 0 && test >= 0
    case .after(_, let validation), .series(_, let validation): validation >= 0
    }
  }
}

extension TableLayout {
  fileprivate var isPossible: Bool {
    !keys.contains("") && time != "" && delimiter.map(Self.canSeparate) ?? true
      && digitGrouping.map { Self.canGroupDigits($0, beside: decimalSign) } ?? true
  }

  /// Whether a text is an ASCII character that can stand between fields.
  static func canSeparate(_ text: String) -> Bool {
    text.unicodeScalars.count == 1
      && text.unicodeScalars.allSatisfy { $0.isASCII && !"\n\r\0\"".unicodeScalars.contains($0) }
  }

  /// Whether a text is a character that can stand between groups of digits.
  static func canGroupDigits(_ text: String, beside sign: TableDescription.DecimalSign) -> Bool {
    text.unicodeScalars.count == 1 && text != sign.rawValue
      && text.unicodeScalars.allSatisfy {
        $0.properties.numericType == nil && !"+-eE\n\r\0".unicodeScalars.contains($0)
      }
  }
}
