import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollTraining

/// The numbers are worked out from the definitions.
@Suite("A report of classes")
struct ClassificationReportTests {
  private let report = ClassificationReport(confusion: [[13, 3, 1], [2, 9, 0], [4, 0, 6]])

  private func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-12 }

  @Test("counts, and its measures are those of their definitions")
  func measures() {
    #expect(report.count == 38 && report.classes == 3)
    #expect(report.support == [17, 11, 10] && report.predicted == [19, 12, 7])
    #expect(isNear(report.accuracy, 28.0 / 38))
    #expect(zip(report.precision, [13.0 / 19, 9.0 / 12, 6.0 / 7]).allSatisfy(isNear))
    #expect(zip(report.recall, [13.0 / 17, 9.0 / 11, 6.0 / 10]).allSatisfy(isNear))
    #expect(zip(report.f1, [26.0 / 36, 18.0 / 23, 12.0 / 17]).allSatisfy(isNear))
    #expect(isNear(report.macroF1, (26.0 / 36 + 18.0 / 23 + 12.0 / 17) / 3))
    #expect(isNear(report.balancedAccuracy, (13.0 / 17 + 9.0 / 11 + 6.0 / 10) / 3))
    // (28 * 38 - (17 * 19 + 11 * 12 + 10 * 7)) / sqrt((38^2 - 554) (38^2 - 510))
    #expect(isNear(report.matthewsCorrelation, 539 / (890.0 * 934).squareRoot()))
  }

  @Test("of two classes has Matthews' own correlation")
  func matthews() {
    let (tn, fp, fn, tp) = (50.0, 4.0, 3.0, 20.0)
    let report = ClassificationReport(confusion: [[50, 4], [3, 20]])
    let expected =
      (tp * tn - fp * fn) / ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)).squareRoot()
    #expect(isNear(report.matthewsCorrelation, expected))
  }

  @Test("of classes that do not occur has no holes")
  func absent() {
    let report = ClassificationReport(confusion: [[4, 0, 0], [0, 0, 0], [0, 0, 0]])
    #expect(
      report.precision == [1, 0, 0] && report.recall == [1, 0, 0] && report.f1 == [1, 0, 0])
    #expect(report.balancedAccuracy == 1 && report.macroF1 == 1)
    #expect(report.matthewsCorrelation == 0)
    #expect(ClassificationReport(confusion: []).accuracy.isNaN)
  }

  /// Gives its input back.
  private struct Same: StatelessLayer {
    typealias Element = Float
    func makeCache() {}
    func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> { x }
    mutating func backward(
      _ gradient: Tensor<Float>, cache: inout Void, in context: Context
    ) -> Tensor<Float> { gradient }
  }

  private struct Given<Target: Sendable>: BatchSource {
    var position = 0
    var batches: [Batch<Tensor<Float>, Target>]
    var batchSize: Int { 2 }
    var batchesPerEpoch: Int { batches.count }

    mutating func next() -> Batch<Tensor<Float>, Target> {
      defer { position += 1 }
      return batches[position % batches.count]
    }
  }

  @Test("Ignored targets and padding do not count; the first of equal outputs is taken")
  func positions() {
    let scores: [Float] = [
      0, 1, 0, 2, 2, 1,  // step 0: stream 0 gives class 1, stream 1 class 0, the first of two
      0, 0, 3, 9, 0, 0,  // step 1: class 2; class 0
      5, 0, 0, 0, 7, 0,  // step 2: class 0; beyond the length
    ]
    let batch = Batch(
      input: Tensor(shape: [3, 2, 3], scalars: scores),
      target: Tokens(time: 3, batch: 2, ids: [1, 0, 0, Tokens.ignored, 0, 1]), lengths: [3, 2])
    let pooled = Batch(
      input: Tensor<Float>(shape: [2, 3], scalars: [0, 0, 1, 1, 0, 0]),
      target: Tokens(time: 1, batch: 2, ids: [2, 1]), lengths: [4, 0])
    #expect(
      ClassificationReport(of: Same(), over: Given(batches: [batch])).confusion
        == [[2, 0, 1], [0, 1, 0], [0, 0, 0]])
    #expect(
      ClassificationReport(of: Same(), over: Given(batches: [pooled, pooled])).confusion
        == [[0, 0, 0], [2, 0, 0], [0, 0, 2]])
  }

  @Test("Differences are means over the numbers that count, in their own unit")
  func regression() {
    let batch = Batch(
      input: Tensor<Float>(shape: [2, 2, 1], scalars: [1, 2, 3, 100]),
      target: Tensor<Float>(shape: [2, 2, 1], scalars: [1.5, 2, 1, 0]), lengths: [2, 1])
    let report = RegressionReport(of: Same(), over: Given(batches: [batch]))
    #expect(report.count == 3)
    #expect(isNear(report.meanAbsoluteError, 2.5 / 3))
    #expect(isNear(report.rootMeanSquareError, (4.25 / 3).squareRoot()))
    let scaled = RegressionReport(of: Same(), over: Given(batches: [batch, batch])) {
      $0.map { 10 * $0 + 7 }
    }
    #expect(scaled.count == 6 && abs(scaled.meanAbsoluteError - 25.0 / 3) < 1e-5)
  }
}
