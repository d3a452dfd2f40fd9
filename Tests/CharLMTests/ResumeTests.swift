import Foundation
import TestSupport
import Testing

/// Runs that are killed and go on. `UNROLL_KILLS` says how often one is killed; there are few kills
/// unless it is set, to keep the tests short.
@Suite("charlm train --resume")
struct ResumeTests {
  private let folder = try? TemporaryFolder()
  private let kills = Int(ProcessInfo.processInfo.environment["UNROLL_KILLS"] ?? "") ?? 8

  private func arguments(_ name: String, steps: Int = 400) throws -> [String] {
    let folder = try #require(folder)
    let text = (0..<60).map { "TOM \($0 * 7919 % 97):\nThe tide goes out, \($0), and comes in.\n" }
    let input = try folder.write("text.txt", text.joined())
    return [
      "train", input, "--output", folder.file(name), "--hidden", "20", "--embedding", "6",
      "--batch", "6", "--sequence", "15", "--steps", "\(steps)", "--dropout", "0.2",
      "--average", "0.9", "--validate-every", "70", "--checkpoint-every", "4",
    ]
  }

  /// The steps of the checkpoints, newest first.
  private func steps(_ name: String) throws -> [Int] {
    let path = try #require(folder).file(name)
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return files.filter { $0.hasPrefix("step-") }
      .compactMap { Int($0.dropFirst(5).prefix { $0.isNumber }) }.sorted(by: >)
  }

  @Test(
    "A run that is killed again and again ends with the same model; nothing that was saved is lost")
  func killed() throws {
    let folder = try #require(folder)
    #expect(try Program.run(arguments("whole.safetensors")).status == 0)
    var (newest, kill, finished) = (0, 0, 0)
    while kill < kills {
      // Half of them at any time, half once there is a newer checkpoint, however slow the machine is.
      let isLater = kill % 2 == 1
      let wasKilled = try Program.kill(
        arguments("killed.safetensors") + ["--resume"],
        after: Double.random(in: 0...1) * (isLater ? 0.03 : 0.25),
        once: { !isLater || (try? self.steps("killed.checkpoints").first ?? 0 > newest) == true })
      if wasKilled {
        kill += 1
      } else {
        // That run is done; another begins.
        #expect(try folder.bytes("killed.safetensors") == folder.bytes("whole.safetensors"))
        try FileManager.default.removeItem(atPath: folder.file("killed.checkpoints"))
        (newest, finished) = (0, finished + 1)
        continue
      }
      let found = try steps("killed.checkpoints")
      #expect(found.first ?? 0 >= newest && (!isLater || newest < found.first ?? 0), "kill \(kill)")
      newest = max(newest, found.first ?? 0)
      for step in found {
        let path =
          folder.file("killed.checkpoints")
          + "/step-" + String(repeating: "0", count: 10 - "\(step)".count) + "\(step).safetensors"
        #expect(try Program.run(["inspect", path]).status == 0, "step \(step) after kill \(kill)")
      }
    }
    let last = try Program.run(arguments("killed.safetensors") + ["--resume"])
    #expect(last.status == 0, "\(last.errors)")
    #expect(try folder.bytes("killed.safetensors") == folder.bytes("whole.safetensors"))
    if kills >= 100 { print("\(kill) kills in \(finished + 1) runs") }
  }

  @Test("A damaged checkpoint is passed over and named; a whole one of the step before is taken")
  func damaged() throws {
    let folder = try #require(folder)
    #expect(try Program.run(arguments("d.safetensors", steps: 20)).status == 0)
    let newest = "d.checkpoints/step-0000000020.safetensors"
    let bytes = try folder.bytes(newest)
    try folder.write(newest, bytes.prefix(bytes.count - 9))
    let resumed = try Program.run(arguments("d.safetensors", steps: 20) + ["--resume"])
    #expect(resumed.status == 0)
    #expect(resumed.output.contains("passed over a checkpoint"))
    #expect(resumed.output.contains("going on from step 16"))
  }

  @Test("Another command line, and one that forgets --resume, are refused in one line")
  func refused() throws {
    #expect(try Program.run(arguments("r.safetensors", steps: 20)).status == 0)
    for (options, word) in [
      (["--resume", "--hidden", "21"], "--hidden"), (["--resume", "--seed", "5"], "--seed"),
      ([], "--resume"),
    ] {
      let result = try Program.run(arguments("r.safetensors", steps: 20) + options)
      #expect(result.status == 1 && result.errors.contains(word))
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("The metrics of a run that went on are those of one that was not interrupted")
  func metrics() throws {
    let folder = try #require(folder)
    let file = folder.file("m.jsonl")
    let options = ["--metrics", file, "--resume"]
    try Program.kill(
      arguments("m.safetensors") + options, after: 0.01,
      once: { (try? self.steps("m.checkpoints").isEmpty) == false })
    #expect(try Program.run(arguments("m.safetensors") + options).status == 0)
    let steps = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Double])["step"]
    }
    #expect(steps == (1...400).map { Double($0) })
  }
}
