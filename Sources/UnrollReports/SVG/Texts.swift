import UnrollFiles

/// A text for a picture: on one line, its control characters replaced, and what has a meaning in XML
/// escaped.
package func escaped(_ text: String) -> String {
  var xml = ""
  for scalar in oneLine(text).unicodeScalars {
    switch scalar {
    case "&": xml += "&amp;"
    case "<": xml += "&lt;"
    case ">": xml += "&gt;"
    case "\"": xml += "&quot;"
    // Noncharacters, which XML does not have.
    case _ where scalar.value & 0xFFFE == 0xFFFE: xml += "\u{FFFD}"
    default: xml.unicodeScalars.append(scalar)
    }
  }
  return xml
}

/// About how wide a text is, rather too wide: which font shows it is not known.
package func width(of text: String, size: Double) -> Double {
  text.unicodeScalars.reduce(0) { sum, scalar in
    let em =
      switch scalar {
      case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "-": 0.36
      case "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁻", "f", "t", "r": 0.46
      case "m", "w", "M", "W", "@", "%": 0.95
      case "A"..."Z", "−", "×", "+", "=": 0.74
      // East Asian scripts and pictures are as wide as high.
      case _ where scalar.value >= 0x2E80: 1.05
      default: 0.63
      }
    return sum + em * size
  }
}

/// As much of a text as fits, with dots where it was cut.
package func cut(_ text: String, to room: Double, size: Double) -> String {
  guard width(of: text, size: size) > room else { return text }
  var kept = ""
  for character in text {
    guard width(of: kept + String(character) + "…", size: size) <= room else { break }
    kept.append(character)
  }
  return kept + "…"
}

/// A text in lines that fit, broken between words; the last one is cut.
package func lines(_ text: String, within room: Double, size: Double, atMost count: Int) -> [String]
{
  var lines: [String] = []
  for word in oneLine(text).split(separator: " ").map(String.init) {
    if let last = lines.last {
      let longer = last + " " + word
      if lines.count == count || width(of: longer, size: size) <= room {
        lines[lines.count - 1] = longer
        continue
      }
    }
    lines.append(word)
  }
  return lines.map { cut($0, to: room, size: size) }
}
