extension TimePattern {
  /// A part of a pattern.
  enum Element: Sendable, Hashable {
    case literal(UInt8)
    case year4
    case year2
    /// Whether it is written with leading zeros.
    case month(padded: Bool)
    case monthName(isShort: Bool)
    case day(padded: Bool)
    case dayOfYear(padded: Bool)
    case hour(padded: Bool)
    case hourOf12(padded: Bool)
    case half
    case minute(padded: Bool)
    case second(padded: Bool)
    /// The digits that are written.
    case fraction(Int)
    case offset

    private init?(_ directive: UInt8, padded: Bool) {
      switch directive {
      case UInt8(ascii: "m"): self = .month(padded: padded)
      case UInt8(ascii: "d"): self = .day(padded: padded)
      case UInt8(ascii: "j"): self = .dayOfYear(padded: padded)
      case UInt8(ascii: "H"): self = .hour(padded: padded)
      case UInt8(ascii: "I"): self = .hourOf12(padded: padded)
      case UInt8(ascii: "M"): self = .minute(padded: padded)
      case UInt8(ascii: "S"): self = .second(padded: padded)
      default: return nil
      }
    }

    private init?(_ directive: UInt8) {
      switch directive {
      case UInt8(ascii: "%"): self = .literal(directive)
      case UInt8(ascii: "Y"): self = .year4
      case UInt8(ascii: "y"): self = .year2
      case UInt8(ascii: "b"): self = .monthName(isShort: true)
      case UInt8(ascii: "B"): self = .monthName(isShort: false)
      case UInt8(ascii: "p"): self = .half
      case UInt8(ascii: "f"): self = .fraction(6)
      case UInt8(ascii: "z"): self = .offset
      default: self.init(directive, padded: true)
      }
    }

    /// The parts of a pattern, one of which is a year.
    static func all(of text: String) throws(TimePatternError) -> [Element] {
      var elements: [Element] = []
      let bytes = Array(text.utf8)
      var i = 0
      while i < bytes.count {
        guard bytes[i] == UInt8(ascii: "%") else {
          elements.append(.literal(bytes[i]))
          i += 1
          continue
        }
        let rest = bytes[(i + 1)...].prefix(2)
        if let first = rest.first, let element = Element(first) {
          elements.append(element)
          i += 2
        } else if let element = Element(modified: rest) {
          elements.append(element)
          i += 3
        } else {
          let directive = String(decoding: bytes[i...].prefix(3), as: UTF8.self)
          throw .unknownDirective(directive, pattern: text)
        }
      }
      guard elements.contains(.year4) || elements.contains(.year2) else {
        throw .noYear(pattern: text)
      }
      return elements
    }

    /// A directive with a `-` or a digit before its letter.
    private init?(modified bytes: ArraySlice<UInt8>) {
      guard bytes.count == 2, let first = bytes.first, let last = bytes.last else { return nil }
      switch first {
      case UInt8(ascii: "-"): self.init(last, padded: false)
      case UInt8(ascii: "1")...UInt8(ascii: "6") where last == UInt8(ascii: "f"):
        self = .fraction(Int(first - UInt8(ascii: "0")))
      default: return nil
      }
    }
  }

  static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
}
