import Foundation
import Testing
import UnrollSeries

/// A point of time by its text.
func time(_ text: String) throws -> TimeStamp {
  try #require(TimePattern.iso8601.time(text), "\(text)")
}

@Suite("Points of time and steps")
struct TimeTests {
  @Test(
    "A date that the calendar does not have is none",
    arguments: [
      (2015, 2, 29, 0, 0, 0), (1900, 2, 29, 0, 0, 0), (2016, 13, 1, 0, 0, 0), (2016, 0, 1, 0, 0, 0),
      (2016, 4, 31, 0, 0, 0), (2016, 1, 0, 0, 0, 0), (2016, 1, 1, 24, 0, 0), (2016, 1, 1, 0, 60, 0),
      (2016, 1, 1, 0, 0, 60), (2016, 1, 1, -1, 0, 0), (290_001, 1, 1, 0, 0, 0),
    ])
  func noSuchDate(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    #expect(
      TimeStamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        == nil)
    #expect(TimeStamp(year: 2016, microsecond: 1_000_000) == nil)
  }

  @Test("Months are added to the original day, which the end of a month cuts")
  func months() throws {
    let start = try time("2015-12-31 06:00")
    let ends = ["2016-01-31", "2016-02-29", "2016-03-31", "2016-04-30"]
    for (index, end) in ends.enumerated() {
      #expect(try TimeStep.month.adding(index + 1, to: start) == time(end + " 06:00"))
      #expect(try TimeStep.month.steps(from: start, to: time(end + " 06:00")) == index + 1)
    }
    #expect(try TimeStep.month.adding(-10, to: start) == time("2015-02-28 06:00"))
    #expect(try TimeStep.months(12).adding(4, to: time("2016-02-29")) == time("2020-02-29"))
    #expect(try TimeStep.months(12).adding(1, to: time("2016-02-29")) == time("2017-02-28"))
    #expect(try TimeStep.month.adding(1, to: time("1969-12-15")) == time("1970-01-15"))
    #expect(try TimeStep.month.adding(1, to: time("2015-02-28"), day: 31) == time("2015-03-31"))
  }

  @Test("Steps between points of time are whole or there are none")
  func steps() throws {
    let start = try time("2016-01-01")
    #expect(try TimeStep.hour.steps(from: start, to: time("2016-01-02 01:00")) == 25)
    #expect(try TimeStep.hour.steps(from: start, to: time("2015-12-31 23:00")) == -1)
    #expect(try TimeStep.hour.steps(from: start, to: time("2016-01-01 00:30")) == nil)
    #expect(try TimeStep.month.steps(from: start, to: time("2016-02-02")) == nil)
    #expect(try TimeStep.month.steps(from: start, to: time("2016-02-01 01:00")) == nil)
    #expect(try TimeStep.months(3).steps(from: start, to: time("2017-01-01")) == 4)
    #expect(try TimeStep.months(3).steps(from: start, to: time("2016-03-01")) == nil)
    #expect(try TimeStep.month.steps(from: time("2016-02-29"), to: time("2016-03-31")) == 1)
    #expect(try TimeStep.month.steps(from: time("2016-02-29"), to: time("2016-03-30")) == 1)
    #expect(try TimeStep.month.steps(from: time("2016-02-29"), to: time("2016-03-28")) == nil)
    #expect(TimeStep.count(2).steps(from: TimeStamp(1), to: TimeStamp(7)) == 3)
    #expect(TimeStep.count(2).steps(from: TimeStamp(1), to: TimeStamp(6)) == nil)
    #expect(TimeStep.count(1).steps(from: TimeStamp(.min), to: TimeStamp(1)) == nil)
  }

  @Test("A step is one of months where the day of the month stays the same")
  func inference() throws {
    func step(_ first: String, _ second: String) throws -> TimeStep? {
      try TimeStep(between: time(first), and: time(second))
    }
    #expect(try step("1949-01", "1949-02") == .months(1))
    #expect(try step("2015-01-31", "2015-02-28") == .months(1))
    #expect(try step("2015-01-30", "2015-02-28") == .months(1))
    #expect(try step("2015-01-27", "2015-02-28") == .microseconds(32 * 86_400_000_000))
    #expect(try step("2015-02-28", "2015-03-31") == .months(1))
    #expect(try step("2015-04-30", "2015-05-31") == .months(1))
    #expect(try step("2015-01-01", "2015-04-01") == .months(3))
    #expect(try step("2015-01-01", "2016-01-01") == .months(12))
    #expect(try step("2015-01-01", "2015-01-29") == .microseconds(28 * 86_400_000_000))
    #expect(try step("2015-01-01", "2015-01-02") == .day)
    #expect(try step("2016-07-01 00:00", "2016-07-01 00:15") == .seconds(900))
    #expect(try step("2016-07-01", "2016-07-01") == nil)
    #expect(try step("2016-07-02", "2016-07-01") == nil)
  }

  @Test("An axis keeps the day of the month wherever it begins")
  func axes() throws {
    let axis = try TimeAxis(start: time("2015-01-31"), step: .month)
    #expect(try axis.time(ofRow: 2) == time("2015-03-31"))
    #expect(try axis.advanced(by: 1).time(ofRow: 0) == time("2015-02-28"))
    #expect(try axis.advanced(by: 1).time(ofRow: 1) == time("2015-03-31"))
    let ends = try TimeAxis(start: time("2015-02-28"), step: .month, day: 31)
    #expect(try ends.time(ofRow: 1) == time("2015-03-31"))
    let hours = try TimeAxis(start: time("2016-07-01"), step: .hour)
    #expect(try hours.advanced(by: -1).start == time("2016-06-30 23:00"))
    let data = try JSONEncoder().encode(ends)
    #expect(try JSONDecoder().decode(TimeAxis.self, from: data) == ends)
  }

  @Test(
    "A step is read from its text and written so",
    arguments: [
      ("1h", TimeStep.hour), ("15min", .seconds(900)), ("1d", .day), ("1mo", .month),
      ("1y", .months(12)), ("10s", .seconds(10)), ("1", .count(1)), ("3mo", .months(3)),
      ("18mo", .months(18)), ("90min", .seconds(5400)), ("250ms", .microseconds(250_000)),
      ("7us", .microseconds(7)), ("7d", .seconds(7 * 86_400)),
    ])
  func text(text: String, step: TimeStep) {
    #expect(TimeStep(text) == step)
    #expect(step.description == text)
  }

  @Test("A unit may stand alone, and what is no step is none")
  func otherTexts() {
    #expect(TimeStep("h") == .hour)
    #expect(TimeStep("1w") == .seconds(7 * 86_400))
    for text in [
      "", "0", "0h", "-1h", "1 h", "1x", "h1", "1.5h", "9223372036854775807y", "99999999999y",
    ] {
      #expect(TimeStep(text) == nil, "\(text)")
    }
  }

  @Test("Features of the calendar go from -0.5 to 0.5")
  func features() throws {
    let first = try time("2018-01-01")  // a Monday, in week 1
    let last = try time("2020-12-31 23:59")  // a Thursday, in week 53
    for feature in CalendarFeature.allCases {
      #expect(feature.value(at: first) == -0.5, "\(feature)")
      #expect(feature.value(at: last) == (feature == .dayOfWeek ? 0 : 0.5), "\(feature)")
      #expect(feature.sine(at: first) == 0 && feature.cosine(at: first) == 1)
    }
    let noon = try time("2016-07-01 12:00")
    #expect(CalendarFeature.hourOfDay.value(at: noon) == 12.0 / 23 - 0.5)
    #expect(abs(CalendarFeature.hourOfDay.cosine(at: noon) + 1) < 1e-15)
    #expect(abs(CalendarFeature.hourOfDay.sine(at: try time("2016-07-01 06:00")) - 1) < 1e-15)
    #expect(CalendarFeature.dayOfWeek.value(at: noon) == 4.0 / 6 - 0.5)
  }
}
