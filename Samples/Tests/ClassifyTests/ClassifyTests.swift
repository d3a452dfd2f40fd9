import Foundation
import ProgramTesting
import Testing

/// Small tables of texts and of sequences, and `classify` run on them.
struct ClassifyFolder {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static func texts(_ count: Int) -> String {
    (0..<count).map { i in
      i % 3 == 0
        ? "spam\twin \(["cash", "prize", "gold"][i / 3 % 3]) now, call 0\(8000 + 17 * i)\n"
        : "ham\tsee you \(["soon", "at home", "later, mum"][i % 4 % 3]) at \(i % 12)\n"
    }.joined()
  }

  static func sequences(_ count: Int, labeled: Bool = true) -> String {
    "id,x,y" + (labeled ? ",label" : "") + "\n"
      + (0..<count).map { i in
        (0..<(6 + i % 5)).map { t in
          let x = i % 2 == 0 ? Double(t * (1 + i % 3)) : 5 - Double(t * (1 + i % 3))
          return "s\(i),\(x),\(Double((i * 7 + t * 3) % 5))"
            + (labeled ? i % 2 == 0 ? ",up" : ",down" : "") + "\n"
        }.joined()
      }.joined()
  }

  func write(_ name: String, _ text: String) throws -> String { try folder.write(name, text) }
  func path(_ name: String) -> String { folder.file(name) }

  static let textColumns = ["--no-header", "--label", "1", "--text", "2"]
  static let numberColumns = ["--sequence", "id", "--feature", "x,y", "--label", "label"]
  static let small = ["--hidden", "8", "--members", "2", "--steps", "120", "--batch", "8"]

  func classify(_ arguments: [String]) throws -> Program.Result {
    try Program.run(arguments, program: "classify")
  }

  func train(_ file: String, _ columns: [String], _ more: [String] = []) throws -> String {
    let path = path("m.safetensors")
    let result = try classify(["train", file, "--output", path] + columns + Self.small + more)
    #expect(result.status == 0, "\(result.errors)")
    return path
  }

  /// The one line of an error.
  func error(_ arguments: [String]) throws -> String {
    let result = try classify(arguments)
    #expect(result.status == 1, "\(result.status), \(arguments)")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(result.errors)")
    return lines.first.map { String($0) } ?? ""
  }
}

@Suite("classify")
struct ClassifyTests {
  private let files: ClassifyFolder

