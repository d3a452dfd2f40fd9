import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollTables
import UnrollText

@Suite("LabeledTexts")
struct LabeledTextsTests {
  private let table = "ham\thello\nspam\tWIN\nham\t\nham\tsay \"hi\"\n"

  private func read<Result>(
    _ text: String, labels: LabelTable? = nil, _ body: (LabeledTexts, String) throws -> Result
  ) throws -> Result {
    try withFile(text, extension: "tsv") { path throws in
      let table = try CSVTable(path, header: .none)
      return try body(LabeledTexts(table, text: "2", label: "1", labels: labels), path)
    }
  }

  @Test("A table of two columns is texts and the ids of their labels")
  func read() throws {
    try read(table) { all, _ in
      #expect(all.texts == ["hello", "WIN", "", "say \"hi\""])
      #expect(all.labels.names == ["ham", "spam"])
      #expect(all.ids == [0, 1, 0, 0])
      #expect(all.count == 4)
    }
  }

  @Test("Texts are encoded one by one; what a vocabulary lacks is named with its line")
  func encoded() throws {
    let vocabulary = try Vocabulary("helo WINsay\"")
    try read(table) { all, path in
      let error = #expect(throws: CSVError.self) { try all.encoded(by: vocabulary) }
      #expect(error?.line == 4 && error?.column == "2")
      #expect(
        error?.description.hasPrefix(
          "\(path), line 4, column \"2\": in the cell, \"i\" (U+0069) at line 1, column 7") == true)
      let bytes = try all.encoded(by: .allBytes)
      #expect(bytes[1] == [87, 73, 78] && bytes[2] == [])
    }
  }

  @Test("Labels that are missing or unknown are named with their line")
  func badLabels() throws {
    try withFile("label,text\na,x\n\"\",y\n") { path throws in
      let table = try CSVTable(path)
      let error = #expect(throws: CSVError.self) {
        try LabeledTexts(table, text: "text", label: "label")
      }
      #expect(error == CSVError(path: path, line: 3, column: "label", problem: .missingLabel))
      #expect(throws: CSVError.self) { try LabeledTexts(table, text: "none", label: "label") }
      #expect(throws: CSVError.self) { try LabeledTexts(table, text: "text", label: "none") }
    }
    try withFile("label,text\na,x\n\nc,y\n") { path throws in
      let error = #expect(throws: CSVError.self) {
        try LabeledTexts(
          CSVTable(path), text: "text", label: "label", labels: LabelTable(["b", "a"]))
      }
      #expect(
        error?.description
          == "\(path), line 4, column \"label\": \"c\" is not one of the labels: a, b")
    }
    try withFile("label,text\n") { path throws in
      #expect(throws: CSVError(path: path, problem: .empty)) {
        try LabeledTexts(CSVTable(path), text: "text", label: "label")
      }
    }
  }

  @Test("Labels of a trained model keep their ids")
  func givenLabels() throws {
    try read(table, labels: LabelTable(["spam", "ham", "eggs"])) { all, _ in
      #expect(all.ids == [1, 2, 1, 1])
      #expect(all.labels.count == 3)
      #expect(all.labels.name(of: 0) == "eggs")
    }
  }

  @Test("A part is drawn by its seed, and the rest is what is left, in order")
  func split() throws {
    let lines = (0..<50).map { "l\($0 % 3)\ttext \($0)" }.joined(separator: "\n")
    try read(lines) { all, _ in
      let (rest, part) = all.split(fraction: 0.2)
      #expect(rest.count == 40 && part.count == 10)
      #expect(Set(rest.texts + part.texts) == Set(all.texts))
      for some in [rest, part] {
        let numbers = some.texts.compactMap { Int($0.dropFirst(5)) }
        #expect(numbers == numbers.sorted())
        #expect(numbers.map { Int32($0 % 3) } == some.ids)
        #expect(some.labels == all.labels)
      }
      #expect(all.split(fraction: 0.2).part.texts == part.texts)
      #expect(all.split(fraction: 0.2, seed: 9).part.texts != part.texts)
      #expect(all.split(fraction: 0).part.count == 0)
      #expect(all.split(fraction: 1).rest.count == 0)
      let other = try Vocabulary("x")
      let error = #expect(throws: CSVError.self) { try part.encoded(by: other) }
      #expect(error?.line == Int(part.texts[0].dropFirst(5)).map { $0 + 1 })
    }
  }

  @Test("Labels are told apart and put in order by their bytes")
  func bytes() throws {
    let table = try #require(LabelTable(["e\u{301}", "z", "é", "z"]))
    #expect(table.count == 3)
    #expect(table.id(of: "e\u{301}") == 0 && table.id(of: "z") == 1 && table.id(of: "é") == 2)
    #expect(table.id(of: "e") == nil)
    #expect(LabelTable([]) == nil)
  }

  @Test("A table of labels is kept, and a hostile one refused")
  func codable() throws {
    let table = try #require(LabelTable(["b", "a", "é"]))
    let data = try JSONEncoder().encode(table)
    let loaded = try JSONDecoder().decode(LabelTable.self, from: data)
    #expect(loaded == table && loaded.id(of: "é") == 2)
    for json in [#"{"names":[]}"#, #"{"names":["b","a"]}"#, #"{"names":["a","a"]}"#, "{}"] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(LabelTable.self, from: Data(json.utf8))
      }
    }
  }

  @Test("An id that no label has stops the program", arguments: [Int32(-1), 2])
  func foreignID(id: Int32) async {
    await #expect(processExitsWith: .failure) { [id] in
      _ = LabelTable(["a", "b"])?.name(of: id)
    }
  }
}
