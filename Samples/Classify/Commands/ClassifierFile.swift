import ProgramSupport
import Unroll
import UnrollModels

/// A model file of this program: the classifier, of either kind, and how tables are read.
struct ClassifierFile {
  private static let key = "classify.layout"

  let path: String
  let layout: ExampleLayout
  let classifier: any AnyClassifier

  init(_ path: String) throws {
    self.path = path
    let file = try ModelFile(contentsOf: path)
    let registry = Toolkit.current.registry
    classifier =
      file.classifierKind == TextPreparation.kind
      ? try TextClassifier(file, registry: registry)
      : try NumberClassifier(file, registry: registry)
    guard let layout = try file.value(ExampleLayout.self, forKey: Self.key) else {
      throw ModelFileError(
        path, "was not written by classify train: it does not say which columns are what")
    }
    let fits =
      file.classifierKind == TextPreparation.kind
      ? layout.text != nil && layout.features.isEmpty
      : layout.sequence != nil && !layout.features.isEmpty
        && (classifier as? NumberClassifier)?.preparation.columns == layout.features
    guard fits, layout.delimiter.map({ $0.unicodeScalars.count == 1 && $0 != "\"" }) ?? true else {
      throw ModelFileError(path, "names columns that its classifier does not see")
    }
    self.layout = layout
  }

  static func metadata(_ layout: ExampleLayout) throws -> [String: String] {
    [key: try ModelFile.text(of: layout)]
  }

  /// What the examples of a table are called, what they are, where that is said, and how probable each label is.
  func probabilities(
    of path: String, labeled: Bool, threads: Int
  ) throws -> (names: [String], ids: [Int32], probabilities: [[Double]]) {
    try classifier.probabilities(of: path, layout, labeled: labeled, threads: threads)
  }
}

/// A classifier of either kind.
protocol AnyClassifier: Sendable {
  var labels: LabelTable { get }
  var temperature: Double { get }
  var summaries: [ModelSummary] { get }
  /// What it is of, for people.
  var described: String { get }

  func probabilities(
    of path: String, _ layout: ExampleLayout, labeled: Bool, threads: Int
  ) throws -> (names: [String], ids: [Int32], probabilities: [[Double]])

  func save(to path: String, metadata: [String: String]) throws
}

extension SequenceClassifier {
  var summaries: [ModelSummary] { members.map(\.summary) }

  fileprivate func probabilities(
    of examples: Examples<Preparation.Example>, labeled: Bool, threads: Int
  ) throws -> (names: [String], ids: [Int32], probabilities: [[Double]]) {
    (
      examples.names, labeled ? try examples.ids(labels) : [],
      try probabilities(of: examples.examples, threads: threads)
    )
  }
}

extension SequenceClassifier: AnyClassifier {
  var described: String {
    switch preparation {
    case let texts as TextPreparation:
      "texts by \(texts.vocabulary.unit.rawValue)s, \(texts.vocabulary.count) of them known, at most "
        + "\(texts.maximumLength)"
    case let numbers as NumberPreparation:
      "numbers: \(numbers.columns.joined(separator: ", "))"
        + (numbers.withShapes ? ", and the form of each" : "")
    default: Preparation.kind
    }
  }

  func probabilities(
    of path: String, _ layout: ExampleLayout, labeled: Bool, threads: Int
  ) throws -> (names: [String], ids: [Int32], probabilities: [[Double]]) {
    switch self {
    case let texts as TextClassifier:
      try texts.probabilities(
        of: layout.texts(path, labeled: labeled), labeled: labeled, threads: threads)
    case let numbers as NumberClassifier:
      try numbers.probabilities(
        of: layout.sequences(path, labeled: labeled), labeled: labeled, threads: threads)
    default: fatalError("classify: a classifier of \(Preparation.kind)")
    }
  }
}
