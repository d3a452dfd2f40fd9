import Testing
import UnrollText

@Suite("TokenSequence")
struct TokenSequenceTests {
  /// A text of so many different characters, each of them twice.
  private func text(_ count: Int) -> String {
    let scalars = (0..<UInt32(count)).compactMap { Unicode.Scalar(0x4E00 + $0) }
    return String(String.UnicodeScalarView(scalars + scalars.reversed()))
  }

  @Test(
    "Ids are the same in one byte, in two and in four", arguments: [1, 255, 256, 257, 20_000])
  func widths(count: Int) throws {
    let text = text(count)
    let vocabulary = try Vocabulary(text)
    #expect(vocabulary.count == count)
    let tokens = try vocabulary.tokens(of: text)
    let ids = try vocabulary.encode(text)
    #expect(Array(tokens) == ids && tokens == TokenSequence(ids))
    #expect(tokens.count(of: Int32(count - 1)) == 2 && tokens.count(of: -1) == 0)
  }

  @Test("Ids beyond two bytes are kept")
  func wide() throws {
    // All characters of four planes but their surrogates.
    let values = (0x1_0000..<0x2_0010 as Range<UInt32>).compactMap { Unicode.Scalar($0) }
    let text = String(String.UnicodeScalarView(values))
    let tokens = try Vocabulary(text).tokens(of: text)
    #expect(tokens.last == 0x1_000F && tokens[7] == 7)
  }

  @Test("Ids that are given are kept as they are, negative ones too")
  func given() {
    let tokens = TokenSequence([3, -1, 70_000])
    #expect(Array(tokens) == [3, -1, 70_000] && tokens.count(of: -1) == 1)
    #expect(tokens != TokenSequence([3, -1]))
  }
}
