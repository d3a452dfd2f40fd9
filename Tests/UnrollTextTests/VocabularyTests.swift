import Foundation
import Testing
import UnrollCore
import UnrollText

@Suite("Vocabulary")
struct VocabularyTests {
  @Test("Ids are in order of the characters' values, whatever the order of the text")
  func order() throws {
    let vocabulary = try Vocabulary("zéa😀\nA")
    #expect(vocabulary.values == [0x0A, 0x41, 0x61, 0x7A, 0xE9, 0x1F600])
    #expect(vocabulary.count == 6)
    #expect(try vocabulary.encode("A\n😀é") == [1, 0, 5, 4])
    #expect(try Vocabulary("A\n😀aéz") == vocabulary)
  }

  @Test("Text that is encoded and decoded is the same, scalar by scalar")
  func roundTrip() throws {
    let text = "e\u{301} é, \r\n👩‍👩‍👧 \u{FEFF}日本\u{10FFFF}\0"
    for unit in [Vocabulary.Unit.character, .byte] {
      let vocabulary = try Vocabulary(text, unit: unit)
      let decoded = vocabulary.decode(try vocabulary.encode(text))
      #expect(Array(decoded.unicodeScalars) == Array(text.unicodeScalars), "\(unit)")
    }
  }

  @Test("A combining character is a character of its own")
  func combining() throws {
    let vocabulary = try Vocabulary("e\u{301}")
    #expect(vocabulary.values == [0x65, 0x301])
    #expect(try vocabulary.encode("e\u{301}e") == [0, 1, 0])
  }

  @Test("Bytes are those of the text's UTF-8")
  func bytes() throws {
    let vocabulary = try Vocabulary("é!", unit: .byte)
    #expect(vocabulary.values == [0x21, 0xA9, 0xC3])
    #expect(try vocabulary.encode("!é") == [0, 2, 1])
  }

  @Test("The vocabulary of all bytes encodes any text by its bytes")
  func allBytes() throws {
    #expect(Vocabulary.allBytes.count == 256)
    #expect(try Vocabulary.allBytes.encode("aé") == [97, 0xC3, 0xA9])
    #expect(Vocabulary.allBytes.decode([0xE2, 0x82, 0xAC, 0xFF]) == "€\u{FFFD}")
  }

  @Test("With <unk> it is id 0 and stands for all that is not in the vocabulary")
  func unknownToken() throws {
    let vocabulary = try Vocabulary("aabbc", unknown: .token(minimumCount: 2))
    #expect(vocabulary.hasUnknown)
    #expect(vocabulary.count == 3)
    #expect(vocabulary.values == [97, 98])
    #expect(try vocabulary.encode("abcx😀") == [1, 2, 0, 0, 0])
    #expect(vocabulary.decode([1, 0, 2]) == "a\u{FFFD}b")
  }

  @Test("With <unk> and a minimum count of one every character of the text is kept")
  func unknownTokenForUnseen() throws {
    let vocabulary = try Vocabulary("ab", unknown: .token(minimumCount: 1))
    #expect(try vocabulary.encode("bac") == [2, 1, 0])
  }

