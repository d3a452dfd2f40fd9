import Testing

import UnrollReports

@Suite("Numbers and texts of pictures")
struct NumbersTests {
  @Test(
    "Places have few decimals and no exponent, whatever they are",
    arguments: [
      (0, "0"), (-0.0, "0"), (0.04, "0"), (-0.04, "0"), (0.05, "0.1"), (1.25, "1.3"),
      (-3.5, "-3.5"),
      (100, "100"), (99.96, "100"), (1e300, "1000000"), (-.infinity, "-1000000"), (.nan, "0"),
    ] as [(Double, String)])
  func places(value: Double, text: String) {
    #expect(fixed(value) == text)
  }

  @Test(
    "Numbers for reading",
    arguments: [
      (0, "0"), (3, "3"), (-12_345, "−12,345"), (1234, "1234"), (1_234_567, "1,234,567"),
      (0.51234, "0.5123"), (2.9, "2.9"), (0.1 + 0.2, "0.3"), (1e-5, "10⁻⁵"), (-2.5e-7, "−2.5×10⁻⁷"),
      (1e12, "10¹²"), (6.02214e23, "6.022×10²³"), (0.99999, "1"), (5e-324, "0"), (.nan, "–"),
      (.infinity, "–"), (1.7976931348623157e308, "1.798×10³⁰⁸"),
    ] as [(Double, String)])
  func reading(value: Double, text: String) {
    #expect(DecimalNumber.text(value) == text)
  }

  @Test("Decimal exponents are exact at powers of ten")
  func exponents() {
    for exponent in -300...308 {
      let power = powerOfTen(exponent)
      #expect(decimalExponent(of: power) == exponent)
      #expect(decimalExponent(of: power.nextDown) == exponent - 1)
      #expect(decimalExponent(of: -power) == exponent)
    }
  }

  @Test("What has a meaning in XML, or none in it, is escaped")
  func escaping() {
    #expect(escaped("a < b & \"c\" > d") == "a &lt; b &amp; &quot;c&quot; &gt; d")
    #expect(
      escaped("\u{0}\u{1B}[31m\n\u{202E}\u{FFFF}\u{1FFFE}").allSatisfy {
        $0 == "\u{FFFD}" || "[31m".contains($0)
      })
    #expect(escaped("Größe 日本 👩‍👩‍👧") == "Größe 日本 👩‍👩‍👧")
  }

  @Test("Texts are cut and broken to what fits")
  func fitting() {
    #expect(cut("short", to: 100, size: 17) == "short")
    let long = cut("a rather long name of a model", to: 100, size: 17)
    #expect(long.hasSuffix("…") && width(of: long, size: 17) <= 100)
    let rows = lines("one two three four five six seven", within: 100, size: 17, atMost: 2)
    #expect(rows.count == 2 && rows.allSatisfy { width(of: $0, size: 17) <= 100 })
    #expect(rows[1].hasSuffix("…"))
    #expect(lines("", within: 100, size: 17, atMost: 2).isEmpty)
  }
}
