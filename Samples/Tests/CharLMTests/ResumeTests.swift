import Foundation
import ProgramTesting
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

  @Test("A run that has ended is made longer, at another rate, where that is said; and says so")
  func longer() throws {
    let short = try arguments("l.safetensors", steps: 20)
    let long = try arguments("l.safetensors", steps: 44) + ["--resume", "--learning-rate", "0.001"]
    #expect(try Program.run(short).status == 0)
    let refused = try Program.run(long)
    #expect(refused.status == 1 && refused.output.isEmpty)
    #expect(refused.errors.contains("--learning-rate was 0.016, and now it is 0.001"))
    #expect(refused.errors.contains("give --allow-changes to go on all the same"))
    #expect(refused.errors.split(separator: "\n").count == 1)

    let longer = try Program.run(long + ["--allow-changes"])
    #expect(longer.status == 0, "\(longer.errors)")
    #expect(longer.output.contains("going on from step 20"))
    #expect(
      longer.output.contains("changed from here on: --learning-rate, 0.001 in place of 0.016"))
    #expect(longer.output.contains("changed from here on: --steps, 44 in place of 20"))
    #expect(longer.output.contains("step 44/44"))
    #expect(try steps("l.checkpoints").first == 44)
    // What it was told now is what it is held to from here on.
    #expect(try Program.run(long).status == 0)
  }

  @Test(
    "What is trained in another way may change, what is another model or another text may not",
    arguments: [
      (["--schedule", "constant"], true), (["--clip", "1"], true), (["--average", "0.5"], true),
      (["--weight-decay", "0.1"], true), (["--accumulate", "2"], true),
      (["--patience", "9"], true),
      (["--validate-every", "7"], true), (["--hidden", "21"], false), (["--seed", "5"], false),
      (["--batch", "7"], false), (["--sequence", "16"], false), (["--optimizer", "sgd"], false),
      (["--validation", "0.2"], false), (["--split", "streams"], false),
      (["--dropout", "0.3"], false), (["--cell", "gru"], false),
    ])
  func changes(options: [String], mayChange: Bool) throws {
    #expect(try Program.run(arguments("c.safetensors", steps: 8)).status == 0)
    let all = try arguments("c.safetensors", steps: 12) + options + ["--resume"]
    let refused = try Program.run(all)
    #expect(refused.status == 1)
    let changed = try Program.run(all + ["--allow-changes"])
    if mayChange {
      #expect(changed.status == 0 && changed.output.contains("step 12/12"), "\(changed.errors)")
    } else {
      #expect(changed.status == 1 && changed.errors.contains("\(options[0]) was "))
      #expect(!changed.errors.contains("--allow-changes"))
    }
  }

  @Test("A checkpoint of an older version is gone on from")
  func older() throws {
    let folder = try #require(folder)
    // Those of the library, beside these samples.
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Tests/Fixtures/checkpoints_v1")
    try FileManager.default.copyItem(
      at: fixtures.appendingPathComponent("quay.checkpoints"),
      to: URL(fileURLWithPath: folder.file("quay.checkpoints")))
    let arguments = [
      "train", fixtures.appendingPathComponent("quay.txt").path, "--output",
      folder.file("quay.safetensors"), "--hidden", "6", "--layers", "1", "--embedding", "4",
      "--dropout", "0.1", "--batch", "3", "--sequence", "8", "--steps", "20",
      "--validate-every", "5", "--average", "0.9", "--patience", "9", "--checkpoint-every", "10",
      "--weight-decay", "0.01", "--resume",
    ]
    let other = try Program.run(arguments + ["--clip", "4"])
    #expect(other.status == 1 && other.errors.contains("--clip was 5.0, and now it is 4.0"))
    let result = try Program.run(arguments)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("going on from step 10"))
    #expect(result.output.contains("step 20  validation loss 2.960"))
  }

  @Test("A second run of one command line is told of the first")
  func twice() throws {
    let arguments = try arguments("t.safetensors", steps: 1_000_000) + ["--resume"]
    let first = Process()
    first.executableURL = Program.charlm
    first.arguments = arguments
    (first.standardOutput, first.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try first.run()
    defer { first.waitUntilExit() }
    defer { kill(first.processIdentifier, SIGKILL) }
    while first.isRunning, try steps("t.checkpoints").isEmpty {
      Thread.sleep(forTimeInterval: 0.01)
    }
    let second = try Program.run(arguments)
    #expect(second.status == 1 && second.output.isEmpty)
    #expect(
      second.errors.contains("t.checkpoints: another run writes its checkpoints there; wait"))
    #expect(second.errors.split(separator: "\n").count == 1)
    #expect(first.isRunning)
  }

  @Test("What a killed run leaves behind is gone after the next one; what is in use stays")
  func leftovers() throws {
    let folder = try #require(folder)
    let inUse = folder.file(".unroll-used.tmp")
    for name in [".unroll-left.tmp", ".unroll-used.tmp", ".unroll-other.txt"] {
      try folder.write(name, "half a model")
    }
    let descriptor = open(inUse, O_RDONLY)
    defer { close(descriptor) }
    #expect(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    #expect(try Program.run(arguments("k.safetensors", steps: 4)).status == 0)
    #expect(
      try folder.contents.filter { $0.hasPrefix(".") } == [
        ".unroll-other.txt", ".unroll-used.tmp",
      ])
  }

  @Test("All that fails is named: the metrics, or the checkpoint and the model")
  func fullDisk() throws {
    let folder = try #require(folder)
    // No file may grow beyond so many blocks, of 1024 bytes; the shell's own limits are the program's.
    func run(_ blocks: Int, _ more: [String]) throws -> Program.Result {
      let line = ([Program.charlm.path] + (try arguments("f.safetensors")) + more)
        .map { "'\($0)'" }.joined(separator: " ")
      return try Program.run(
        ["-c", "ulimit -f \(blocks); export TMPDIR='\(folder.path)'; exec \(line)"],
        program: "/bin/bash")
    }
    let metrics = try run(
      40, ["--checkpoint-every", "1000000", "--metrics", folder.file("f.jsonl")])
    #expect(metrics.status == 1)
    #expect(metrics.errors.contains("f.jsonl: could not be written: "), "\(metrics.errors)")
    #expect(!metrics.errors.contains("NSCocoa"))
    #expect(metrics.errors.split(separator: "\n").count == 1)

    let both = try run(4, [])
    #expect(both.status == 1)
    #expect(both.errors.contains("step-0000000004.safetensors: could not be written: "))
    #expect(both.errors.contains("f.safetensors: could not be written: "), "\(both.errors)")
    #expect(both.errors.contains("the model is lost"))
    #expect(both.errors.split(separator: "\n").count == 1)
  }
}
