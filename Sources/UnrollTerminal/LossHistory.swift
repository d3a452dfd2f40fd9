/// The losses of a run, however long: at most so many numbers, each the mean of as many steps.
package struct LossHistory {
  package init() {}

  private static let capacity = 512

  private var means: [Double] = []
  /// Steps in each mean.
  private var stepsEach = 1
  private var pending = (sum: 0.0, count: 0)

  package mutating func add(_ loss: Double) {
    pending = (pending.sum + loss, pending.count + 1)
    guard pending.count == stepsEach else { return }
    means.append(pending.sum / Double(stepsEach))
    pending = (0, 0)
    guard means.count == Self.capacity else { return }
    means = stride(from: 0, to: Self.capacity, by: 2).map { (means[$0] + means[$0 + 1]) / 2 }
    stepsEach *= 2
  }

  /// The losses as a row of bars, the first step to the left, the highest loss the highest bar.
  package func sparkline(width: Int) -> String {
    guard let least = means.min(), let greatest = means.max(), width > 0 else { return "" }
    let bars = Array("▁▂▃▄▅▆▇█")
    let columns = min(width, means.count)
    return String(
      (0..<columns).map { column in
        let part = means[(column * means.count / columns)..<((column + 1) * means.count / columns)]
        let mean = part.reduce(0, +) / Double(part.count)
        let share = greatest > least ? (mean - least) / (greatest - least) : 0
        return bars[min(bars.count - 1, Int(share * Double(bars.count)))]
      })
  }
}
