import Testing
import UnrollCore
import UnrollText

@Suite("WordTokenizer")
struct WordTokenizerTests {
  @Test(
    "A text is divided into words, punctuation and line ends",
    arguments: [
      ("", []), ("  \t ", []), ("one", ["one"]), ("Two words", ["Two", "words"]),
      ("don't", ["don't"]), ("'tis the dogs' tails", ["'tis", "the", "dogs", "'", "tails"]),
      ("a ' b ''c", ["a", "'", "b", "'", "'c"]), ("she’s", ["she’s"]),
      ("well-known - or--not-", ["well-known", "-", "or", "-", "-", "not", "-"]),
      (
        "3.5 1,000 5. 6,x .7 3.a",
        ["3.5", "1,000", "5", ".", "6", ",", "x", ".", "7", "3", ".", "a"]
      ),
      ("\"Hi!\" (all)", ["\"", "Hi", "!", "\"", "(", "all", ")"]),
      ("a\n\nb\r\nc\rd\n", ["a", "\n", "\n", "b", "\n", "c", "\n", "d", "\n"]),
      ("snake_case and/or", ["snake_case", "and", "/", "or"]), ("日本語 です", ["日本語", "です"]),
      ("e\u{301}t\u{e9}", ["e\u{301}t\u{e9}"]), ("\u{301}a", ["\u{301}", "a"]),
      ("hi👩‍👩‍👧👍🏽!", ["hi", "👩‍👩‍👧", "👍🏽", "!"]), ("❤\u{FE0F}❤", ["❤\u{FE0F}", "❤"]),
      ("a\u{A0}b\u{2028}c", ["a", "b", "c"]), ("\0x", ["\0", "x"]),
      ("co\u{AD}op", ["co\u{AD}op"]), ("U.S.", ["U", ".", "S", "."]),
    ] as [(String, [String])])
  func tokens(text: String, expected: [String]) {
    #expect(
      WordTokenizer.tokens(of: text).map { Array($0.unicodeScalars) }
        == expected.map { Array($0.unicodeScalars) })
  }

  @Test(
    "Text in good order is written back as it was",
    arguments: [
      "Don't! \"Well,\" she said, 'tis (nearly) 3.5 -- or not: and/or?\n\nMIRA:\nYes...",
      "“Quoted,” he’s [all] $5 #tag & more; 50%!", "\"a\" \"b\"\n\"c", "a - b *** c", "x",
      "the dogs' tails", "(\"'Tis.\")",
    ])
  func inOrder(text: String) throws {
    let vocabulary = try Vocabulary(text, unit: .word)
    #expect(vocabulary.decode(try vocabulary.encode(text)) == text)
  }

  @Test("What is written back has the same words, whatever the text")
  func sameWords() throws {
    let pieces = [
      "a", "B", "7", "7", "é", "e\u{301}", "'", "'", "’", "-", "-", ".", ",", "\"", "\"", "(", ")",
      "/", "*", "*", "&", "#", " ", " ", " ", "\n", "\r", "_", "👩", "\u{200D}", "🏽", "\u{301}",
      "\u{AD}", "“", "”", "—", "$", "!", "\u{FFFD}", "\u{2028}", "日",
    ]
    let random = RandomSource(seed: 5)
    for i in 0..<20_000 {
      let random = random.child(i)
      let text = (0..<Int(1 + random.bits(0) % 12))
        .map { pieces[Int(random.bits($0 + 1) % UInt64(pieces.count))] }.joined()
      guard let vocabulary = try? Vocabulary(text, unit: .word) else { continue }
      let ids = try vocabulary.encode(text)
      #expect(
        try vocabulary.encode(vocabulary.decode(ids)) == ids, "\(text.debugDescription)")
    }
  }

  @Test("What a model writes is read as what it wrote, in whatever order it writes")
  func anyOrder() throws {
    let text = """
      a B 7 é 'tis don't well-known 3.5 ' ’ - . , " ( ) / * & # \n _x 👩 👩\u{200D} 👍🏽 \u{301} “ ” — \
      $ ! \u{AD} 日
      """
    let vocabulary = try Vocabulary(words: text, maximumSize: 100)
    let random = RandomSource(seed: 6)
    for i in 0..<20_000 {
      let random = random.child(i)
      let ids = (0..<Int(1 + random.bits(0) % 8)).map {
        Int32(random.bits($0 + 1) % UInt64(vocabulary.count))
      }
      let written = vocabulary.decode(ids)
      #expect(try vocabulary.encode(written) == ids, "\(written.debugDescription)")
    }
  }
}
