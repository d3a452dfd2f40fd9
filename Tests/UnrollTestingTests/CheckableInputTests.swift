import TestSupport
import Testing
import UnrollCore
import UnrollTesting

@Suite("Inputs to check with")
struct CheckableInputTests {
  private let x: Tensor<Double> = noise([3, 2, 4])

  @Test("Sequences have steps and streams, rows of features streams alone") func axes() {
    #expect(x.stepCount == 3 && x.streamCount == 2)
    let rows: Tensor<Double> = noise([5, 4])
    #expect(rows.stepCount == nil && rows.streamCount == 5)
    let tokens = Tokens(time: 3, batch: 2, ids: [0, 1, 2, 3, 4, 5])
    #expect(tokens.stepCount == 3 && tokens.streamCount == 2 && tokens.inputShape == [3, 2])
  }

  @Test("Streams are picked in any order, as often as they are named") func streams() {
    let picked = x.selecting(streams: [1, 0, 1])
    #expect(picked.shape == [3, 3, 4])
    #expect(picked[2, 0, 3] == x[2, 1, 3] && picked[2, 1, 3] == x[2, 0, 3])
    let tokens = Tokens(time: 2, batch: 2, ids: [0, 1, 2, 3])
    #expect(tokens.selecting(streams: [1, 1, 0]).ids == [1, 1, 0, 3, 3, 2])
    #expect(tokens.selecting(steps: 1..<2).ids == [2, 3])
  }

  @Test(
    "Only the places that are asked for change, and all of them",
    arguments: [CheckFiller.other, .large])
  func changes(filler: CheckFiller) {
    let changed = x.changing(to: filler) { t, b in t == 1 && b == 1 }
    for t in 0..<3 {
      for b in 0..<2 {
        for f in 0..<4 { #expect((changed[t, b, f] == x[t, b, f]) == !(t == 1 && b == 1)) }
      }
    }
  }

  @Test("Tokens change to others of the same input") func tokens() {
    let tokens = Tokens(time: 2, batch: 2, ids: [7, 3, 3, 5])
    #expect(tokens.changing(to: .other) { t, _ in t == 1 }.ids == [7, 3, 5, 7])
    #expect(tokens.changing(to: .other) { _, _ in true }.ids == [3, 5, 5, 7])
  }
}
