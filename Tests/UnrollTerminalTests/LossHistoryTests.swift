import Testing
import UnrollTerminal
import UnrollTraining

@Suite("The curve of the loss")
struct LossHistoryTests {
  private func history(_ losses: some Sequence<Double>) -> LossHistory {
    var history = LossHistory()
    for loss in losses { history.add(loss) }
    return history
  }

  @Test("The highest loss is the highest bar, and the first one is to the left")
  func bars() {
    let falling = history((0..<8).map { Double(8 - $0) })
    #expect(falling.sparkline(width: 8) == "█▇▆▅▄▃▂▁")
    #expect(falling.sparkline(width: 40) == "█▇▆▅▄▃▂▁")
    #expect(falling.sparkline(width: 4) == "█▆▃▁")
    #expect(falling.sparkline(width: 0) == "" && history([]).sparkline(width: 5) == "")
    #expect(history([2, 2, 2]).sparkline(width: 9) == "▁▁▁")
  }

  @Test("A long run is still whole", arguments: [511, 512, 1023, 1024, 70_000])
  func long(count: Int) {
    let curve = Array(history((0..<count).map { -Double($0) }).sparkline(width: 20))
    #expect(curve.count == 20 && curve.first == "█" && curve.last == "▁")
    #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 >= $1 })
  }
}
