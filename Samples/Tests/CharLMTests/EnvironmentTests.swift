import Foundation
import ProgramTesting
import Testing

@Suite("charlm and its environment")
struct EnvironmentTests {
  private let folder = try? TemporaryFolder()

  private func train(_ environment: [String: String]) throws -> Program.Result {
    let folder = try #require(folder)
    let text = try folder.write("t.txt", String(repeating: "in and out\n", count: 50))
    return try Program.run(
      [
        "train", text, "--output", folder.file("m.safetensors"), "--hidden", "6", "--steps", "3",
        "--batch", "3", "--sequence", "8",
      ], environment: environment)
  }

  @Test(
    "A variable that is wrong is refused in one line, before anything is done",
    arguments: [
      ("UNROLL_ISA", "avx3", "baseline"), ("UNROLL_ISA", "fast", "reference"),
      ("UNROLL_THREADS", "abc", "from 1 to 1024"), ("UNROLL_THREADS", "0", "1024"),
      ("UNROLL_THREADS", "-1", "1024"), ("UNROLL_THREADS", "99999", "1024"),
    ])
  func wrong(name: String, value: String, allowed: String) throws {
    let result = try train([name: value])
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("Error: \(name) is \"\(value)\"; it can be "))
    #expect(result.errors.contains(allowed) && result.errors.count { $0 == "\n" } == 1)
    #expect(try #require(folder).contents == ["t.txt"])
  }

  @Test(
    "A variable that is right, in small letters or capitals, or empty, is taken",
    arguments: [
      ("UNROLL_ISA", "BASELINE"), ("UNROLL_ISA", "baseline"), ("UNROLL_ISA", ""),
      ("UNROLL_THREADS", "3"), ("UNROLL_THREADS", ""),
    ])
  func right(name: String, value: String) throws {
    let result = try train([name: value])
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
  }

  @Test("Capitals choose the instruction set that small letters choose")
  func capitals() throws {
    let folder = try #require(folder)
    var models: [[UInt8]] = []
    for name in ["reference", "REFERENCE", "baseline"] {
      #expect(try train(["UNROLL_ISA": name]).status == 0)
      models.append(try folder.bytes("m.safetensors"))
    }
    #expect(models[0] == models[1] && models[0] != models[2])
  }

  @Test("A program that does not ask warns in one line, once, and uses the default")
  func warning() throws {
    let folder = try #require(folder)
    let environment = ["UNROLL_ISA": "avx3", "UNROLL_THREADS": "many"]
    let result = try Program.run(
      [], program: "write-a-layer", in: folder.path, environment: environment)
    #expect(result.status == 0)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 2, "\(result.errors)")
    for (name, value) in environment {
      let line = lines.first { $0.hasPrefix("warning: \(name) is \"\(value)\"; it can be ") }
      #expect(line?.hasSuffix(" is used") == true)
    }
  }

  #if os(Linux)
    @Test("An argument that is not UTF-8 is refused by its place and its bytes; nothing is written")
    func arguments() throws {
      let folder = try #require(folder)
      let text = try folder.write("t.txt", String(repeating: "in and out\n", count: 50))
      let odd = "$(printf 'caf\\351.x\\\\\\001')"
      for (command, place) in [
        ("train \(text) --output \(odd)", 4), ("train \(odd) --output m", 2),
        ("train \(text) --output=\(odd)", 3), ("inspect \(odd)", 2),
        ("sample m --prompt \(odd)", 4),
        ("\(odd)", 1),
      ] {
        let result = try Program.run(
          ["-c", "'\(Program.charlm.path)' \(command)"], program: "/bin/sh", in: folder.path)
        #expect(result.status == 64 && result.output.isEmpty)
        let option = command.contains("=") ? "--output=" : ""
        #expect(
          result.errors.hasPrefix(
            "Error: argument \(place) is not UTF-8: \"\(option)caf\\xE9.x\\x5C\\x01\"; "),
          "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1)
      }
      #expect(try folder.contents == ["t.txt"])
    }
  #endif
}
