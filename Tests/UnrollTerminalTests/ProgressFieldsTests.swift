import Testing
import UnrollTerminal
import UnrollTraining

@Suite("The fields of a line of progress")
struct ProgressFieldsTests {
  private func report(
    _ step: Int, loss: Double = 2, read: Int = 500, positions: Int = 500, duration: Double
  ) -> StepReport {
    StepReport(
      step: step, epoch: 0, loss: loss, gradientNorm: 1, learningRate: 0.1, inputSteps: read,
      positions: positions, duration: .seconds(duration), elapsed: .seconds(1))
  }

  private func texts(_ reports: [StepReport], to last: Int = 100) -> [String] {
    var fields = ProgressFields(unit: "words", from: 0, to: last)
    for report in reports { fields.note(report) }
    return fields.texts
  }

  @Test("Speed and time left follow from the steps after the first")
  func usual() {
    #expect(texts([report(1, duration: 9)]) == ["step 1/100", "loss 2.000", "smoothed 2.000"])
    #expect(
      texts([report(1, duration: 9), report(2, duration: 0.5)]) == [
        "step 2/100", "loss 2.000", "0:49 left", "smoothed 2.000", "1000 words/s",
      ])
  }

  @Test("What is counted are the words that are read, not the labels")
  func labels() {
    let reports = (1...3).map { report($0, read: 4000, positions: 32, duration: 0.1) }
    #expect(texts(reports).last == "40k words/s")
  }

  @Test(
    "A clock that stands still or goes mad gives no speed, and stops nothing",
    arguments: [0, -0.5, 1e-18, 1e-19, -1e15])
  func clocks(duration: Double) {
    let texts = texts((1...5).map { report($0, duration: duration) })
    #expect(texts.allSatisfy { !$0.contains("-") && !$0.contains("nan") })
    #expect(texts[0] == "step 5/100" && texts.contains("smoothed 2.000"))
    #expect(!texts.contains { $0.hasSuffix("words/s") } || duration == 1e-18)
  }

  @Test("Losses beyond all bounds are shown")
  func losses() {
    #expect(texts([report(1, loss: .infinity, duration: 1)])[1] == "loss inf")
    #expect(texts([report(1, loss: 1e300, duration: 1)])[1] == "loss 1.000e+300")
  }
}
