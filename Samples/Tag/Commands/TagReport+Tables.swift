import ProgramSupport
import Unroll
import UnrollModels

extension TagReport {
  /// How well a tagger tags sentences that have tags.
  init(of tagger: SequenceTagger, over sentences: [TaggedSentence], threads: Int) {
    self.init(sentences, tagger.tags(of: sentences, threads: threads))
  }

  init(_ sentences: [TaggedSentence], _ predicted: [[String]]) {
    self.init()
    for (sentence, predicted) in zip(sentences, predicted) {
      add(expected: sentence.tags ?? [], predicted: predicted)
    }
  }

  /// Whether the tags are those of spans.
  var hasSpans: Bool { TagScheme(of: tags.keys.map { $0 }) != nil }

  /// The types of the spans, or the tags where they are of none, by name.
  var labels: [(name: String, count: Count)] {
    (hasSpans ? spans : tags).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  func printTable() {
    func percent(_ part: Double) -> String { TerminalFormat.fixed(100 * part, 2) }
    func line(_ name: String, _ cells: [String]) {
      print(
        name.padding(to: 14)
          + cells.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined())
    }
    print("\(sequences) sentences, \(tokens) words, accuracy \(percent(accuracy))%")
    line(hasSpans ? "spans of type" : "tag", ["precision", "recall", "F1", "number"])
    func row(_ name: String, _ count: Count) {
      line(
        name,
        [percent(count.precision), percent(count.recall), percent(count.f1), "\(count.expected)"])
    }
    for (name, count) in labels { row(name, count) }
    if hasSpans { row("all", allSpans) }
  }
}

extension String {
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
