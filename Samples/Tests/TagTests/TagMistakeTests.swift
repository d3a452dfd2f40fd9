import Foundation
import ProgramTesting
import Testing

@Suite("Mistakes with tag")
struct TagMistakeTests {
  private let files: TagFolder

  init() throws { files = try TagFolder() }

  /// A file, what comes after 'train f --output m', and words of the answer.
  private static let data: [(text: String, more: [String], words: [String])] = [
    ("", [], ["f.txt", "empty"]), ("\n\n", [], ["f.txt", "no tokens"]),
    ("-DOCSTART- O\n\n", [], ["no tokens"]),
    ("a X\nb\n", [], ["f.txt, line 2", "column 2", "1 column"]),
    ("a X\nb Y\n", ["--tag", "3"], ["f.txt, line 1", "column 3", "2 columns"]),
    ("a\tX\nb\t\n", [], ["f.txt, line 2", "nothing in column \"2\""]),
    ("a X\n", ["--with", "4"], ["line 1", "column 4"]),
    ("a X\n", ["--held-out", "0.9"], ["f.txt", "nothing is left", "--held-out 0.9"]),
    ("a X\n", ["--validation", "nowhere.txt"], ["nowhere.txt", "no such file"]),
    ("a X\n", ["--vectors", "nowhere.vec"], ["nowhere.vec", "no such file"]),
    ("a,b\nc,d\n", ["--sequence", "s", "--token", "a", "--tag", "b"], ["\"s\""]),
    ("s,a,b\n1,x\n", ["--sequence", "s", "--token", "a", "--tag", "b"], ["line 2"]),
    ("s,a,b\n1,,x\n", ["--sequence", "s", "--token", "a", "--tag", "b"], ["line 2", "\"a\""]),
    ("s,a,b\n", ["--sequence", "s", "--token", "a", "--tag", "b"], ["f.txt"]),
    ("s,a,b\n1,x,y\n", ["--sequence", "s", "--token", "c", "--tag", "b"], ["\"c\"", "\"a\""]),
  ]

  @Test("In a file are told in one line, and nothing is written", arguments: data.indices)
  func inFiles(index: Int) throws {
    let (text, more, words) = Self.data[index]
    let file = try files.write("f.txt", text)
    let output = files.path("m.safetensors")
    let line = try files.error(["train", file, "--output", output] + more)
    for word in words { #expect(line.contains(word), "\(line)") }
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  /// What comes after 'train t --output m', and words of the answer.
  private static let commands: [(more: [String], words: [String])] = [
    (["--token", "0"], ["'0'", "numbered from 1"]),
    (["--token", "word"], ["'word'", "--sequence"]),
    (["--tag", "1"], ["'1'", "twice"]), (["--with", "2"], ["'2'", "twice"]),
    (["--with", "3,3"], ["'3'", "twice"]), (["--with", "3,"], ["empty"]),
    (["--token", ""], ["empty"]), (["--sequence", "a", "--token", "a"], ["'a'", "twice"]),
    (["--steps", "0"], ["--steps is 0"]), (["--epochs", "0"], ["--epochs"]),
    (["--epochs", "nan"], ["--epochs"]), (["--steps", "2", "--epochs", "2"], ["exclude"]),
    (["--minutes", "0"], ["--minutes", "above 0"]), (["--batch", "0"], ["--batch"]),
    (["--hidden", "0"], ["--hidden"]), (["--layers", "65"], ["--layers", "64"]),
    (["--embedding", "-1"], ["--embedding is -1"]), (["--characters", "0"], ["--characters"]),
    (["--dropout", "1"], ["--dropout", "0..<1"]), (["--word-dropout", "1.5"], ["--word-dropout"]),
    (["--scheme", "iob"], ["iob", "bioes"]), (["--cell", "lstmp"], ["lstmp", "gru"]),
    (["--size", "huge"], ["huge", "medium"]), (["--learning-rate", "0"], ["--learning-rate"]),
    (["--learning-rate", "inf"], ["finite"]), (["--average", "1"], ["--average"]),
    (["--held-out", "1"], ["--held-out"]), (["--held-out", "-0.1"], ["--held-out"]),
    (["--held-out", "0.2", "--validation", "v"], ["exclude"]),
    (["--vectors", "v", "--embedding", "5"], ["--embedding", "--vectors"]),
    (["--minutes", "1", "--resume"], ["--resume"]), (["--allow-changes"], ["--resume"]),
    (["--threads", "0"], ["--threads"]), (["--seed", "-1"], ["--seed"]),
    (["--seed", "1", "--seed", "2"], ["--seed", "twice"]), (["--color"], ["--color"]),
  ]

  @Test("In a command line are told with usage", arguments: commands.indices)
  func inCommands(index: Int) throws {
    let (more, words) = Self.commands[index]
    let file = try files.write("t.txt", TagFolder.text(20))
    let output = files.path("m.safetensors")
    let result = try files.tag(["train", file, "--output", output] + more)
    #expect(result.status == 64, "\(more): \(result.status)")
    for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test("With files: another kind of model, none at all, one that cannot be written")
  func models() throws {
    let training = try files.write("train.txt", TagFolder.text(40))
    let model = try files.train(training, "m", [])
    let short = try files.write("short.txt", "a\nb\n")
    let (nowhere, next) = (files.path("none/x"), files.path("next.conll"))
    let bytes = try files.folder.bytes("m.safetensors")
    var broken = bytes
    broken[bytes.count / 2] ^= 1
    let damaged = try files.folder.write("d.safetensors", broken)
    let cut = try files.folder.write("c.safetensors", bytes.prefix(200))
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("tag.layout"))
    for (arguments, says) in [
      (["inspect", training], [training]), (["inspect", damaged], [damaged]),
      (["inspect", cut], [cut]), (["inspect", nowhere], [nowhere, "no such file"]),
      (["evaluate", model, short], ["short.txt, line 1", "column 2"]),
      (["evaluate", model, nowhere], [nowhere]),
      (["evaluate", model, training, "--page", nowhere], [nowhere]),
      (["evaluate", model, training, "--plot", nowhere], [nowhere]),
      (["predict", model, short, "--output", next], ["column 2"]),
      (["predict", model, training, "--output", nowhere], [nowhere]),
      (["predict", damaged, training, "--output", next], [damaged]),
    ] {
      let line = try files.error(arguments)
      for word in says { #expect(line.contains(word), "\(arguments): \(line)") }
    }
    for arguments in [
      ["predict", model, training, "--output", training],
      ["predict", model, training, "--output", model],
      ["evaluate", model, training, "--page", training],
      ["evaluate", model, training, "--page", next, "--plot", next],
    ] {
      let result = try files.tag(arguments)
      #expect(result.status == 64 && result.errors.contains("different files"), "\(arguments)")
    }
    #expect(try files.error(["train", training, "--output", training]).contains("same file"))
    #expect(try files.folder.bytes("m.safetensors") == bytes)
    #expect(try files.folder.bytes("train.txt") == Array(TagFolder.text(40).utf8))
    #expect(!FileManager.default.fileExists(atPath: next))
  }

  @Test("Training that diverges saves nothing")
  func diverges() throws {
    let training = try files.write("train.txt", TagFolder.text(40))
    let output = files.path("m.safetensors")
    var options = TagFolder.small
    options[options.count - 3] = "1e39"
    let line = try files.error(
      ["train", training, "--output", output] + TagFolder.columns + options)
    #expect(line.contains("nothing was saved") || line.contains("was saved as"), "\(line)")
  }
}
