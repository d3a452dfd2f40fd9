/// The cells that mean a missing value.
struct MissingSpellings {
  private let spellings: [[UInt8]]
  private let hasEmpty: Bool
  /// Whether a spelling may be a number, such as -999.
  let mayBeNumbers: Bool
  /// For each byte whether a spelling begins with it, a bit each: most cells are told by their first byte.
  private var firsts: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  init(_ texts: Set<String>) {
    spellings = texts.map { Array($0.utf8) }.filter { !$0.isEmpty }
    hasEmpty = texts.contains("")
    mayBeNumbers = spellings.contains { spelling in
      spelling.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    for first in spellings.compactMap(\.first) {
      let bit = UInt64(1) << UInt64(first & 63)
      switch first >> 6 {
      case 0: firsts.0 |= bit
      case 1: firsts.1 |= bit
      case 2: firsts.2 |= bit
      default: firsts.3 |= bit
      }
    }
  }

  /// - Parameter cell: Without blanks at its ends.
  @inline(__always)
  func contains(_ cell: UnsafeRawBufferPointer) -> Bool {
    guard cell.count > 0 else { return hasEmpty }
    let first = cell[0]
    let word =
      first < 128 ? (first < 64 ? firsts.0 : firsts.1) : (first < 192 ? firsts.2 : firsts.3)
    return word >> UInt64(first & 63) & 1 == 1 && isSpelled(cell)
  }

  @inline(never)
  private func isSpelled(_ cell: UnsafeRawBufferPointer) -> Bool {
    spellings.contains { $0.elementsEqual(cell) }
  }
}

extension UnsafeRawBufferPointer {
  /// Without spaces and tabs at either end.
  @inline(__always)
  var trimmed: UnsafeRawBufferPointer {
    var (start, end) = (0, count)
    while start < end, self[start] == UInt8(ascii: " ") || self[start] == UInt8(ascii: "\t") {
      start += 1
    }
    while end > start, self[end - 1] == UInt8(ascii: " ") || self[end - 1] == UInt8(ascii: "\t") {
      end -= 1
    }
    return UnsafeRawBufferPointer(rebasing: self[start..<end])
  }
}
