import Foundation
import ProgramTesting
import Testing

@Suite("charlm and long texts")
struct LongTextTests {
  private let folder = try? TemporaryFolder()

  @Test("The validation of a long text is bounded unless all is asked for")
  func validation() throws {
    let folder = try #require(folder)
    let text = try folder.write("t.txt", String(repeating: "in and out\n", count: 40_000))
    let options = [
      "--hidden", "4", "--embedding", "4", "--layers", "1", "--steps", "1", "--validation", "0.5",
    ]
    let train = ["train", text, "--output", folder.file("m.safetensors")] + options
    let bounded = try Program.run(train)
    #expect(
      bounded.output.contains(
        "validated on the first 200000 of 219999 characters kept for it (--validation-limit)\n"))
    let all = try Program.run(train + ["--validation-limit", "all"])
    #expect(all.status == 0 && !all.output.contains("validated on"))
    let streams = try Program.run(train + ["--split", "streams", "--validation-limit", "5000"])
    #expect(streams.output.contains("validated on the first 5000 of 220000 characters"))
  }

  #if os(Linux)
    #if DEBUG
      private static let megabytes = 4
    #else
      private static let megabytes = 40
    #endif

    /// Some lines of words, with a number in each that is another one everywhere.
    private func text() throws -> String {
      let lines = ["The tide goes out, the tide comes in", "MIRA: And so do I", "a boat, né, 'tis"]
      var text = Data()
      var number = 1
      while text.count < Self.megabytes << 20 {
        number = number &* 1_103_515_245 &+ 12345
        let line = "\(lines[abs(number >> 16) % 3]) \(abs(number >> 20) % 100_000).\n"
        // In debug builds this is faster than one line after another.
        text += Data(String(repeating: line, count: 50).utf8)
      }
      return try #require(folder).write("long.txt", text)
    }

    @Test(
      "A text takes three times its size of memory at most, whatever is read from it",
      arguments: ["character", "word", "byte"])
    func memory(level: String) throws {
      let folder = try #require(folder)
      let (text, model) = (try text(), folder.file("m.safetensors"))
      let options = ["--hidden", "4", "--embedding", "4", "--layers", "1", "--steps", "2"]
      let trained = try Program.peakMemory(
        ["train", text, "--output", model, "--level", level, "--validation-limit", "1000"]
          + options)
      #expect(trained.status == 0)
      let limit = (3 * Self.megabytes + 40) << 20
      #expect(trained.bytes < limit, "\(trained.bytes >> 20) MiB")
      // It was looked at in time: the text was there.
      #expect(trained.bytes > Self.megabytes << 20)
      let drawn = try Program.peakMemory(
        ["flow", model, text, "--output", folder.file("f.svg"), "--distance", "3", "--batch", "2"])
      #expect(drawn.status == 0)
      #expect(drawn.bytes < limit, "\(drawn.bytes >> 20) MiB")
    }
  #endif
}
