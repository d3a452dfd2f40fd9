import Foundation
import TestSupport
import Testing
import UnrollFiles

@Suite("The digest of a tensor file")
struct TensorFileDigestTests {
  private let bytes: [UInt8]

  init() throws {
    bytes = Array(try sampleWriter().serialized())
  }

  private func replacing(_ old: String, _ new: String) throws -> Data {
    let data = Data(bytes)
    let range = try #require(data.range(of: Data(old.utf8)))
    var changed = data
    changed.replaceSubrange(range, with: Data(new.utf8))
    return changed
  }

  @Test("A file as it was written is verified")
  func verified() throws {
    let file = try TensorFile(data: Data(bytes))
    #expect(file.isVerified)
    #expect(file.metadata == sampleWriter().metadata)
  }

  @Test("The digest is the CRC-64 of the file with zeros in its place")
  func definition() throws {
    let blank = Data("\"unroll.digest\":\"crc64:".utf8)
    var data = Data(bytes)
    let start = try #require(data.range(of: blank)).upperBound
    let digits = String(decoding: data[start..<(start + 16)], as: UTF8.self)
    data.replaceSubrange(start..<(start + 16), with: Data("0000000000000000".utf8))
    var check = CRC64()
    check.update(data)
    #expect(UInt64(digits, radix: 16) == check.value)
  }

  @Test("A file of which any one byte was changed is refused")
  func everyByte() {
    let others = Array("\"\\{}[]:, 0aA".utf8) + [0]
    for position in bytes.indices {
      let old = bytes[position]
      var changes = Set((0..<8).map { old ^ (1 << $0) } + others)
      changes.remove(old)
      for new in changes {
        var changed = bytes
        changed[position] = new
        #expect(problem(of: Data(changed)) != nil, "byte \(position): \(old) became \(new)")
      }
    }
  }

  @Test("A file cut at any length, or with a byte more, is refused")
  func everyLength() throws {
    let folder = try TemporaryFolder()
    for count in bytes.indices {
      #expect(problem(of: Data(bytes[..<count])) != nil, "\(count) bytes")
      try Data(bytes[..<count]).write(to: URL(fileURLWithPath: folder.file("cut")))
      #expect(throws: TensorFileError.self) { try TensorFile(contentsOf: folder.file("cut")) }
    }
    #expect(problem(of: Data(bytes + [0])) != nil)
    #expect(problem(of: Data(bytes + [0x20])) != nil)
  }

  @Test("A file of which any one byte was taken out, doubled or swapped is refused")
  func everyShift() {
    for position in bytes.indices {
      var shorter = bytes
      shorter.remove(at: position)
      #expect(problem(of: Data(shorter)) != nil)
      var longer = bytes
      longer.insert(bytes[position], at: position)
      #expect(problem(of: Data(longer)) != nil)
      let next = (position + 1) % bytes.count
      if bytes[position] != bytes[next] {
        var swapped = bytes
        swapped.swapAt(position, next)
        #expect(problem(of: Data(swapped)) != nil)
      }
    }
  }

  @Test("A digest that went missing is missed, as long as one of its two keys is there")
  func missing() throws {
    #expect(problem(of: try replacing("unroll.digest", "unroll.digesu")) == .digestMissing)
    #expect(problem(of: try replacing("unroll.format", "Unroll.format")) == .digestMissing)
    #expect(problem(of: rawFile(#"{"__metadata__":{"unroll.format":"1"}}"#)) == .digestMissing)
    #expect(
      problem(of: rawFile(#"{"__metadata__":{"unroll.digest":"crc64:0000000000000000"}}"#))
        == .digestMissing)
  }

  @Test("Only what is written here is a digest")
  func malformed() throws {
    #expect(problem(of: try replacing("\"crc64:", "\"crc65:")) == .digestMalformed)
    #expect(problem(of: try replacing("\"crc64:", "\"\\u0063rc64:")) != nil)
    for digest in [
      "", "crc64:", "crc64:0", "crc64:00000000000000000", "\\u0063rc64:0000000000000000",
    ] {
      let header = """
        {"__metadata__":{"unroll.digest":"\(digest)","unroll.format":"1"}}          
        """
      #expect(problem(of: rawFile(header)) == .digestMalformed, "\(digest)")
    }
    let upper = try replacing("unroll.format\":\"1", "unroll.format\":\"2")
    #expect(problem(of: upper) == .digestMismatch)
  }

  @Test("Digits in capitals are not the digits that were written")
  func capitals() throws {
    // Some sample has a letter among its digits, whatever the check gives.
    for number in 0..<20 {
      let data = try TensorFileWriter(metadata: ["n": "\(number)"]).serialized()
      let start = try #require(data.range(of: Data("crc64:".utf8))).upperBound
      let digits = String(decoding: data[start..<(start + 16)], as: UTF8.self)
      guard digits != digits.uppercased() else { continue }
      var changed = data
      changed.replaceSubrange(start..<(start + 16), with: Data(digits.uppercased().utf8))
      #expect(problem(of: changed) == .digestMismatch)
      return
    }
    Issue.record("No digest has a letter")
  }

  @Test("A format to come is refused by its name")
  func laterFormat() throws {
    let data = Array(try replacing("unroll.format\":\"1", "unroll.format\":\"2"))
    let headerCount = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    var header = Array(data[8..<(8 + headerCount)])
    let digits = try #require(TensorFileDigest.digits(in: header))
    var check = TensorFileDigest.checkOfStart(Array(data[..<8]), header, digits: digits)
    check.update(data[(8 + headerCount)...])
    header.replaceSubrange(digits, with: TensorFileDigest.text(of: check.value).utf8)
    let file = Data(data[..<8]) + Data(header) + Data(data[(8 + headerCount)...])
    #expect(problem(of: file) == .unsupportedFormat("2"))
  }

  @Test("The name of the digest within a text is only a text")
  func decoys() throws {
    let decoy = #""unroll.digest":"crc64:ffffffffffffffff","#
    var writer = TensorFileWriter(metadata: ["a": decoy, decoy: "", "z": decoy + "\\"])
    writer.add(decoy, shape: [1], values: [1] as [UInt8])
    let file = try TensorFile(data: try writer.serialized())
    #expect(file.isVerified)
    #expect(file.metadata == writer.metadata)
    #expect(file.entry(decoy) != nil)
  }
}
