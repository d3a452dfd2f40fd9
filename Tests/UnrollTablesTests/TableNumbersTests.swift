import TestSupport
import Testing
import UnrollTables

@Suite("Numbers in tables")
struct TableNumbersTests {
  /// The numbers of a column, of texts that need no quotes.
  private func numbers(_ texts: [String]) throws -> [Double] {
    let table = TableDescription(numbers: ["x"])
    return try withFile("x\n" + texts.joined(separator: "\n")) { path throws in
      var numbers: [Double] = []
      try TableReader(path, table).forEachRow { numbers.append($0.number(0)) }
      return numbers
    }
  }

  private func expectExact(_ texts: [String]) throws {
    let read = try numbers(texts)
    #expect(read.count == texts.count)
    for (text, number) in zip(texts, read) {
      #expect(number.bitPattern == Double(text)?.bitPattern, "\(text) was read as \(number)")
    }
  }

  @Test("Any double is read as it was written, to the last bit")
  func shortest() throws {
    try expectExact(
      (0..<50_000).compactMap { _ in
        let number = Double(bitPattern: UInt64.random(in: 0...UInt64.max))
        return number.isFinite ? "\(number)" : nil
      })
    try expectExact((0..<50_000).map { _ in "\(Double.random(in: -1e6...1e6))" })
  }

  @Test("Digits and powers of ten of all sizes are rounded as they should be")
  func digits() throws {
    try expectExact(
      (0..<100_000).map { _ in
        let digits = String(UInt64.random(in: 0...UInt64.max) >> UInt64.random(in: 0...63))
        return "\(digits)e\(Int.random(in: -45...25))"
      })
  }

  @Test("Digits that do not fit into 64 bits count too")
  func manyDigits() throws {
    try expectExact(
      (0..<20_000).map { _ in
        let digits = (0..<Int.random(in: 18...24)).map { _ in "\(Int.random(in: 0...9))" }.joined()
        let point = digits.index(digits.startIndex, offsetBy: Int.random(in: 0...18))
        return Bool.random() ? digits : "\(digits[..<point]).\(digits[point...])"
      })
  }

  @Test("Numbers half way between two doubles are those whose last bit is 0")
  func ties() throws {
    // Odd numbers of 54 bits, and of 55 bits and more with a half, have two nearest neighbors.
    try expectExact(
      (0..<20_000).flatMap { _ in
        let odd = UInt64.random(in: 1 << 53...(1 << 54) - 1) | 1
        return [
          "\(odd)", "\(odd)0", "\(odd << 1).0", "\(odd << 9 + 1)", "\(odd).00", "\(odd / 10).5",
        ]
      })
  }
}
