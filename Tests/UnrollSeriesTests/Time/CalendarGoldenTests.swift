import Foundation
import TestSupport
import Testing
import UnrollSeries

/// What Tests/Fixtures/calendar_golden.py wrote.
struct CalendarGolden: Decodable {
  struct Text: Decodable {
    let pattern: String
    let text: String
    let value: Int64

    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      pattern = try container.decode(String.self)
      text = try container.decode(String.self)
      value = try container.decode(Int64.self)
    }
  }

  struct ISOText: Decodable {
    let text: String
    let value: Int64

    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      text = try container.decode(String.self)
      value = try container.decode(Int64.self)
    }
  }

  let times: [[Int]]
  let texts: [Text]
  let iso8601: [ISOText]

  static func read() throws -> CalendarGolden {
    let url = Golden.fixtures.appendingPathComponent("calendar_golden.json")
    return try JSONDecoder().decode(CalendarGolden.self, from: Data(contentsOf: url))
  }
}

@Suite("The calendar, beside Python's")
struct CalendarGoldenTests {
  @Test("A point of time shows the date, the time, the weekday, the day and the week of the year")
  func components() throws {
    let golden = try CalendarGolden.read()
    #expect(golden.times.count > 1000)
    for row in golden.times {
      let parts = TimeStamp(Int64(row[0])).components
      let shown = [
        row[0], parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second,
        parts.microsecond, parts.weekday, parts.dayOfYear, parts.weekOfYear,
      ]
      #expect(shown == row)
      let time = TimeStamp(
        year: row[1], month: row[2], day: row[3], hour: row[4], minute: row[5], second: row[6],
        microsecond: row[7])
      #expect(time?.value == Int64(row[0]))
    }
  }

  @Test("Patterns read what strptime reads, and write the text again")
  func patterns() throws {
    let golden = try CalendarGolden.read()
    #expect(golden.texts.count > 1000)
    for row in golden.texts {
      let pattern = try TimePattern(row.pattern)
      let time = pattern.time(row.text)
      #expect(time?.value == row.value, "\(row.text) by \(row.pattern)")
      if let time, !row.pattern.hasSuffix("z") {
        #expect(pattern.format(time) == row.text, "\(row.pattern)")
      }
    }
  }

  @Test("Texts as ISO 8601 has them are read, and written as they are but for their offset")
  func iso8601() throws {
    for row in try CalendarGolden.read().iso8601 {
      let time = TimePattern.iso8601.time(row.text)
      #expect(time?.value == row.value, "\(row.text)")
      let written = TimePattern.iso8601.asWritten(in: row.text)
      #expect(written != .iso8601)
      let again = written.format(TimeStamp(row.value))
      #expect(TimePattern.iso8601.time(again)?.value == row.value)
      if !row.text.contains("+"), !row.text.contains("-05:30") { #expect(again == row.text) }
    }
  }
}
