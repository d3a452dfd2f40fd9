import Foundation
import ProgramTesting
import Testing

/// What texts `charlm` reads, by which vocabulary, and what it says of those that it cannot read.
@Suite("charlm and its texts")
struct TextTests {
  private let small = SmallRuns()

  private let bytes = (0..<2000).map {
    [0x00, 0x92, 0xFF, 0x41, 0xC3, 0x28, 0x0A][$0 * $0 % 7] as UInt8
  }

  @Test("With --level byte any bytes are trained on, evaluated, drawn and written as they are")
  func anyBytes() throws {
    let folder = try #require(small.folder)
    let (path, trained) = try small.train(bytes, "b", ["--level", "byte"], steps: 200)
    #expect(trained.status == 0 && trained.errors.isEmpty, "\(trained.errors)")
    #expect(trained.output.hasPrefix("2000 bytes; "))
    let sampled = try Program.run(["sample", path, "--length", "400", "--seed", "1"])
    #expect(sampled.status == 0 && sampled.bytes.count == 401)
    #expect(sampled.bytes.contains(0x92) && sampled.bytes.contains(0xFF))
    #expect(String(validating: sampled.bytes, as: UTF8.self) == nil)
    let prompted = try Program.run(
      ["sample", path, "--prompt", "Aé(", "--length", "5", "--seed", "1"])
    #expect(prompted.bytes.starts(with: Array("Aé(".utf8)) && prompted.bytes.count == 4 + 5 + 1)
    // Also bytes that were never trained on.
    let others = try folder.write("others.bin", (0..<300).map { UInt8($0 % 256) })
    #expect(try small.json(["evaluate", path, others])["bytes"] as? Int == 299)
    let flow = try Program.run(
      ["flow", path, others, "--output", folder.file("f.svg"), "--distance", "9", "--batch", "2"])
    #expect(flow.status == 0 && !flow.output.contains("nan"), "\(flow.errors)")
  }

  @Test("What a model of bytes writes of text is that text")
  func utf8() throws {
    let text = Array(String(repeating: "née ", count: 300).utf8)
    let (path, _) = try small.train(
      text, "u", ["--level", "byte", "--learning-rate", "0.1"], steps: 150)
    let written = try Program.run(
      ["sample", path, "--prompt", "née n", "--length", "30", "--temperature", "0"])
    #expect(written.output.hasPrefix("née née née "), "\(written.output)")
  }

  @Test("Other levels name the line that is not UTF-8, and say what can be done")
  func notUTF8() throws {
    let folder = try #require(small.folder)
    let input = try folder.write("lamp.txt", Array("a\nb\r\nit".utf8) + [0x92] + Array("s".utf8))
    let message = try small.error(["train", input, "--output", folder.file("m")])
    #expect(message.contains("lamp.txt, line 3: not UTF-8 at byte 7; convert the file to UTF-8"))
    #expect(message.hasSuffix(", or give --level byte"))
    let (path, _) = try small.train(
      "abcdefgh".utf8.map { $0 } + Array(repeating: 97, count: 99), "c")
    #expect(try small.error(["evaluate", path, input]).hasSuffix("convert the file to UTF-8"))
  }

  @Test("Words of the validation part are not in the vocabulary", arguments: ["end", "streams"])
  func leak(split: String) throws {
    // 1001 words: 25 chunks of 10 in each of 4 streams, of which the last two are kept.
    let words = (0..<1001).map { i in
      let isHeld = split == "end" ? i >= 900 : i < 1000 && i % 250 > 230
      return isHeld ? "late" : "word\(i % 5)"
    }
    let (path, trained) = try small.train(
      words.joined(separator: " ").utf8, "w",
      ["--level", "word", "--split", split, "--validation", split == "end" ? "0.1" : "0.08"],
      steps: 200)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.output.contains("1001 words, 6 in the vocabulary, "))
    let vocabulary = try #require(
      try small.json(["inspect", path])["vocabulary"] as? [String: Any])
    #expect((vocabulary["words"] as? [String])?.contains("late") == false)
    // A model that has seen no unknown word does not expect any.
    let loss = trained.output.matches(of: /validation loss ([\d.]+)/).last?.1 ?? ""
    #expect(try #require(Double(loss)) > 2.4)
  }

  @Test("Characters of the validation part alone are known, and told of; or they are <unk>")
  func characters() throws {
    let text = Array(String(repeating: "the tide. ", count: 95).utf8) + Array("é~".utf8)
    let (path, trained) = try small.train(text, "c")
    #expect(trained.output.contains("952 characters, 9 different"))
    #expect(trained.output.contains("note: 2 of the characters occur outside the part"))
    #expect(trained.output.contains("\"~\" \"é\"") && trained.output.contains("--minimum-count"))
    #expect(try Program.run(["sample", path, "--prompt", "é", "--length", "3"]).status == 0)
    let (other, counted) = try small.train(text, "d", ["--minimum-count", "1"])
    #expect(counted.output.contains("952 characters, 8 in the vocabulary, 0.2% <unk>"))
    let noted = try Program.run(["sample", other, "--prompt", "té", "--length", "3"])
    #expect(noted.status == 0)
    #expect(
      noted.errors
        == "note: the model does not know \"é\" (line 1, column 2 of the prompt) and reads "
        + "<unk> for it, and for any other such character\n")
  }

  @Test("What is said about characters that a model does not know can be done")
  func advice() throws {
    let folder = try #require(small.folder)
    let text = Array(String(repeating: "in and out goes the tide\n", count: 60).utf8)
    let (path, _) = try small.train(text, "a")
    let input = try folder.write("new.txt", "the tide\nis 5 and out")
    let message = try small.error(["evaluate", path, input])
    #expect(message.contains("new.txt: \"5\" (U+0035) at line 2, column 4 (character 12)"))
    #expect(message.hasSuffix("; remove it, or give --skip-unknown"))
    let skipped = try small.json(["evaluate", path, input, "--skip-unknown"])
    #expect(skipped["skipped"] as? Int == 1 && skipped["characters"] as? Int == 19)
    let shown = try Program.run(["evaluate", path, input, "--skip-unknown"])
    #expect(shown.output.contains("left out             1\n"))
    let flow = ["flow", path, input, "--output", folder.file("f.svg"), "--distance", "9"]
    #expect(try small.error(flow).hasSuffix("or give --skip-unknown"))
    #expect(try Program.run(flow + ["--skip-unknown"]).status == 0)

    let prompt = try small.error(["sample", path, "--prompt", "5", "--length", "3"])
    #expect(prompt.contains("in the prompt, \"5\"") && prompt.contains("--minimum-count 2"))
    let (other, _) = try small.train(text, "o", ["--minimum-count", "2"])
    #expect(try Program.run(["sample", other, "--prompt", "5", "--length", "3"]).status == 0)
    let read = try small.json(["evaluate", other, input])
    #expect(read["unknown"] as? Int == 1 && read["skipped"] == nil)
    #expect(try small.json(["evaluate", other, input, "--skip-unknown"])["skipped"] as? Int == 1)
    #expect(
      try small.error(["evaluate", path, try folder.write("no.txt", "5%5%"), "--skip-unknown"])
        .contains("two characters"))
  }

  @Test("A text that is too long is to be split: there is no limit to raise")
  func tooLong() throws {
    let folder = try #require(small.folder)
    let input = try folder.write("long.txt", "x")
    #expect(truncate(input, 1 << 31) == 0)
    let message = try small.error(["train", input, "--output", folder.file("m")])
    #expect(message.hasSuffix("longer than the limit of 1073741824 bytes; split the file"))
  }
}
