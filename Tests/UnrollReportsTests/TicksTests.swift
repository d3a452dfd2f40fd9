import Foundation
import Testing

import UnrollReports

@Suite("Ticks")
struct TicksTests {
  @Test(
    "Linear: round numbers, all in one form",
    arguments: [
      (0...1, 6, "0 0.2 0.4 0.6 0.8 1.0"), (0...10, 6, "0 2 4 6 8 10"),
      (-1...1, 5, "−1.0 −0.5 0 0.5 1.0"), (3...97, 5, "20 40 60 80"),
      (0...200, 5, "0 50 100 150 200"),
      (0...45_000, 6, "0 10,000 20,000 30,000 40,000"), (1995...2010, 4, "1995 2000 2005 2010"),
      (0...4e-9, 5, "0 10⁻⁹ 2×10⁻⁹ 3×10⁻⁹ 4×10⁻⁹"),
      (0...1.2e12, 4, "0 5×10¹¹ 10¹²"),
      (1_000_000_000...1_000_000_000.5, 4, "1,000,000,000.0 1,000,000,000.2 1,000,000,000.4"),
      (-1e300...1e300, 5, "−10³⁰⁰ −5×10²⁹⁹ 0 5×10²⁹⁹ 10³⁰⁰"),
      (0.1...0.30000000000000004, 3, "0.1 0.2 0.3"),
    ] as [(ClosedRange<Double>, Int, String)])
  func linear(range: ClosedRange<Double>, count: Int, labels: String) {
    let ticks = linearTicks(range, atMost: count)
    #expect(ticks.map(\.label).joined(separator: " ") == labels)
    #expect(ticks.count <= count && ticks.map(\.value) == ticks.map(\.value).sorted())
  }

  @Test(
    "Logarithmic: decades, parts of them where there are few, some of them where there are many",
    arguments: [
      (1...1000, 7, "1 10 100 1000"), (1...20, 7, "1 2 5 10 20"),
      (0.02...3, 9, "0.02 0.05 0.1 0.2 0.5 1 2"),
      (1e-20...2, 9, "10⁻¹⁸ 10⁻¹⁵ 10⁻¹² 10⁻⁹ 10⁻⁶ 10⁻³ 10⁰"), (3...4, 6, "3.0 3.2 3.4 3.6 3.8 4.0"),
      (1e-300...1e300, 8, "10⁻³⁰⁰ 10⁻²⁰⁰ 10⁻¹⁰⁰ 10⁰ 10¹⁰⁰ 10²⁰⁰ 10³⁰⁰"),
    ] as [(ClosedRange<Double>, Int, String)])
  func logarithmic(range: ClosedRange<Double>, count: Int, labels: String) {
    let ticks = logarithmicTicks(range, atMost: count)
    #expect(ticks.map(\.label).joined(separator: " ") == labels)
  }

  /// Microseconds of a date that Foundation reads.
  private func time(_ text: String) throws -> Double {
    let formatter = ISO8601DateFormatter()
    return try #require(formatter.date(from: text)).timeIntervalSince1970 * 1e6
  }

