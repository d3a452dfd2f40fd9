import UnrollCore
import UnrollFiles

/// How well a model tells classes from each other, counted over a source: of sequences, or of their
/// steps.
///
/// ```
/// let report = ClassificationReport(of: model, over: test)
/// print(report.accuracy, report.f1[spam])
/// ```
///
/// What is predicted is the class of the largest output. Positions whose target is ``Tokens/ignored``,
/// and those beyond a stream's length, do not count.
public struct ClassificationReport: Sendable, Equatable {
  /// How often a class, the first index, was taken for a class, the second one.
  public private(set) var confusion: [[Int]]

  /// A report of counts.
  ///
  /// - Precondition: as many counts for each class as there are classes.
  public init(confusion: [[Int]]) {
    require(
      confusion.allSatisfy { $0.count == confusion.count },
      "ClassificationReport: a table of \(confusion.count) classes that is not square")
    self.confusion = confusion
  }

  /// Counts over one pass of a source.
  ///
  /// - Parameters:
  ///   - model: its outputs have a number for each class: `[T, B, V]` or, pooled, `[B, V]`.
  ///   - source: where the batches are from; its targets are `[T, B]` or, pooled, `[1, B]`.
  public init<Model: Layer, Source: BatchSource>(
    of model: Model, over source: Source, threads: Int = Threads.default
  )
  where
    Source.Input == Model.Input, Source.Target == Tokens, Model.Output == Tensor<Model.Element>
  {
    confusion = []
    for (output, batch) in model.predictions(over: source, threads: threads) {
      count(output, of: batch.target, lengths: batch.lengths)
    }
  }

  private mutating func count<Element: Scalar>(
    _ output: Tensor<Element>, of target: Tokens, lengths: [Int]?
  ) {
    let classes = output.columns
    if confusion.isEmpty {
      confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    }
    // After pooling a stream has one target, whatever its length.
    let targets = output.rank > 2 ? target.ignoring(beyond: lengths) : target
    require(
      output.rows == targets.ids.count && targets.ids.allSatisfy { $0 < classes },
      "ClassificationReport: targets [T \(target.time), B \(target.batch)] up to "
        + "\(target.ids.max() ?? -1) for an output of shape \(output.shape)")
    for (id, predicted) in zip(targets.ids, output.largestColumns()) where id >= 0 {
      confusion[Int(id)][predicted] += 1
    }
  }

  /// The number of classes, V.
  public var classes: Int { confusion.count }
  /// How many positions were counted.
  public var count: Int { support.reduce(0, +) }
  /// How many positions have each class as their target.
  public var support: [Int] { confusion.map { $0.reduce(0, +) } }
  /// How many positions are predicted to be of each class.
  public var predicted: [Int] {
    (0..<classes).map { column in confusion.reduce(0) { $0 + $1[column] } }
  }

  private var right: [Int] { confusion.indices.map { confusion[$0][$0] } }

  /// The part of the positions that are predicted right; not a number where there are none.
  public var accuracy: Double { Double(right.reduce(0, +)) / Double(count) }

  /// Of what is predicted to be of a class, the part that is; 0 where nothing is.
  public var precision: [Double] { zip(right, predicted).map { $1 == 0 ? 0 : ratio($0, $1) } }
  /// Of what is of a class, the part that is predicted to be; 0 where nothing is.
  public var recall: [Double] { zip(right, support).map { $1 == 0 ? 0 : ratio($0, $1) } }
  /// The harmonic mean of precision and recall of each class; 0 where both are.
  public var f1: [Double] {
    zip(right, zip(support, predicted)).map { $1.0 + $1.1 == 0 ? 0 : ratio(2 * $0, $1.0 + $1.1) }
  }

  /// The mean recall of the classes that occur.
  public var balancedAccuracy: Double {
    let found = zip(recall, support).filter { $1 > 0 }.map(\.0)
    return found.reduce(0, +) / Double(found.count)
  }

  /// The mean of ``f1`` over the classes that occur or are predicted.
  public var macroF1: Double {
    let seen = confusion.indices.filter { support[$0] + predicted[$0] > 0 }.map { f1[$0] }
    return seen.reduce(0, +) / Double(seen.count)
  }

  /// The correlation of target and prediction, in `[-1, 1]`; 0 where one of them is always the same
  /// (Matthews 1975; of many classes Gorodkin 2004).
  public var matthewsCorrelation: Double {
    let (s, c) = (Double(count), Double(right.reduce(0, +)))
    let (t, p) = (support.map(Double.init), predicted.map(Double.init))
    let products = zip(t, p).reduce(0) { $0 + $1.0 * $1.1 }
    let squares = { (x: [Double]) in x.reduce(0) { $0 + $1 * $1 } }
    let norm = ((s * s - squares(p)) * (s * s - squares(t))).squareRoot()
    return norm == 0 ? 0 : (c * s - products) / norm
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double { Double(part) / Double(whole) }
}
