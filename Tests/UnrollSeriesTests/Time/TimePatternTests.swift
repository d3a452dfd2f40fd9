import Foundation
import Testing
import UnrollSeries

@Suite("Patterns of time")
struct TimePatternTests {
  @Test(
    "What is not written as ISO 8601 has it is not read",
    arguments: [
      "", " ", "16-07-01", "2016-7-1", "2016-07-01x", "2016-07-01 ", "2016-13", "2016-02-30",
      "2016-07-01 24:00", "2016-07-01 1:00", "2016-07-01T", "2016-07-01T00", "201607",
      "2016-07-01 00:00:60", "2016-07-01 00:00:00.", "2016-07-01 00:00+2", "2016-07-01+02:00",
      "2016-07-01 00:00:00.0000001", "2016/07/01", "2016-07-01  00:00", "-2016-07-01",
      "0000-01-01 00:00+02:00", "9999-12-31 23:30-01:00",
    ])
  func notISO8601(text: String) {
    let expected = text == "2016-07-01 " ? TimeStamp(year: 2016, month: 7) : nil
    #expect(TimePattern.iso8601.time(text) == expected)
  }

  @Test("Years, months and days alone are their beginnings, and what is written looks the same")
  func shortForms() throws {
    for (text, same) in [
      ("1949", "1949-01-01"), ("1949-03", "1949-03-01"), ("19490302", "1949-03-02"),
      ("19490302T01:00Z", "1949-03-02 01:00"), ("1949-03-02 01:00:00.5", "1949-03-02 01:00:00.500"),
      (" 1949-03-02\t", "1949-03-02"),
    ] {
      #expect(try time(text) == time(same))
      let again = TimePattern.iso8601.asWritten(in: text).format(try time(text))
      #expect(again == text.trimmingCharacters(in: .whitespaces))
    }
  }

  @Test("ISO 8601 writes no more than there is")
  func isoFormat() throws {
    for text in ["2016-07-01", "2016-07-01 00:15:00", "2016-07-01 00:00:00.000250"] {
      #expect(try TimePattern.iso8601.format(time(text)) == text)
    }
  }

  @Test("Numbers are whole, and may have a sign")
  func numbers() {
    #expect(TimePattern.number.time("42")?.value == 42)
    #expect(TimePattern.number.time(" -7 ")?.value == -7)
    #expect(TimePattern.number.time("-9223372036854775808")?.value == .min)
    #expect(TimePattern.number.time("9223372036854775807")?.value == .max)
    for text in ["", "-", "1.0", "1e3", "9223372036854775808", "-9223372036854775809", "4 2"] {
      #expect(TimePattern.number.time(text) == nil, "\(text)")
    }
    #expect(TimePattern.number.format(TimeStamp(-3)) == "-3")
  }

  @Test("Directives are read as they are meant")
  func directives() throws {
    let cases: [(String, String, String)] = [
      ("%d/%m/%Y", "1/7/2016", "2016-07-01"), ("%-d/%-m/%Y", "1/7/2016", "2016-07-01"),
      ("%m/%d/%y %I%p", "07/01/68 12am", "2068-07-01"),
      ("%m/%d/%y %I%p", "07/01/69 12PM", "1969-07-01 12:00"),
      ("%d-%b-%Y", "29-FEB-2016", "2016-02-29"), ("%B %Y", "may 2016", "2016-05-01"),
      ("%Y-%j", "2016-366", "2016-12-31"), ("%Y%j", "2016060", "2016-02-29"),
      ("%Y-%m-%d %H:%M:%S.%f", "2016-07-01 00:00:00.5", "2016-07-01 00:00:00.5"),
      ("%Y-%m-%d %H:%M %z", "2016-07-01 00:00 -0130", "2016-07-01 01:30"),
    ]
    for (pattern, text, expected) in cases {
      #expect(try TimePattern(pattern).time(text) == time(expected), "\(pattern) of \(text)")
    }
    #expect(try TimePattern.pattern("%-d/%-m/%Y").format(time("2016-07-01")) == "1/7/2016")
    #expect(
      try TimePattern.pattern("%H:%M:%S.%3f %Y").format(time("2016-07-01 00:00:01.25"))
        == "00:00:01.250 2016")
  }

  @Test("What a pattern does not say is not read")
  func mismatches() throws {
    let cases = [
      ("%d.%m.%Y", "31.04.2016"), ("%d.%m.%Y", "1.7.16"), ("%d.%m.%Y", "1/7/2016"),
      ("%Y-%j", "2015-366"), ("%Y-%j", "2015-0"), ("%I %p %Y", "13 AM 2016"), ("%Y", "2016a"),
      ("%I %p %Y", "0 AM 2016"), ("%d %b %Y", "1 Foo 2016"), ("%H %Y", "24 2016"),
      ("%Y %z", "2016 +25"),
    ]
    for (pattern, text) in cases {
      #expect(try TimePattern(pattern).time(text) == nil, "\(pattern) of \(text)")
    }
  }

  @Test("A text that is no pattern is refused, and says why")
  func malformed() throws {
    let unknown = #expect(throws: TimePatternError.self) { try TimePattern("%Y-%Q") }
    #expect(
      unknown?.description
        == "the pattern \"%Y-%Q\" has \"%Q\", which is no directive; use %Y, %y, %m, %b, %B, %d, %j, %H, "
        + "%I, %p, %M, %S, %f and %z, and %% for a percent sign")
    let noYear = #expect(throws: TimePatternError.self) { try TimePattern("%d.%m.") }
    #expect(noYear == .noYear(pattern: "%d.%m."))
    #expect(noYear?.description.contains("has no year") == true)
    for text in ["", "%", "%Y%", "%Y%-", "%Y%9f", "%Y%-Y"] {
      #expect(throws: TimePatternError.self, "\(text)") { try TimePattern(text) }
    }
  }

  @Test("A pattern is stored as its text")
  func coding() throws {
    for pattern in [TimePattern.iso8601, .number, .pattern("%d.%m.%Y")] {
      let data = try JSONEncoder().encode([pattern])
      #expect(String(decoding: data, as: UTF8.self) == "[\"\(pattern)\"]")
      #expect(try JSONDecoder().decode([TimePattern].self, from: data) == [pattern])
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([TimePattern].self, from: Data("[\"%Q\"]".utf8))
    }
  }
}
