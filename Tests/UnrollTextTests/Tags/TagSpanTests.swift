import Testing
import UnrollCore
import UnrollText

@Suite("Spans of tags")
struct TagSpanTests {
  /// Tags, and the spans that the script `conlleval` finds in them, by hand.
  private static let cases: [(tags: String, spans: String)] = [
    ("", ""),
    ("O O", ""),
    ("B-A", "A0-1"),
    ("B-A I-A I-A O", "A0-3"),
    ("B-A B-A", "A0-1 A1-2"),
    ("B-A I-B", "A0-1 B1-2"),
    ("B-A I-A I-B I-B", "A0-2 B2-4"),
    ("I-A", "A0-1"),
    ("I-A I-A O I-A", "A0-2 A3-4"),
    ("O I-A I-B B-B", "A1-2 B2-3 B3-4"),
    ("I-A B-A I-A", "A0-1 A1-3"),
    ("B-A O I-A", "A0-1 A2-3"),
    ("B-A I-A B-A I-A", "A0-2 A2-4"),
    ("S-A S-A", "A0-1 A1-2"),
    ("B-A E-A B-A E-A", "A0-2 A2-4"),
    ("B-A I-A E-A O", "A0-3"),
    ("B-A E-A I-A", "A0-2 A2-3"),
    ("S-A I-A E-A", "A0-1 A1-3"),
    ("E-A E-A", "A0-1 A1-2"),
    ("O E-A", "A1-2"),
    ("B-A S-A I-A", "A0-1 A1-2 A2-3"),
    ("B-A E-B", "A0-1 B1-2"),
    ("B-A . I-A", "A0-1 A2-3"),
    ("B-A-X I-A-X", "A-X0-2"),
    ("B I O I", "0-2 3-4"),
    ("B- I-", "0-2"),
  ]

  @Test("Are those that the script of the shared tasks finds", arguments: cases.indices)
  func spans(index: Int) {
    let (tags, expected) = Self.cases[index]
    let spans = TagSpan.spans(of: tags.split(separator: " ").map(String.init))
    let text = spans.map { "\($0.type)\($0.words.lowerBound)-\($0.words.upperBound)" }
    #expect(text.joined(separator: " ") == expected)
  }

  @Test("Written and read again they are the same", arguments: TagScheme.allCases)
  func schemes(scheme: TagScheme) {
    let random = RandomSource(seed: 3)
    for sentence in 0..<200 {
      var (spans, place, drawn) = ([TagSpan](), 0, random.child(sentence))
      while place < 12 {
        let length = 1 + Int(drawn.bits(place) % 4)
        if place + length <= 12, drawn.bits(place + 50) % 3 > 0 {
          spans.append(
            TagSpan(["A", "B"][Int(drawn.bits(place + 99) % 2)], place..<(place + length)))
        }
        place += length
        drawn = drawn.child(1)
      }
      let tags = TagSpan.tags(of: spans, count: 12, in: scheme)
      #expect(TagSpan.spans(of: tags) == spans)
      #expect(tags.allSatisfy(scheme.has))
      for (before, after) in zip([nil] + tags, tags.map(Optional.some) + [nil]) {
        #expect(scheme.allows(after, after: before))
      }
    }
  }

  @Test("The scheme of tags is found, and none where there is none")
  func schemeOfTags() {
    #expect(TagScheme(of: ["O", "B-A", "I-A"]) == .bio)
    #expect(TagScheme(of: ["O", "B-A", "E-A"]) == .bioes)
    #expect(TagScheme(of: ["B-A"]) == .bio)
    for none in [
      [], ["O"], ["NN", "VB"], ["O", "B-A", "X-A"], ["B", "I"], ["B-", "O"], ["O-A", "B-A"],
    ] {
      #expect(TagScheme(of: none) == nil, "\(none)")
    }
  }

  @Test("A report counts tags and spans")
  func report() throws {
    var report = TagReport()
    report.add(
      expected: ["B-A", "I-A", "O", "B-B", "B-A"], predicted: ["B-A", "I-A", "O", "B-A", "I-A"])
    report.add(expected: ["O", "B-B"], predicted: ["B-B", "B-B"])
    report.add(expected: [], predicted: [])
    report.add(expected: ["B-A"], predicted: ["B-B"])
    #expect(report.sequences == 4 && report.tokens == 8)
    #expect(report.accuracy == 4.0 / 8)
    // A0-2 B3-4 A4-5, B1-2 and A0-1 are expected; A0-2 A3-5, B0-1 B1-2 and B0-1 are found.
    let all = report.allSpans
    #expect((all.expected, all.predicted, all.right) == (5, 5, 2))
    #expect((all.precision, all.recall, all.f1) == (0.4, 0.4, 0.4))
    let a = try #require(report.spans["A"])
    #expect((a.expected, a.predicted, a.right) == (3, 2, 1))
    let tag = try #require(report.tags["B-B"])
    #expect((tag.expected, tag.predicted, tag.right) == (2, 3, 1))
    #expect(report.confusion["B-B"] == ["B-A": 1, "B-B": 1])
    #expect(report.confusion["O"] == ["O": 1, "B-B": 1])
    #expect(TagReport().accuracy.isNaN && TagReport().allSpans.f1 == 0)
  }
}
