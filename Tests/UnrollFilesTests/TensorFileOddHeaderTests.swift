import Foundation
import TestSupport
import Testing
import UnrollFiles

@Suite("Unusual tensor files that are well-formed")
struct TensorFileOddHeaderTests {
  private func file(_ header: String, _ data: [UInt8] = []) throws -> TensorFile {
    try TensorFile(data: rawFile(header, data: data))
  }

  @Test("A file of nothing is read")
  func nothing() throws {
    #expect(try file("{}").entries.isEmpty)
    #expect(try file("{}").metadata.isEmpty)
    #expect(try file("{\"__metadata__\":{}}").metadata.isEmpty)
    #expect(try !file("{}").isVerified)
  }

  @Test(
    "Spaces within and behind the header are skipped", arguments: [" ", "   ", "\n", "\t \r\n"])
  func spaces(_ spaces: String) throws {
    let header = #"{ "a" : {"dtype" : "U8", "shape": [ 1 ] ,"data_offsets":[0 , 1 ]} }"#
    #expect(try file(header + spaces, [9]).values(of: "a", as: UInt8.self) == [9])
  }

  @Test("Scalars and tensors without elements are read, wherever they are")
  func sizes() throws {
    let header = """
      {"s":{"dtype":"U8","shape":[],"data_offsets":[0,1]},\
      "e":{"dtype":"F64","shape":[0],"data_offsets":[1,1]},\
      "d":{"dtype":"F32","shape":[5,0,7],"data_offsets":[1,1]},\
      "t":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},\
      "z":{"dtype":"F4","shape":[0],"data_offsets":[3,3]},\
      "b":{"dtype":"F4","shape":[0],"data_offsets":[0,0]}}
      """
    let file = try file(header, [1, 2, 3])
    #expect(file.entries.map(\.name) == ["b", "s", "d", "e", "t", "z"])
    #expect(try file.values(of: "s", as: UInt8.self) == [1])
    #expect(file.entry("s")?.shape == [])
    #expect(file.entry("s")?.count == 1)
    #expect(try file.values(of: "e", as: Double.self) == [])
    #expect(file.entry("d")?.shape == [5, 0, 7])
    #expect(file.entry("d")?.count == 0)
    #expect(try file.values(of: "t", as: UInt8.self) == [2, 3])
  }

  @Test("Tensors and fields may come in any order, the metadata last")
  func order() throws {
    let header = """
      {"b":{"data_offsets":[1,2],"shape":[1],"dtype":"I8"},\
      "a":{"shape":[1,1],"data_offsets":[0,1],"dtype":"U8"},"__metadata__":{"format":"pt"}}
      """
    let file = try file(header, [1, 0xFF])
    #expect(file.entries.map(\.name) == ["a", "b"])
    #expect(try file.values(of: "b", as: Int8.self) == [-1])
    #expect(file.metadata == ["format": "pt"])
  }

  @Test(
    "Every type is known, by the number of bits it takes",
    arguments: TensorFile.ElementType.allCases)
  func types(_ type: TensorFile.ElementType) throws {
    let bytes = type.bitWidth
    let header = """
      {"a":{"dtype":"\(type.rawValue)","shape":[4,2],"data_offsets":[0,\(bytes)]}}
      """
    let file = try file(header, Array(0..<UInt8(bytes)))
    #expect(file.entry("a")?.type == type)
    #expect(file.entry("a")?.count == 8)
    #expect(try file.withBytes(of: "a") { Array($0) } == Array(0..<UInt8(bytes)))
  }

  @Test("Names of any script, with escapes, dots and slashes, are names")
  func names() throws {
    let header = """
      {"\\u00fc/1.\\"\\ud83e\\udd93 x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}
      """
    #expect(try file(header, [3]).entries.map(\.name) == ["\u{FC}/1.\"\u{1F993} x"])
  }

  @Test("An unaligned tensor has its values")
  func unaligned() throws {
    let header = """
      {"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},\
      "f":{"dtype":"F64","shape":[2],"data_offsets":[1,17]}}
      """
    let numbers = [1.25, -3e100].flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
    }
    #expect(try file(header, [0] + numbers).values(of: "f", as: Double.self) == [1.25, -3e100])
  }

  @Test("Memory that begins anywhere within other memory is read")
  func slices() throws {
    let whole = Data([1, 2, 3]) + (try sampleWriter().serialized()) + Data([4])
    let file = try TensorFile(data: whole[3..<(whole.count - 1)])
    #expect(file.isVerified)
    #expect(try file.values(of: "0.bytes", as: UInt8.self) == [1, 2, 3, 4, 5])
  }
}
