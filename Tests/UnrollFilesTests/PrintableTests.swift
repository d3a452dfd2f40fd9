import Testing
import UnrollFiles

@Suite("Printable text")
struct PrintableTests {
  @Test("What can be seen stays as it is, in any script")
  func plain() {
    for text in [
      "", "a b\\\"{}~", "größe", "日本語 العربية עברית", "e\u{301}", "🦓", "نمی\u{200C}خواهم",
    ] {
      #expect(text.printable == text)
    }
  }

  @Test(
    "What would act on a terminal or on the order of a line is escaped",
    arguments: [
      ("\n", "\\u{A}"), ("\0", "\\u{0}"), ("\u{1B}[31m", "\\u{1B}[31m"), ("\u{7F}", "\\u{7F}"),
      ("\u{85}\u{9B}", "\\u{85}\\u{9B}"), ("a\u{202E}b", "a\\u{202E}b"),
      ("\u{2066}\u{2069}\u{200F}\u{61C}", "\\u{2066}\\u{2069}\\u{200F}\\u{61C}"),
      ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\u{FEFF}\u{AD}", "\\u{FEFF}\\u{AD}"),
      ("\u{E0041}", "\\u{E0041}"),
    ])
  func escaped(text: String, shown: String) {
    #expect(text.printable == shown)
    #expect(oneLine(text).unicodeScalars.allSatisfy { !$0.isUnprintable })
  }

  @Test("Text is cut to a number of characters, of which the last three are dots")
  func cut() {
    #expect("abcdef".printable(limit: 6) == "abcdef")
    #expect("abcdefg".printable(limit: 6) == "abc...")
    #expect("\u{202E}".printable(limit: 8) == "\\u{202E}")
    #expect("\u{202E}".printable(limit: 7) == "\\u{2...")
    let marks = "e" + String(repeating: "\u{301}", count: 100_000)
    #expect(marks.printable(limit: 60).unicodeScalars.count == 60)
  }
}
