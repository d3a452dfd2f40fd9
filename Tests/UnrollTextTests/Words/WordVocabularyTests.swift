import Foundation
import Testing
import UnrollText

@Suite("Vocabulary of words")
struct WordVocabularyTests {
  private let text = "the cat and the dog and the fox.\nA cat."

  @Test("The most frequent words come first, equally frequent ones by their UTF-8")
  func order() throws {
    let vocabulary = try Vocabulary(words: text, maximumSize: 100)
    #expect(vocabulary.unit == .word && vocabulary.hasUnknown && vocabulary.values.isEmpty)
    #expect(vocabulary.words == ["the", ".", "and", "cat", "\n", "A", "dog", "fox"])
    #expect(vocabulary.count == 9)
    #expect(try vocabulary.encode("A cat saw the fox") == [6, 4, 0, 1, 8])
    #expect(vocabulary.decode([6, 4, 0, 1, 8]) == "A cat \u{FFFD} the fox")
    let other = try Vocabulary(
      words: "A cat. cat\ndog and the the fox and. the", maximumSize: 9)
    #expect(other == vocabulary)
  }

  @Test("The size is capped, <unk> counted, and rare words are left out")
  func sizes() throws {
    #expect(try Vocabulary(words: text, maximumSize: 3).words == ["the", "."])
    #expect(try Vocabulary(words: text, maximumSize: 2).count == 2)
    #expect(
      try Vocabulary(words: text, maximumSize: 100, minimumCount: 2).words
        == ["the", ".", "and", "cat"])
    #expect(try Vocabulary(words: "word", maximumSize: 5).words == ["word"])
    #expect(
      try Vocabulary(text, unit: .word, unknown: .token(minimumCount: 3))
        == Vocabulary(words: text, maximumSize: 2))
    for empty in ["", " \t "] {
      #expect(throws: VocabularyError.noEntries) {
        try Vocabulary(words: empty, maximumSize: 10)
      }
    }
    #expect(throws: VocabularyError.noEntries) {
      try Vocabulary(words: "each once", maximumSize: 10, minimumCount: 2)
    }
  }

  @Test("A size without room for a word stops the program")
  func tooSmall() async {
    await #expect(processExitsWith: .failure) { _ = try Vocabulary(words: "a", maximumSize: 1) }
  }

  @Test("Without <unk> an unknown word is named with its place")
  func unknownWord() throws {
    let vocabulary = try Vocabulary("to be or not\n", unit: .word)
    #expect(!vocabulary.hasUnknown && vocabulary.count == 5)
    let error = VocabularyError.unknownWord("bée", offset: 5, line: 2, column: 7)
    #expect(throws: error) { try vocabulary.encode("to be\nor to bée") }
    #expect(
      error.description
        == "\"bée\" at line 2, column 7 (word 5) is not in the vocabulary; "
        + "remove it, or use a vocabulary that has it or <unk>")
    #expect(throws: VocabularyError.unknownWord("x", offset: 0, line: 1, column: 1)) {
      try vocabulary.encode("x")
    }
    #expect(throws: VocabularyError.unknownWord("x", offset: 1, line: 1, column: 5)) {
      try vocabulary.encode("to  x")
    }
  }

  @Test("With <unk> unknown words are read as such, and can be asked for")
  func firstUnknown() throws {
    let vocabulary = try Vocabulary(words: "to be or not", maximumSize: 9)
    #expect(try vocabulary.encode("to bee") == [4, 0])
    #expect(vocabulary.firstUnknown(in: "to be") == nil)
    #expect(
      vocabulary.firstUnknown(in: "to\nbee bees")
        == .unknownWord("\n", offset: 1, line: 1, column: 3))
    #expect(
      vocabulary.firstUnknown(in: "to bee")
        == .unknownWord("bee", offset: 1, line: 1, column: 4))
  }

  @Test("What <unk> is decoded to is read as <unk>")
  func unknownText() throws {
    let vocabulary = try Vocabulary(words: "a \u{FFFD} \u{FFFD} b", maximumSize: 9)
    #expect(vocabulary.words == ["a", "b"])
    #expect(try vocabulary.encode(vocabulary.decode([1, 0, 2])) == [1, 0, 2])
  }

  @Test("Words are told apart by their scalars")
  func canonical() throws {
    let vocabulary = try Vocabulary("é e\u{301}", unit: .word)
    #expect(vocabulary.count == 2)
    #expect(try vocabulary.encode("é e\u{301} é") == [1, 0, 1])
    #expect(
      Array(vocabulary.decode([0, 1]).unicodeScalars)
        == Array("e\u{301} é".unicodeScalars))
  }

  @Test("Many words are found again")
  func many() throws {
    let words = (0..<30_000).map { "w\($0)" }
    let vocabulary = try Vocabulary(words.joined(separator: " "), unit: .word)
    #expect(vocabulary.count == 30_000)
    let ids = try vocabulary.encode(words.joined(separator: "\t"))
    #expect(Set(ids).count == 30_000)
    #expect(vocabulary.decode(ids) == words.joined(separator: " "))
  }

  @Test("A vocabulary that was saved and loaded is the same")
  func codable() throws {
    for vocabulary in [
      try Vocabulary(words: text + " é \"q\" \u{1F469}\u{200D}\u{1F467}", maximumSize: 50),
      try Vocabulary(text, unit: .word),
    ] {
      let data = try JSONEncoder().encode(vocabulary)
      let loaded = try JSONDecoder().decode(Vocabulary.self, from: data)
      #expect(loaded == vocabulary)
      #expect(try loaded.encode(text) == vocabulary.encode(text))
    }
  }

  @Test("Files of before have characters and bytes, and still do")
  func oldFiles() throws {
    let json = #"{"hasUnknown":false,"unit":"character","values":[10,97]}"#
    let vocabulary = try JSONDecoder().decode(Vocabulary.self, from: Data(json.utf8))
    #expect(vocabulary.count == 2 && vocabulary.words.isEmpty)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(String(decoding: try encoder.encode(vocabulary), as: UTF8.self) == json)
  }

  @Test(
    "What is no list of words is no vocabulary",
    arguments: [
      (#"[]"#, "it has no words"), (#"["a","b","a"]"#, "the word \"a\" is there twice"),
      (#"["a b"]"#, "\"a b\" is not one word"), (#"[""]"#, "\"\" is not one word"),
      (#"[" a"]"#, "\" a\" is not one word"), (#"["\r"]"#, "\"\\r\" is not one word"),
    ])
  func hostileCoding(words: String, reason: String) {
    let json = #"{"unit":"word","hasUnknown":true,"words":\#(words)}"#
    #expect(throws: VocabularyError.invalid(reason: reason)) {
      try JSONDecoder().decode(Vocabulary.self, from: Data(json.utf8))
    }
  }

  @Test("Without its words it is no vocabulary either")
  func noWords() {
    let json = #"{"unit":"word","hasUnknown":true,"values":[97]}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Vocabulary.self, from: Data(json.utf8))
    }
  }

  @Test("Written as they come, words have the spaces of the whole")
  func streaming() throws {
    let text = "\"Go,\" (she) said.\nNo"
    let vocabulary = try Vocabulary(text, unit: .word)
    var decoder = StreamingDecoder(vocabulary)
    let pieces = try vocabulary.encode(text).map { decoder.append($0) }
    #expect(
      pieces == ["\"", "Go", ",", "\"", " (", "she", ")", " said", ".", "\n", "No"])
    #expect(decoder.finish() == "")
  }

  @Test("Decoding an id that is not one of the vocabulary's traps", arguments: [Int32(-1), 3])
  func foreignID(id: Int32) async {
    await #expect(processExitsWith: .failure) { [id] in
      _ = try Vocabulary(words: "a b", maximumSize: 9).decode([id])
    }
  }
}
