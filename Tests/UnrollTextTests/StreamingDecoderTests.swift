import Testing
import UnrollText

@Suite("StreamingDecoder")
struct StreamingDecoderTests {
  @Test("The bytes of a character are held back until it is finished")
  func heldBack() {
    var decoder = StreamingDecoder(.allBytes)
    let bytes: [Int32] = [0x61, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80]
    #expect(bytes.map { decoder.append($0) } == ["a", "", "", "€", "", "", "", "😀"])
    #expect(decoder.finish() == "")
  }

  @Test("A sequence that ends too early gives one replacement character, and what follows stays")
  func interrupted() {
    var decoder = StreamingDecoder(.allBytes)
    let bytes: [Int32] = [0xE2, 0x82, 0x62, 0xF0, 0xC3, 0xA9]
    #expect(bytes.map { decoder.append($0) } == ["", "", "\u{FFFD}b", "", "\u{FFFD}", "é"])
  }

  @Test("Finishing gives what is held back once")
  func finish() {
    var decoder = StreamingDecoder(.allBytes)
    #expect(decoder.append(0xE2) == "")
    #expect(decoder.finish() == "\u{FFFD}")
    #expect(decoder.finish() == "")
    #expect(decoder.append(0x61) == "a")
  }

  @Test("<unk> ends a sequence")
  func unknown() throws {
    let vocabulary = try Vocabulary("é", unit: .byte, unknown: .token(minimumCount: 1))
    var decoder = StreamingDecoder(vocabulary)
    #expect([2, 0, 2, 1].map { decoder.append($0) } == ["", "\u{FFFD}\u{FFFD}", "", "é"])
  }

  @Test("Characters come one by one")
  func characters() throws {
    let vocabulary = try Vocabulary("aé😀")
    var decoder = StreamingDecoder(vocabulary)
    #expect([2, 0, 1].map { decoder.append($0) } == ["😀", "a", "é"])
  }

  @Test("As bytes, those of a vocabulary of bytes come at once and as they are")
  func bytes() throws {
    var decoder = StreamingDecoder(.allBytes)
    #expect([0xE2, 0x41, 0xFF].map { decoder.appendBytes($0) } == [[0xE2], [0x41], [0xFF]])
    var words = StreamingDecoder(try Vocabulary(words: "né a", maximumSize: 9))
    #expect(
      [1, 2, 0].map { words.appendBytes($0) }
        == [Array("a".utf8), Array(" né".utf8), Array(" \u{FFFD}".utf8)])
  }

  @Test("Any bytes at all give what the standard library makes of them")
  func anyBytes() {
    var generator = SystemRandomNumberGenerator()
    let telling: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xED,
      0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF,
    ]
    for _ in 0..<20_000 {
      let bytes = (0..<6).map { _ in telling.randomElement(using: &generator) ?? 0 }
      let decoded = Vocabulary.allBytes.decode(bytes.map(Int32.init))
      #expect(decoded == String(decoding: bytes, as: UTF8.self), "\(bytes)")
    }
  }
}