  @Test(
    "Time: whole seconds, hours, days, weeks from Mondays, months, years, with what they are of",
    arguments: [
      (
        "2024-03-05T00:55:00Z", "2024-03-05T00:55:03Z", 4,
        "00:55:00|Mar 5, 2024 00:55:01 00:55:02 00:55:03"
      ),
      (
        "2024-03-05T00:55:00Z", "2024-03-05T01:15:00Z", 5,
        "00:55|Mar 5, 2024 01:00 01:05 01:10 01:15"
      ),
      ("2024-02-28T20:00:00Z", "2024-02-29T13:00:00Z", 4, "00:00|Feb 29, 2024 06:00 12:00"),
      (
        "2024-02-28T17:00:00Z", "2024-02-29T03:00:00Z", 4,
        "18:00|Feb 28, 2024 21:00 00:00|Feb 29, 2024 03:00"
      ),
      ("2023-12-30T06:00:00Z", "2024-01-02T06:00:00Z", 4, "Dec 31|2023 Jan 1|2024 Jan 2"),
      ("2024-02-20T00:00:00Z", "2024-03-20T00:00:00Z", 5, "Feb 26|2024 Mar 4 Mar 11 Mar 18"),
      ("2023-08-10T00:00:00Z", "2024-08-10T00:00:00Z", 5, "Oct|2023 Jan|2024 Apr Jul"),
      ("2019-06-01T00:00:00Z", "2024-06-01T00:00:00Z", 6, "2020 2021 2022 2023 2024"),
      ("1850-06-01T00:00:00Z", "2024-06-01T00:00:00Z", 5, "1900 1950 2000"),
    ])
  func times(from: String, to: String, count: Int, labels: String) throws {
    let ticks = timeTicks(try time(from)...time(to), atMost: count)
    let found = ticks.map { $0.context.isEmpty ? $0.label : "\($0.label)|\($0.context)" }
    #expect(found.joined(separator: " ") == labels)
  }

  @Test("Time: parts of a second")
  func fractions() throws {
    let start = try time("2024-03-05T00:55:00Z")
    let ticks = timeTicks(start...(start + 1_000_000), atMost: 5)
    #expect(ticks.map(\.label).first == "00:55:00.0" && ticks.map(\.label).contains("00:55:00.4"))
    let short = timeTicks(start...(start + 4), atMost: 5)
    #expect(short.map(\.label).last == "00:55:00.000004")
  }

  @Test(
    "Any span of time has few ticks, in order, within it",
    arguments: [1, 10, 1e3, 1e5, 1e6, 7e6, 1e8, 3e9, 5e10, 1e11, 1e12, 2e13, 1e15, 1e17, 8e18])
  func spans(span: Double) {
    for start in [-6e16, -1, 0, 1_709_600_100_000_000.0] {
      for count in 2...8 {
        let range = start...(start + span)
        let values = timeTicks(range, atMost: count).map(\.value)
        #expect(values.count <= count + 1, "\(range), \(count): \(values.count)")
        #expect(values.allSatisfy { $0 >= range.lowerBound - 1 && $0 <= range.upperBound + 1 })
        #expect(zip(values, values.dropFirst()).allSatisfy(<))
      }
    }
  }

  @Test("Days are those of the Gregorian calendar from 1600 on, and there and back")
  func calendar() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    for days in stride(from: -135_140, through: 300_000, by: 17) {
      let date = CivilDate(daysSince1970: days)
      #expect(date.daysSince1970 == days)
      let parts = calendar.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
      #expect(parts.year == date.year && parts.month == date.month && parts.day == date.day)
    }
    for days in [-800_000_000, -719_469, -719_468, 0, 100_000_000] {
      #expect(CivilDate(daysSince1970: days).daysSince1970 == days)
    }
  }

  @Test("Labels of a horizontal axis stay apart")
  func apart() {
    for axis in [ChartAxis(), ChartAxis(scale: .time), ChartAxis(scale: .logarithmic)] {
      for exponent in stride(from: -8.0, through: 17, by: 0.37) {
        let range = 1...(1 + pow(10, exponent))
        let scale = AxisScale(axis, range, from: 60, to: 620)
        let ticks = axis.ticks(range, along: scale)
        let places = ticks.compactMap { scale.place($0.value) }
        let widths = ticks.map { width(of: $0.label, size: Picture.text) }
        #expect(!ticks.isEmpty || axis.scale == .time, "\(axis.scale), \(range)")
        for i in ticks.indices.dropLast() {
          #expect(
            places[i + 1] - places[i] > (widths[i] + widths[i + 1]) / 2,
            "\(axis.scale), \(range): \(ticks.map(\.label))")
        }
      }
    }
  }
}