  @Test("An unknown character is named with its position")
  func unknownCharacter() throws {
    let vocabulary = try Vocabulary("abc\n")
    let error = VocabularyError.unknownCharacter("é", offset: 6, line: 3, column: 2)
    #expect(throws: error) { try vocabulary.encode("abc\n\naéb") }
    #expect(
      error.description
        == "\"é\" (U+00E9) at line 3, column 2 (character 6) is not in the vocabulary; "
        + "remove it, or use a vocabulary that has it or <unk>")
    #expect(throws: VocabularyError.unknownCharacter("x", offset: 0, line: 1, column: 1)) {
      try vocabulary.encode("x")
    }
    #expect(throws: VocabularyError.unknownCharacter("x", offset: 4, line: 2, column: 1)) {
      try vocabulary.encode("abc\nx")
    }
  }

  @Test(
    "A character that cannot be seen is named in words",
    arguments: [
      ("\u{200B}", "U+200B (ZERO WIDTH SPACE) at"), ("\r", "\"\\r\" (U+000D) at"),
      ("\u{301}", "U+0301 (COMBINING ACUTE ACCENT) at"), ("\u{E000}", "U+E000 at"),
      ("😀", "\"😀\" (U+1F600) at"),
    ])
  func invisible(character: Unicode.Scalar, name: String) {
    let error = VocabularyError.unknownCharacter(character, offset: 0, line: 1, column: 1)
    #expect(error.description.hasPrefix(name))
  }

  @Test("An unknown byte is named with its character and its position in bytes")
  func unknownByte() throws {
    let vocabulary = try Vocabulary("ab\né", unit: .byte)
    let error = VocabularyError.unknownByte(0xAA, of: "ê", offset: 6, line: 2, column: 4)
    #expect(throws: error) { try vocabulary.encode("ab\néê") }
    #expect(
      error.description.hasPrefix(
        "byte 0xAA of \"ê\" (U+00EA) at line 2, column 4 (byte 6) is not in the vocabulary"))
  }

  @Test("Bytes that are no text are encoded and decoded as they are, by a vocabulary of bytes")
  func anyBytes() throws {
    let bytes: [UInt8] = [0x92, 0xFF, 0x41, 0xC3, 0x28, 0x00, 0x92]
    for vocabulary in [Vocabulary.allBytes, try Vocabulary(bytes, unit: .byte)] {
      let ids = try vocabulary.encode(bytes)
      #expect(vocabulary.decodeBytes(ids) == bytes)
      #expect(try vocabulary.encode(Data(bytes)) == ids)
      #expect(try Array(vocabulary.tokens(of: bytes[...])) == ids)
    }
    #expect(try Vocabulary(bytes, unit: .byte).values == [0x00, 0x28, 0x41, 0x92, 0xC3, 0xFF])
    let letters = try Vocabulary("AB\n", unit: .byte)
    #expect(throws: VocabularyError.unknownByte(0x92, of: nil, offset: 3, line: 2, column: 2)) {
      try letters.encode([0x41, 0x0A, 0x42, 0x92] as [UInt8])
    }
  }

  @Test("Bytes that are no text are an error to characters and words, with the line")
  func notUTF8() throws {
    let bytes: [UInt8] = [0x61, 0x0A, 0x61, 0x92, 0x62]
    for unit in [Vocabulary.Unit.character, .word] {
      let vocabulary = try Vocabulary("a b\n", unit: unit)
      let error = VocabularyError.notUTF8(offset: 3, line: 2)
      #expect(throws: error) { try vocabulary.encode(bytes) }
      #expect(throws: error) { try vocabulary.tokens(of: bytes) }
      #expect(throws: error) { try vocabulary.tokensSkippingUnknown(of: bytes) }
      #expect(throws: error) { try Vocabulary(bytes, unit: unit) }
      #expect(error.description.hasPrefix("the text is not UTF-8 at byte 3, on line 2; "))
    }
  }

  @Test("What is UTF-8 is decided as the standard library decides it")
  func valid() throws {
    let random = RandomSource(seed: 5)
    let telling: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xED,
      0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF,
    ]
    let none = try Vocabulary("x")
    var valid = 0
    for round in 0..<5000 {
      let length = Int(random.bits(round) % 5)
      let drawn = (0..<length).map { i in
        telling[Int(random.child(round).bits(i) % UInt64(telling.count))]
      }
      // In front of eight bytes that are looked at together, behind them, and between.
      for bytes in [drawn, Array("12345678".utf8) + drawn, drawn + Array("123456789".utf8)] {
        let text = String(validating: bytes, as: UTF8.self)
        let skipped = try? none.tokensSkippingUnknown(of: bytes).skipped
        #expect(skipped == text?.unicodeScalars.count, "\(bytes)")
        if text != nil { valid += 1 }
      }
    }
    #expect((1000..<14_000).contains(valid))
  }

  @Test("Characters are read from their bytes, those of one to four")
  func scalars() throws {
    let values: [UInt32] = [
      0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x1_0000, 0x10_FFFF,
    ]
    let text = String(String.UnicodeScalarView(values.compactMap { Unicode.Scalar($0) }))
    let vocabulary = try Vocabulary(Array(text.utf8), unit: .character)
    #expect(vocabulary.values == values)
    #expect(try vocabulary.encode(Array(text.utf8)) == Array(0..<10 as Range<Int32>))
  }

  @Test("What is not known can be left out, and is counted", arguments: [false, true])
  func skipped(hasUnknown: Bool) throws {
    let vocabulary = try Vocabulary(
      "abé", unknown: hasUnknown ? .token(minimumCount: 1) : .error)
    let (tokens, skipped) = try vocabulary.tokensSkippingUnknown(of: Array("xéa€b".utf8))
    #expect(vocabulary.decode(Array(tokens)) == "éab" && skipped == 2)
    #expect(
      vocabulary.firstUnknown(in: "ab\né")
        == .unknownCharacter("\n", offset: 2, line: 1, column: 3))
    #expect(vocabulary.firstUnknown(in: "éba") == nil)
    let bytes = try Vocabulary("ab", unit: .byte)
    #expect(try bytes.tokensSkippingUnknown(of: [0xFF, 0x61]).skipped == 1)
    let words = try Vocabulary(words: "to be", maximumSize: 9)
    #expect(try words.tokensSkippingUnknown(of: Array("to bee, to".utf8)).skipped == 2)
  }

  @Test("A text without a character that occurs often enough has no vocabulary")
  func noEntries() {
    #expect(throws: VocabularyError.noEntries) { try Vocabulary("") }
    #expect(throws: VocabularyError.noEntries) {
      try Vocabulary("ab", unknown: .token(minimumCount: 2))
    }
  }

  @Test("A vocabulary that was saved and loaded is the same")
  func codable() throws {
    for vocabulary in [
      try Vocabulary("héllo 😀"),
      try Vocabulary("aé", unit: .byte, unknown: .token(minimumCount: 1)),
    ] {
      let data = try JSONEncoder().encode(vocabulary)
      let loaded = try JSONDecoder().decode(Vocabulary.self, from: data)
      #expect(loaded == vocabulary)
      #expect(try loaded.encode("é") == vocabulary.encode("é"))
    }
  }

  @Test("Unit, <unk> and characters all tell vocabularies apart")
  func equality() throws {
    let vocabulary = try Vocabulary("ab")
    #expect(vocabulary != (try Vocabulary("abc")))
    #expect(vocabulary != (try Vocabulary("ab", unit: .byte)))
    #expect(vocabulary != (try Vocabulary("ab", unknown: .token(minimumCount: 1))))
  }

  @Test(
    "Values that are none, out of order, repeated or out of range are not a vocabulary",
    arguments: [
      ("character", "[]", "it has no values"), ("character", "[98,97]", "value 97 comes after 98"),
      ("character", "[97,97]", "value 97 comes after 97"),
      ("character", "[97,55296]", "55296 is not a Unicode scalar"),
      ("character", "[1114112]", "1114112 is not a Unicode scalar"),
      ("byte", "[97,256]", "256 is not a byte"),
    ])
  func hostileCoding(unit: String, values: String, reason: String) {
    let json = #"{"unit":"\#(unit)","hasUnknown":false,"values":\#(values)}"#
    let error = VocabularyError.invalid(reason: reason)
    #expect(throws: error) {
      try JSONDecoder().decode(Vocabulary.self, from: Data(json.utf8))
    }
    #expect(error.description == "not a vocabulary: \(reason)")
  }

  @Test("An unknown unit is an error")
  func unknownUnit() {
    let json = #"{"unit":"syllable","hasUnknown":false,"values":[1]}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Vocabulary.self, from: Data(json.utf8))
    }
  }

  @Test("Decoding an id that is not one of the vocabulary's traps", arguments: [Int32(-1), 2])
  func foreignID(id: Int32) async {
    await #expect(processExitsWith: .failure) { [id] in
      _ = try Vocabulary("ab").decode([id])
    }
  }
}
