import Unroll

extension ClassificationReport {
  /// What the most probable labels are worth.
  init(of probabilities: [[Double]], _ ids: [Int32], labels: Int) {
    var confusion = Array(repeating: Array(repeating: 0, count: labels), count: labels)
    for (row, id) in zip(probabilities, ids) {
      confusion[Int(id)][row.indices.max { (row[$0], -$0) < (row[$1], -$1) } ?? 0] += 1
    }
    self.init(confusion: confusion)
  }

  func printTable(_ labels: LabelTable) {
    func percent(_ x: Double) -> String {
      let hundredths = (x * 10_000).rounded() / 100
      return x.isFinite ? "\(hundredths)" : ""
    }
    func line(_ cells: [String]) {
      let first = cells[0].padding(to: 22)
      print(first + cells.dropFirst().map { $0.leftPadded(to: 11) }.joined())
    }
    print(
      "\(count) examples: accuracy \(percent(accuracy))%, balanced \(percent(balancedAccuracy))%, macro F1 "
        + "\(percent(macroF1)), MCC \(percent(matthewsCorrelation))")
    line(["label", "precision", "recall", "F1", "examples"])
    for (i, name) in labels.names.enumerated() where support[i] + predicted[i] > 0 {
      line([name, percent(precision[i]), percent(recall[i]), percent(f1[i]), "\(support[i])"])
    }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    count > width - 1
      ? prefix(width - 2) + "… " : self + String(repeating: " ", count: width - count)
  }

  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
