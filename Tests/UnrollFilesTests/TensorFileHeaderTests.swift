import Foundation
import TestSupport
import Testing
import UnrollFiles

@Suite("Headers of tensor files")
struct TensorFileHeaderTests {
  typealias Problem = TensorFileError.Problem

  struct Case: Sendable, CustomTestStringConvertible {
    var header: String
    var dataCount: Int
    var problem: Problem
    var testDescription: String { String(header.prefix(80)) }

    init(_ header: String, _ problem: Problem, data dataCount: Int = 0) {
      self.header = header
      self.dataCount = dataCount
      self.problem = problem
    }

    /// One tensor `a` of these fields.
    static func fields(_ fields: String, _ problem: Problem, data dataCount: Int = 1) -> Case {
      Case(#"{"a":{\#(fields)}}"#, problem, data: dataCount)
    }

    /// One tensor `a` of this type, shape and place.
    static func tensor(
      _ type: String, _ shape: String, _ offsets: String, _ problem: Problem,
      data dataCount: Int = 1
    ) -> Case {
      fields(
        #""dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)"#, problem,
        data: dataCount)
    }

    /// Tensors of bytes, by their names and places.
    static func layout(
      _ ranges: [(String, Int, Int)], _ problem: Problem, data dataCount: Int
    ) -> Case {
      let tensors = ranges.map {
        #""\#($0)":{"dtype":"U8","shape":[\#($2 - $1)],"data_offsets":[\#($1),\#($2)]}"#
      }
      return Case("{" + tensors.joined(separator: ",") + "}", problem, data: dataCount)
    }
  }

  private static func json(_ problem: StrictJSONError.Problem, _ byte: Int) -> Problem {
    .header(StrictJSONError(problem, at: .byte(byte)))
  }

  private static func type(_ path: String, _ expected: String, _ found: String) -> Problem {
    let problem = StrictJSONError.Problem.wrongType(expected: expected, found: found)
    return .header(StrictJSONError(problem, at: .path(path)))
  }

  private static let integer = "an integer from 0 to \(Int.max)"

