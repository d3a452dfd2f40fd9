import Foundation
import ProgramTesting
import Testing

/// What training shows while it goes on, on terminals of several widths.
@Suite("Progress")
struct ProgressTests {
  private let folder = try? TemporaryFolder()

  private func arguments() throws -> [String] {
    let folder = try #require(folder)
    let text = String(repeating: "The tide goes out, the tide comes in again.\n", count: 80)
    return [
      "train", try folder.write("text.txt", text), "--output", folder.file("m.safetensors"),
      "--hidden", "24", "--embedding", "8", "--batch", "8", "--sequence", "20", "--steps", "400",
      "--validation", "0",
    ]
  }

  /// The lines of progress, as they stood on the terminal one after another.
  private func lines(_ output: String) -> [String] {
    output.replacing(/\u{1B}\[[0-9;]*[A-Za-z]/, with: "").replacing("\r\n", with: "\n")
      .split { $0 == "\r" || $0 == "\n" || $0 == "\r\n" }
      .map { String($0) }.filter { $0.hasPrefix("step ") }
  }

  @Test(
    "fits into a window, in whole fields, and stays with the curve of the loss",
    arguments: [(100, 3...5, true), (80, 3...5, true), (59, 3...3, true), (34, 2...2, false)])
  func fits(columns: Int, fields: ClosedRange<Int>, hasCurve: Bool) throws {
    let output = try PseudoTerminal(columns: columns).run(Program.charlm, arguments())
    let lines = lines(output)
    #expect(lines.count > 2)
    for line in lines { #expect(line.count < columns, "\(line)") }
    let last = try #require(lines.last).components(separatedBy: "  ")
    let texts = last.filter { !$0.contains(/[▁▂▃▄▅▆▇█]/) }
    #expect(fields ~= texts.count && texts[0] == "step 400/400", "\(last)")
    #expect(texts[1].wholeMatch(of: /loss \d\.\d{3}/) != nil)
    #expect(hasCurve == (texts.count < last.count), "\(last)")
    // It was not taken away before the program wrote on.
    let end = try #require(output.range(of: "step 400/400", options: .backwards))
    #expect(output[end.upperBound...].firstRange(of: "\r\nwrote ") != nil)
    #expect(!hasCurve || output.contains("\u{1B}[2m"))
  }

  @Test("survives windows of no width to speak of", arguments: [1, 2, 7])
  func narrow(columns: Int) throws {
    let output = try PseudoTerminal(columns: columns).run(Program.charlm, arguments())
    #expect(output.contains("wrote "))
  }

  @Test("follows a window that is made smaller")
  func resized() throws {
    let terminal = try PseudoTerminal(columns: 120)
    let output = try terminal.run(Program.charlm, arguments()) {
      if $0.contains("smoothed") { terminal.resize(columns: 40) }
    }
    let lines = lines(output)
    #expect(lines.contains { $0.count > 40 })
    #expect(lines.last.map { $0.count < 40 } == true)
    // The wide line has become several: they are taken away too.
    #expect(output.contains(/\u{1B}\[[1-9]A/))
  }

  @Test(
    "is without colors where they are not welcome, and without lines where nothing is rewritten")
  func plain() throws {
    let terminal = try PseudoTerminal(columns: 100)
    let colorless = try terminal.run(
      Program.charlm, arguments(), environment: ["NO_COLOR": "1"])
    #expect(colorless.contains("█") && !colorless.contains("\u{1B}[2m"))
    let dumb = try PseudoTerminal(columns: 100).run(
      Program.charlm, arguments(), environment: ["TERM": "dumb"])
    #expect(!dumb.contains("\u{1B}") && lines(dumb).count > 10)
    let piped = try Program.run(arguments()).output
    #expect(!piped.contains("\u{1B}") && !piped.contains("\r") && lines(piped).count > 10)
  }
}