  init() throws { files = try ClassifyFolder() }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("Texts are learned, evaluated, labeled and told of; the same command writes the same bytes")
  func texts() throws {
    let file = try files.write("t.tsv", ClassifyFolder.texts(90))
    let model = try files.train(file, ClassifyFolder.textColumns, ["--test-fraction", "0.2"])
    let bytes = try files.folder.bytes("m.safetensors")
    _ = try files.train(
      file, ClassifyFolder.textColumns, ["--test-fraction", "0.2", "--threads", "3"])
    #expect(try files.folder.bytes("m.safetensors") == bytes)
    let figures = try object(try files.classify(["evaluate", model, file, "--json"]).output)
    #expect(
      Set(figures.keys) == [
        "accuracy", "balanced_accuracy", "macro_f1", "mcc", "f1", "confusion", "labels", "n",
      ])
    #expect(figures["n"] as? Int == 90 && (figures["accuracy"] as? Double ?? 0) > 0.95)
    #expect(figures["labels"] as? [String] == ["ham", "spam"])
    let new = try files.write("new.tsv", "x\twin cash now\nx\tsee you soon\nx\t\n")
    let output = files.path("l.csv")
    #expect(
      try files.classify(["predict", model, new, "--output", output]).status == 0)
    let rows = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    #expect(rows[0] == ["example", "label", "probability", "ham", "spam"] && rows.count == 4)
    #expect(rows[1][1] == "spam" && rows[2][1] == "ham" && rows[1][0] == "1" && rows[2][0] == "2")
    for row in rows.dropFirst() {
      let p = row.dropFirst(2).compactMap { Double($0) }
      #expect(p.count == 3 && abs(p[1] + p[2] - 1) < 1e-6 && p[0] == max(p[1], p[2]))
    }
    let strict = try files.classify([
      "predict", model, new, "--output", "-", "--reject-below", "1",
    ]).output
    for row in strict.split(separator: "\n").dropFirst() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      #expect(fields[1].isEmpty == (fields[2] != "1.0"), "\(row)")
    }
    let told = try files.classify(["inspect", model]).output
    #expect(told.contains("texts by words") && told.contains("ham, spam"))
  }

  @Test("Sequences are learned, and pictures drawn; copies stay on one side")
  func numbers() throws {
    let file = try files.write("t.csv", ClassifyFolder.sequences(60))
    let model = try files.train(
      file, ClassifyFolder.numberColumns,
      [
        "--shapes", "--jitter", "0.1", "--warping", "0.2", "--weights", "balanced", "--loss",
        "focal",
      ])
    let (plot, bars) = (files.path("c.svg"), files.path("f.svg"))
    let result = try files.classify(["evaluate", model, file, "--plot", plot, "--bars", bars])
    #expect(result.output.contains("60 examples: accuracy 100.0%"), "\(result.output)")
    for path in [plot, bars] {
      let svg = try String(contentsOfFile: path, encoding: .utf8)
      #expect(svg.hasPrefix("<svg") && svg.contains("down") && !svg.contains("nan"))
    }
    let other = try files.write("o.csv", ClassifyFolder.sequences(5, labeled: false))
    let labels = try files.classify(["predict", model, other, "--output", "-"]).output
    #expect(labels.split(separator: "\n").count == 6 && labels.contains("s0,up,"))
    // Of 40 examples of which each is there twice, no half is tested on.
    let twice = ClassifyFolder.sequences(20)
    let again = twice.split(separator: "\n").dropFirst().map { "t" + $0 }.joined(separator: "\n")
    let copied = try files.write("c.csv", twice + again + "\n")
    let run = try files.classify(
      ["train", copied, "--output", files.path("d.safetensors"), "--drop-copies"]
        + ClassifyFolder.numberColumns + ClassifyFolder.small)
    #expect(run.output.contains("20 to learn from"), "\(run.output) \(run.errors)")
  }

  @Test("Stopped and resumed it writes the same bytes")
  func resumes() throws {
    let file = try files.write("t.tsv", ClassifyFolder.texts(60))
    let model = try files.train(file, ClassifyFolder.textColumns, ["--checkpoint-every", "50"])
    let bytes = try files.folder.bytes("m.safetensors")
    try FileManager.default.removeItem(atPath: model)
    _ = try files.train(
      file, ClassifyFolder.textColumns, ["--checkpoint-every", "50", "--resume"])
    #expect(try files.folder.bytes("m.safetensors") == bytes)
  }

  /// A table, what comes after 'train f --output m', and words of the answer.
  private static let tables: [(text: String, more: [String], words: [String])] = [
    ("", numbers, ["f.csv", "empty"]), ("id,x,y,label\n", numbers, ["f.csv", "no row"]),
    ("id,x,label\n1,2,a\n", numbers, ["f.csv", "'y'"]),
    ("id,x,y,label\n1,2,b,a\n", numbers, ["f.csv, line 2", "'b'"]),
    ("id,x,y,label\n1,2,,a\n", numbers, ["f.csv, line 2", "'y'"]),
    ("id,x,y,label\n1,2,3,\n", numbers, ["f.csv, line 2", "label"]),
    ("id,x,y,label\n1,2,3,a\n1,2,3,b\n", numbers, ["line 3", "'1'", "line 2", "one label"]),
    ("id,x,y,label\n1,2,3,a\n2,2,3,a\n", numbers, ["f.csv", "two labels"]),
    ("id,x,y,label\n1,2,3,a\n2,2,3,b\n", numbers, ["f.csv", "too few", "--members 1"]),
    ("id,x,y,label\n1,1e39,3,a\n2,2,3,b\n", numbers, ["f.csv", "line 2", "too large"]),
    ("a,b\n1,2\n", ["--label", "a", "--text", "c"], ["f.csv", "'c'"]),
    (
      "a,b\nx,one\ny,two\n", ["--label", "a", "--text", "b", "--members", "1"], ["f.csv", "often"]
    ),
  ]
  private static let numbers = ClassifyFolder.numberColumns

  @Test("What is wrong in a table is told in one line, and nothing is written", arguments: 0..<12)
  func wrongTables(index: Int) throws {
    let (text, more, words) = Self.tables[index]
    let file = try files.write("f.csv", text)
    let output = files.path("m.safetensors")
    let line = try files.error(["train", file, "--output", output] + more)
    for word in words {
      #expect(line.contains(word) || line.contains(word.replacing("'", with: "\"")), "\(line)")
    }
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  /// What comes after 'train t --output m', and words of the answer.
  private static let commands: [(more: [String], words: [String])] = [
    (["--text", "b"], ["--label"]), (["--label", "a"], ["--text", "--sequence"]),
    (["--label", "a", "--text", "b", "--sequence", "c"], ["--text", "--sequence"]),
    (["--label", "a", "--sequence", "c"], ["--feature"]),
    (["--label", "a", "--text", "b", "--feature", "c"], ["--feature"]),
    (["--label", "a", "--text", "a"], ["'a'", "twice"]),
    (["--label", "a", "--sequence", "b", "--feature", "c,c"], ["'c'", "twice"]),
    (["--label", "a", "--sequence", "b", "--feature", "c,"], ["name"]),
    (["--label", "a", "--text", "b", "--delimiter", "ab"], ["--delimiter"]),
    (["--label", "a", "--text", "b", "--shapes"], ["--shapes"]),
    (["--label", "a", "--text", "b", "--jitter", "1"], ["--jitter"]),
  ]
  private static let options: [(more: [String], words: [String])] = [
    (["--hidden", "0"], ["--hidden"]), (["--members", "0"], ["--members"]),
    (["--dropout", "1"], ["--dropout"]), (["--smoothing", "1"], ["--smoothing"]),
    (["--smoothing", "0.1", "--loss", "focal"], ["--smoothing"]), (["--loss", "mse"], ["mse"]),
    (["--weights", "rare"], ["rare"]), (["--level", "byte"], ["byte"]),
    (["--size", "huge"], ["huge"]), (["--steps", "0"], ["--steps"]),
    (["--batch", "0"], ["--batch"]),
    (["--minutes", "0"], ["--minutes"]), (["--learning-rate", "nan"], ["--learning-rate"]),
    (["--test-fraction", "1"], ["--test-fraction"]),
    (["--test-fraction", "0.1", "--test", "u"], ["exclude"]), (["--threads", "0"], ["--threads"]),
    (["--slicing", "1"], ["--slicing"]), (["--minutes", "1", "--resume"], ["--resume"]),
    (["--seed", "1", "--seed", "2"], ["twice"]), (["--color"], ["--color"]),
  ]

  @Test("Mistakes in a command line are told with usage")
  func wrongCommands() throws {
    let file = try files.write("t.csv", ClassifyFolder.sequences(4))
    let output = files.path("m.safetensors")
    let all = Self.commands + Self.options.map { ($0.more + Self.numbers, $0.words) }
    for (more, words) in all {
      let result = try files.classify(["train", file, "--output", output] + more)
      #expect(result.status == 64, "\(more): \(result.status) \(result.errors)")
      for word in words { #expect(result.errors.contains(word), "\(more): \(result.errors)") }
    }
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test("Files of another kind, labels that are not known and outputs that cannot be are told of")
  func wrongFiles() throws {
    let file = try files.write("t.csv", ClassifyFolder.sequences(40))
    let model = try files.train(file, ClassifyFolder.numberColumns)
    let strange = try files.write("s.csv", "id,x,y,label\n1,2,3,sideways\n")
    #expect(try files.error(["evaluate", model, strange]).contains("line 2: the label 'sideways'"))
    #expect(try files.error(["evaluate", file, file]).contains(file))
    #expect(try files.error(["evaluate", model, "none.csv"]).contains("none.csv"))
    #expect(try files.error(["inspect", file]).contains(file))
    let nowhere = files.path("none/x.csv")
    #expect(try files.error(["predict", model, file, "--output", nowhere]).contains("none"))
    for arguments in [
      ["predict", model, file, "--output", file], ["predict", model, file, "--output", model],
      ["evaluate", model, file, "--plot", "a", "--bars", "a"],
      ["predict", model, file, "--output", "-", "--reject-below", "2"],
    ] {
      #expect(try files.classify(arguments).status == 64, "\(arguments)")
    }
  }
}