  static let malformed: [Case] = [
    Case("", .headerStart), Case(" {}", .headerStart), Case("[]", .headerStart),
    Case("\u{FEFF}{}", .headerStart), Case("\0{}", .headerStart),
    Case("{", json(.unexpectedEnd, 1)), Case("{}}", json(.trailingText, 2)),
    Case("{}\0", json(.trailingText, 2)), Case("{} {}", json(.trailingText, 3)),
    Case(
      #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#, json(.unexpectedEnd, 52)),
    Case("{\"a\":{}", .missingField(tensor: "a", field: "dtype")),
    Case("{\"a\":[]}", type("a", "an object", "an array")),
    Case("{\"a\":null}", type("a", "an object", "null")),
    Case("{\"a\":[\"U8\",[1],[0,1]]}", type("a", "an object", "an array"), data: 1),
    Case("{\"a\":{\"b\":{\"c\":[]}}}", json(.tooDeep(limit: 3), 15)),
    Case(
      "{\"__metadata__\":{},\"\\u005f_metadata__\":{}}", json(.duplicateKey("__metadata__"), 19)),
    Case("{\"__metadata__\":null}", type("__metadata__", "an object", "null")),
    Case("{\"__metadata__\":[]}", type("__metadata__", "an object", "an array")),
    Case("{\"__metadata__\":{\"k\":1}}", type("__metadata__.k", "a string", "1")),
    Case("{\"__metadata__\":{\"k\":null}}", type("__metadata__.k", "a string", "null")),
    Case("{\"__metadata__\":{\"k\":{}}}", type("__metadata__.k", "a string", "an object")),
    Case("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", json(.duplicateKey("k"), 24)),
    Case("{\"__metadata__\":{},\"__metadata__\":{}}", json(.duplicateKey("__metadata__"), 19)),
    Case("{\"__metadata__\":{\"k\":\"\\ud800\"}}", json(.loneSurrogate, 22)),
    .fields(#""shape":[1],"data_offsets":[0,1]"#, .missingField(tensor: "a", field: "dtype")),
    .fields(#""dtype":"U8","data_offsets":[0,1]"#, .missingField(tensor: "a", field: "shape")),
    .fields(#""dtype":"U8","shape":[1]"#, .missingField(tensor: "a", field: "data_offsets")),
    .fields(
      #""dtype":"U8","shape":[1],"data_offsets":[0,1],"x":0"#,
      .unknownField(tensor: "a", field: "x")),
    .fields(#""dtype":"U8","dtype":"U8""#, json(.duplicateKey("dtype"), 19)),
    .fields(#""Dtype":"U8""#, .unknownField(tensor: "a", field: "Dtype")),
    .tensor("u8", "[1]", "[0,1]", .unknownType(tensor: "a", type: "u8")),
    .tensor("F128", "[1]", "[0,1]", .unknownType(tensor: "a", type: "F128")),
    .tensor("", "[1]", "[0,1]", .unknownType(tensor: "a", type: "")),
    .fields(#""dtype":8,"shape":[1],"data_offsets":[0,1]"#, type("a.dtype", "a string", "8")),
    .tensor("U8", "1", "[0,1]", type("a.shape", "an array", "1")),
    .tensor("U8", "[-1]", "[0,1]", type("a.shape[0]", integer, "-1")),
    .tensor("U8", "[1.0]", "[0,1]", type("a.shape[0]", integer, "1.0")),
    .tensor("U8", "[1e0]", "[0,1]", type("a.shape[0]", integer, "1e0")),
    .tensor("U8", "[1,-0]", "[0,0]", type("a.shape[1]", integer, "-0"), data: 0),
    .tensor("U8", "[\"1\"]", "[0,1]", type("a.shape[0]", integer, "\"1\"")),
    .tensor("U8", "[true]", "[0,1]", type("a.shape[0]", integer, "true")),
    .tensor("U8", "[[1]]", "[0,1]", json(.tooDeep(limit: 3), 28)),
    .tensor("U8", "[01]", "[0,1]", json(.invalidNumber, 29)),
    .tensor(
      "U8", "[9223372036854775808]", "[0,1]", type("a.shape[0]", integer, "9223372036854775808")),
    .tensor("U8", "[9223372036854775807]", "[0,1]", .shapeOverflow(tensor: "a")),
    .tensor("F32", "[4294967296,4294967296]", "[0,0]", .shapeOverflow(tensor: "a"), data: 0),
    .tensor("U8", "[0,4294967296,4294967296]", "[0,0]", .shapeOverflow(tensor: "a"), data: 0),
    .tensor("U8", "[1]", "[0]", .badOffsets(tensor: "a")),
    .tensor("U8", "[1]", "[0,1,1]", .badOffsets(tensor: "a")),
    .tensor("U8", "[1]", "[1,0]", .badOffsets(tensor: "a")),
    .tensor("U8", "[1]", "[0,1.0]", type("a.data_offsets[1]", integer, "1.0")),
    .tensor("U8", "[1]", "[-1,0]", type("a.data_offsets[0]", integer, "-1")),
    .tensor("U8", "[1]", "{}", type("a.data_offsets", "an array", "an object")),
    .tensor("U8", "[2]", "[0,1]", .byteCount(tensor: "a", expected: 2, found: 1)),
    .tensor("F32", "[1]", "[0,1]", .byteCount(tensor: "a", expected: 4, found: 1)),
    .tensor("U8", "[]", "[0,0]", .byteCount(tensor: "a", expected: 1, found: 0), data: 0),
    .tensor("U8", "[3,0]", "[0,1]", .byteCount(tensor: "a", expected: 0, found: 1)),
    .tensor("F4", "[3]", "[0,1]", .partialByte(tensor: "a")),
    .tensor("F6_E2M3", "[2]", "[0,1]", .partialByte(tensor: "a")),
    .tensor("U8", "[2]", "[0,2]", .dataByteCount(expected: 2, found: 1)),
    .tensor("U8", "[1]", "[0,1]", .dataByteCount(expected: 1, found: 2), data: 2),
    .tensor(
      "U8", "[1]", "[9223372036854775806,9223372036854775807]",
      .hole(tensor: "a", expected: 0, found: .max - 1)),
    Case("{}", .dataByteCount(expected: 0, found: 1), data: 1),
    .layout([("a", 1, 2)], .hole(tensor: "a", expected: 0, found: 1), data: 2),
    .layout([("b", 3, 5), ("a", 0, 2)], .hole(tensor: "b", expected: 2, found: 3), data: 5),
    .layout([("a", 0, 2), ("b", 1, 3)], .overlap(tensor: "b", expected: 2, found: 1), data: 3),
    .layout([("a", 0, 2), ("b", 0, 2)], .overlap(tensor: "b", expected: 2, found: 0), data: 2),
    .layout([("a", 0, 2), ("b", 0, 2)], .overlap(tensor: "b", expected: 2, found: 0), data: 4),
    .layout([("a", 0, 2), ("b", 1, 1)], .overlap(tensor: "b", expected: 2, found: 1), data: 2),
    .layout([("a", 0, 1), ("b", 2, 2)], .hole(tensor: "b", expected: 1, found: 2), data: 1),
    .layout([("", 0, 1)], .badName(""), data: 1),
    .layout([("a\\n", 0, 1)], .badName("a\n"), data: 1),
    .layout([("\\u0000", 0, 1)], .badName("\0"), data: 1),
    .layout([("a\u{7F}", 0, 1)], .badName("a\u{7F}"), data: 1),
    .layout([("a\u{85}", 0, 1)], .badName("a\u{85}"), data: 1),
    .layout([("a", 0, 1), ("b", 1, 2), ("a", 2, 3)], json(.duplicateKey("a"), 105), data: 3),
    .layout([("\u{E9}", 0, 1), ("e\u{301}", 1, 2)], json(.duplicateKey("e\u{301}"), 54), data: 2),
  ]

  @Test("A malformed header is refused for what is wrong with it", arguments: malformed)
  func refuses(_ example: Case) throws {
    let data = rawFile(example.header, data: [UInt8](repeating: 7, count: example.dataCount))
    #expect(problem(of: data) == example.problem)
    #expect(isOneLine(TensorFileError(example.problem, path: "a\nb").description))
  }

  @Test("What is too short, or announces a header that cannot be there, is refused")
  func lengths() {
    for count in 0..<8 {
      #expect(problem(of: Data(repeating: 0, count: count)) == .tooShort(byteCount: count))
    }
    #expect(problem(of: rawFile([], announced: 0)) == .headerStart)
    #expect(
      problem(of: rawFile([0x7B], announced: 2)) == .headerBeyondEnd(byteCount: 2, available: 1))
    #expect(
      problem(of: rawFile([0x7B], announced: 100_000_000))
        == .headerBeyondEnd(byteCount: 100_000_000, available: 1))
    for count in [100_000_001, UInt64(Int64.max), .max, .max - 7] {
      #expect(
        problem(of: rawFile([0x7B], announced: count))
          == .headerTooLarge(byteCount: count, limit: 100_000_000))
    }
  }

  @Test("A header that is not UTF-8 is refused")
  func encoding() {
    let header = Array("{\"a".utf8) + [0xFF] + Array("\":{}}".utf8)
    #expect(problem(of: rawFile(header)) == Self.json(.invalidUTF8, 1))
  }

  @Test("A shape of a great many axes is refused before it takes the memory")
  func manyAxes() throws {
    func header(_ count: Int) -> String {
      let shape = repeatElement("1", count: count).joined(separator: ",")
      return #"{"a":{"dtype":"U8","shape":[\#(shape)],"data_offsets":[0,1]}}"#
    }
    for count in [65, 1_000_000] {
      #expect(
        problem(of: rawFile(header(count), data: [0])) == .tooManyAxes(tensor: "a", limit: 64))
    }
    #expect(try TensorFile(data: rawFile(header(64), data: [0])).entries[0].shape.count == 64)
    var writer = TensorFileWriter()
    writer.add("a", shape: Array(repeating: 1, count: 65), values: [1] as [Float])
    let error = TensorFileError(
      .tooManyAxes(tensor: "a", limit: 64), path: "tensor file in memory")
    #expect(throws: error) { try writer.serialized() }
  }

  @Test("Metadata of a great many texts is refused before it takes the memory")
  func manyTexts() throws {
    func header(_ count: Int) -> String {
      let texts = (0..<count).map { "\"\($0)\":\"\"" }.joined(separator: ",")
      return #"{"__metadata__":{\#(texts)}}"#
    }
    #expect(problem(of: rawFile(header(10_001))) == .tooMuchMetadata(limit: 10_000))
    #expect(try TensorFile(data: rawFile(header(10_000))).metadata.count == 10_000)
    let writer = TensorFileWriter(
      metadata: Dictionary(uniqueKeysWithValues: (0..<9_999).map { ("\($0)", "") }))
    let error = TensorFileError(.tooMuchMetadata(limit: 10_000), path: "tensor file in memory")
    #expect(throws: error) { try writer.serialized() }
  }

  @Test("Nothing that was never a tensor file crashes the reader")
  func noise() {
    var state: UInt64 = 1
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let pieces = [
      "{", "}", "[", "]", ",", ":", "\"a\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"",
      "\"U8\"", "\"F32\"", "0", "1", "4", "-1", "\"__metadata__\"", " ", "\\", "null", "{\"b\":{",
    ]
    for _ in 0..<20_000 {
      let header = "{" + (0..<next() % 24).map { _ in pieces[Int(next()) % pieces.count] }.joined()
      _ = problem(of: rawFile(header, data: [UInt8](repeating: 1, count: Int(next() % 9))))
    }
  }
}
