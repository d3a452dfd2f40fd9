import TestSupport
import Testing
import UnrollFiles

@Suite("Strict JSON")
struct StrictJSONTests {
  private func parse(_ text: String) throws -> JSONValue { try StrictJSON.parse(Array(text.utf8)) }

  @Test("Every kind of value is read as what it is")
  func kinds() throws {
    #expect(try parse(" null\n") == .null)
    #expect(try parse("[true,false]") == .array([.bool(true), .bool(false)]))
    #expect(try parse("\t{ \"b\" : [ ] , \"a\" : { } }\r\n") == sample)
    #expect(try parse(#""a\/\\\"\b\f\n\r\t""#) == .string("a/\\\"\u{8}\u{C}\n\r\t"))
    #expect(try parse(#""\u0041\u00e9\uD83E\udd93\u0000""#) == .string("A\u{E9}\u{1F993}\0"))
    #expect(try parse("\"\u{1F993}\u{7F}\"") == .string("\u{1F993}\u{7F}"))
    for number in ["0", "-0", "10", "-1.50", "1e5", "1E+05", "2.0e-3", "123456789012345678901"] {
      #expect(try parse(number) == .number(number))
    }
  }

  private let sample = JSONValue.object([
    JSONValue.Member(key: "b", value: .array([])), JSONValue.Member(key: "a", value: .object([])),
  ])

  typealias Refusal = (text: String, problem: StrictJSONError.Problem, byte: Int)

  private static let refusals: [Refusal] = [
    ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("\u{FEFF}{}", .byteOrderMark, 0),
    ("{", .unexpectedEnd, 1), ("[1,", .unexpectedEnd, 3), ("\"abc", .unexpectedEnd, 4),
    ("\"\\", .unexpectedEnd, 2), ("\"\\n", .unexpectedEnd, 3), ("{\"a\"", .unexpectedEnd, 4),
    ("tru", .unexpectedEnd, 3), ("-", .unexpectedEnd, 1), ("1.", .unexpectedEnd, 2),
    ("{} {}", .trailingText, 3), ("1 2", .trailingText, 2), ("null,", .trailingText, 4),
    ("{}\0", .trailingText, 2), ("[1,]", .expected("a value"), 3),
    ("{\"a\":1,}", .expected("a key"), 7), ("{a:1}", .expected("a key"), 1),
    ("{'a':1}", .expected("a key"), 1), ("{\"a\" 1}", .expected("a colon"), 5),
    ("[1 2]", .expected("a comma or the end of the array"), 3),
    ("{\"a\":1]", .expected("a comma or the end of the object"), 6),
    ("nul1", .expected("a value"), 3), ("True", .expected("a value"), 0),
    ("NaN", .expected("a value"), 0), ("-Infinity", .invalidNumber, 1),
    ("// c\n1", .expected("a value"), 0), ("+1", .expected("a value"), 0),
    (".5", .expected("a value"), 0), ("\u{A0}1", .expected("a value"), 0),
    ("01", .invalidNumber, 1), ("-01", .invalidNumber, 2), ("0x10", .invalidNumber, 1),
    ("1.e3", .invalidNumber, 2), ("1e", .unexpectedEnd, 2), ("1.2.3", .invalidNumber, 3),
    ("[1e+]", .invalidNumber, 4), ("1_000", .trailingText, 1),
    (String(repeating: "1", count: 129), .invalidNumber, 0),
    ("\"a\u{1}\"", .controlCharacter, 2), ("\"a\n\"", .controlCharacter, 2),
    ("\"\\x\"", .invalidEscape, 1), ("\"\\u12g4\"", .invalidEscape, 5),
    ("\"\\u+123\"", .invalidEscape, 3), ("\"\\ud800\"", .loneSurrogate, 1),
    ("\"\\udc00\"", .loneSurrogate, 1), ("\"\\ud800\\n\"", .loneSurrogate, 1),
    ("\"\\ud800\\ud800\"", .loneSurrogate, 1), ("\"\\udc00\\ud800\"", .loneSurrogate, 1),
    ("{\"a\":1,\"a\":1}", .duplicateKey("a"), 7),
    ("{\"a\":1,\"\\u0061\":2}", .duplicateKey("a"), 7),
    ("[{\"x\":{\"b\":1,\"b\":2}}]", .duplicateKey("b"), 13),
  ]

  @Test("What is not JSON, or means different things to different readers, is refused")
  func refusesText() {
    for refusal in Self.refusals {
      let error = StrictJSONError(refusal.problem, at: .byte(refusal.byte))
      #expect(throws: error, "\(refusal.text)") { try StrictJSON.validate(refusal.text.utf8) }
      #expect(isOneLine(error.description))
    }
  }

