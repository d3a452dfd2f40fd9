import Testing
import UnrollCore

@Suite("StratifiedFolds")
struct StratifiedFoldsTests {
  private let labels: [Int32] = (0..<103).map { $0 % 10 == 0 ? 2 : $0 % 3 == 0 ? 1 : 0 }

  @Test(
    "Every example is in one part, and labels are as frequent in each", arguments: [1, 2, 5, 7])
  func folds(count: Int) {
    let folds = StratifiedFolds(labels: labels, count: count, seed: 3)
    #expect(folds.parts.count == count && folds.parts.flatMap(\.self).sorted() == Array(0..<103))
    for part in folds.parts {
      #expect(abs(part.count - 103 / count) <= 1)
      for label in 0..<3 {
        let all = labels.count { $0 == label }
        let own = part.count { labels[$0] == label }
        #expect(abs(Double(own) - Double(all) / Double(count)) < 1.5, "\(label)")
      }
    }
    for part in 0..<count {
      #expect((folds.others(than: part) + folds.parts[part]).sorted() == Array(0..<103))
    }
    #expect(folds == StratifiedFolds(labels: labels, count: count, seed: 3))
    #expect(count == 1 || folds != StratifiedFolds(labels: labels, count: count, seed: 4))
  }

  @Test("A share of each label, rounded; what is together stays together")
  func fraction() {
    let groups = (0..<103).map { $0 / 2 }
    for groups in [nil, groups] {
      let split = StratifiedFolds(labels: labels, groups: groups, fraction: 0.2, seed: 1)
      #expect(split.parts.count == 2 && split.parts.flatMap(\.self).sorted() == Array(0..<103))
      #expect(abs(split.parts[1].count - 21) <= (groups == nil ? 1 : 4))
      guard let groups else { continue }
      let part = Set(split.parts[1].map { groups[$0] })
      #expect(part.isDisjoint(with: split.parts[0].map { groups[$0] }))
    }
    #expect(StratifiedFolds(labels: labels, fraction: 0).parts[1].isEmpty)
    #expect(StratifiedFolds(labels: labels, fraction: 1).parts[0].isEmpty)
    #expect(StratifiedFolds(labels: [], fraction: 0.5).parts == [[], []])
  }

  @Test("It says which label a part lacks")
  func lacking() {
    let folds = StratifiedFolds(labels: [0, 0, 0, 0, 7, 9], count: 3)
    for part in 0..<3 {
      let own = Set(folds.parts[part].map { [0, 0, 0, 0, 7, 9][$0] as Int32 })
      #expect(folds.labelsLacking(in: part) == [0, 7, 9].filter { !own.contains($0) })
    }
    #expect((0..<3).contains { folds.labelsLacking(in: $0).contains(9) })
  }

  @Test("No parts, and shares that are none, stop the program")
  func misuse() async {
    await #expect(processExitsWith: .failure) { _ = StratifiedFolds(labels: [0], count: 0) }
    await #expect(processExitsWith: .failure) { _ = StratifiedFolds(labels: [0], fraction: 1.1) }
    await #expect(processExitsWith: .failure) {
      _ = StratifiedFolds(labels: [0, 1], groups: [3], count: 2)
    }
  }
}