  @Test("A key is found a second time in an object of any size", arguments: [2, 8, 9, 10, 100])
  func duplicatesInLargeObjects(count: Int) {
    let keys = (1..<count).map { "\"key \($0)\":0" }
    for (index, key) in keys.enumerated() {
      let text = "{" + (keys + [key]).joined(separator: ",") + "}"
      #expect(throws: StrictJSONError.self, "\(index)") { try StrictJSON.validate(text.utf8) }
    }
    #expect(throws: Never.self) {
      try StrictJSON.validate(("{" + keys.joined(separator: ",") + "}").utf8)
    }
  }

  @Test(
    "Text that is not UTF-8 is refused",
    arguments: [
      [0xFF], [0xC0, 0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
    ])
  func refusesOtherEncodings(bytes: [UInt8]) {
    #expect(throws: StrictJSONError(.invalidUTF8, at: .byte(0))) {
      try StrictJSON.validate([0x22] + bytes + [0x22])
    }
    #expect(throws: StrictJSONError(.invalidUTF8, at: .byte(0))) {
      try StrictJSON.validate([0x22, 0x5C, 0x6E] + bytes + [0x22])
    }
    #expect(throws: StrictJSONError.self) { try StrictJSON.validate(bytes) }
  }

  @Test("Depth, size and the number of values are bounded")
  func limits() throws {
    let limits = StrictJSON.Limits(bytes: 20, depth: 3, values: 5)
    func validate(_ text: String) throws { try StrictJSON.validate(text.utf8, limits: limits) }
    try validate("[[[1]]]")
    #expect(throws: StrictJSONError(.tooDeep(limit: 3), at: .byte(3))) { try validate("[[[[]]]]") }
    try validate("[1,1,1,1]")
    #expect(throws: StrictJSONError(.tooManyValues(limit: 5), at: .byte(9))) {
      try validate("[1,1,1,1,1]")
    }
    try validate(String(repeating: " ", count: 19) + "1")
    #expect(throws: StrictJSONError(.tooLarge(limit: 20), at: .byte(20))) {
      try validate(String(repeating: " ", count: 20) + "1")
    }
    #expect(throws: StrictJSONError(.tooDeep(limit: 64), at: .byte(64))) {
      try StrictJSON.validate(repeatElement(UInt8(ascii: "["), count: 1_000_000))
    }
  }

  @Test("A text that was cut anywhere is refused")
  func cutTexts() {
    let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",{"b":null}],"c":true}"#.utf8)
    for count in 0..<text.count {
      #expect(throws: StrictJSONError.self) { try StrictJSON.validate(text.prefix(count)) }
    }
    #expect(throws: Never.self) { try StrictJSON.validate(text) }
  }

  @Test("Accessors give what is asked for, and name the path where something else is there")
  func accessors() throws {
    #expect(try JSONValue.number("12").count(at: "n") == 12)
    #expect(try JSONValue.number("\(Int.max)").count(at: "n") == .max)
    for text in ["2.0", "1e2", "-1", "-0", "9223372036854775808", "99999999999999999999999"] {
      #expect(throws: StrictJSONError.self) { try JSONValue.number(text).count(at: "n") }
    }
    let error = StrictJSONError(
      .wrongType(expected: "a string", found: "an array"), at: .path("a.b[2]"))
    #expect(throws: error) { try JSONValue.array([]).text(at: "a.b[2]") }
    #expect(error.description == "a.b[2]: expected a string, found an array")
    #expect(throws: StrictJSONError.self) { try JSONValue.null.members(at: "x") }
    #expect(throws: StrictJSONError.self) { try JSONValue.bool(true).elements(at: "x") }
  }

  @Test("A tree has one text, with sorted keys, from which the same tree is read")
  func serialization() throws {
    let value = JSONValue.object([
      JSONValue.Member(key: "b", value: .array([.null, .bool(true), .integer(-3)])),
      JSONValue.Member(key: "a\u{301}", value: .string("\"\\/\n\r\t\u{1}\u{1F}\u{7F}\u{1F993}")),
      JSONValue.Member(key: "B", value: .object([])),
      JSONValue.Member(key: "", value: .number("1.50")),
    ])
    let text = String(decoding: value.serialized, as: UTF8.self)
    #expect(
      text == #"{"":1.50,"B":{},"a"# + "\u{301}" + #"":"\"\\/\n\r\t\u0001\u001f"#
        + "\u{7F}\u{1F993}" + #"","b":[null,true,-3]}"#)
    #expect(try parse(text).serialized == Array(text.utf8))
  }
}
