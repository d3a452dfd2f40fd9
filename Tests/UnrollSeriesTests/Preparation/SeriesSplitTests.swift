import Foundation
import Testing
import UnrollCore
import UnrollSeries

@Suite("SeriesSplit")
struct SeriesSplitTests {
  private func series(_ rows: Int, start: Int64 = 100, step: TimeStep? = .count(10)) -> TimeSeries {
    TimeSeries(
      times: step.map { TimeAxis(start: TimeStamp(start), step: $0) },
      values: Tensor(shape: [rows, 1]))
  }

  private func parts(_ split: SeriesSplit, _ rows: Int) throws -> [Range<Int>] {
    let parts = try split.parts(of: series(rows))
    return [parts.training, parts.validation, parts.test]
  }

  @Test("By rows from the first one; what is after them is in no part")
  func rows() throws {
    let split = SeriesSplit.rows(training: 6, validation: 2, test: 3)
    #expect(try parts(split, 20) == [0..<6, 6..<8, 8..<11])
    #expect(try parts(split, 10) == [0..<6, 6..<8, 8..<10])
    #expect(try parts(split, 7) == [0..<6, 6..<7, 7..<7])
    #expect(try parts(split, 4) == [0..<4, 4..<4, 4..<4])
  }

  @Test("The last rows, of a series of any length")
  func last() throws {
    let split = SeriesSplit.last(validation: 2, test: 3)
    #expect(try parts(split, 20) == [0..<15, 15..<17, 17..<20])
    #expect(try parts(split, 5) == [0..<0, 0..<2, 2..<5])
    #expect(try parts(split, 4) == [0..<0, 0..<1, 1..<4])
    #expect(try parts(split, 2) == [0..<0, 0..<0, 0..<2])
    #expect(try parts(split, 0) == [0..<0, 0..<0, 0..<0])
  }

  @Test("After a time: a row at that time is not after it")
  func after() throws {
    func parts(_ time: Int64, validation: Int = 2) throws -> [Range<Int>] {
      try self.parts(.after(TimeStamp(time), validation: validation), 10)
    }
    // Rows are at 100, 110, ... 190.
    #expect(try parts(150) == [0..<4, 4..<6, 6..<10])
    #expect(try parts(149) == [0..<3, 3..<5, 5..<10])
    #expect(try parts(99) == [0..<0, 0..<0, 0..<10])
    #expect(try parts(100) == [0..<0, 0..<1, 1..<10])
    #expect(try parts(190) == [0..<8, 8..<10, 10..<10])
    #expect(try parts(.max) == [0..<8, 8..<10, 10..<10])
    #expect(try parts(.min) == [0..<0, 0..<0, 0..<10])
    #expect(throws: SeriesError.noTimes) {
      try SeriesSplit.after(TimeStamp(3), validation: 1).parts(of: series(5, step: nil))
    }
  }

  @Test("By series: whole ones to test on, the last rows of others to choose by")
  func bySeries() throws {
    let split = SeriesSplit.series(test: ["a", "c"], validation: 3)
    for (key, expected) in [("a", [0..<0, 0..<0, 0..<8]), ("b", [0..<5, 5..<8, 8..<8])] {
      let parts = try split.parts(
        of: TimeSeries(key: key, values: Tensor(shape: [8, 1])))
      #expect([parts.training, parts.validation, parts.test] == expected)
    }
  }

  @Test("Months are split by their dates")
  func months() throws {
    let start = try #require(TimeStamp(year: 2020, month: 1, day: 31))
    let end = try #require(TimeStamp(year: 2020, month: 4, day: 30))
    let split = SeriesSplit.after(end, validation: 1)
    let parts = try split.parts(of: series(12, start: start.value, step: .months(1)))
    #expect(parts.training == 0..<3 && parts.validation == 3..<4 && parts.test == 4..<12)
  }

  @Test(
    "Numbers of any size, as a file may have them, make parts that follow one another",
    arguments: [Int.min, -7, -1, 0, 3, 1000, .max], [Int.min, -1, 0, 2, .max])
  func anyNumbers(a: Int, b: Int) throws {
    for split in [
      SeriesSplit.rows(training: a, validation: b, test: a),
      .rows(training: b, validation: a, test: b), .last(validation: a, test: b),
      .after(TimeStamp(130), validation: a), .series(test: ["other"], validation: b),
    ] {
      let found = try parts(split, 8)
      #expect(found[0].lowerBound == 0 && found[2].upperBound <= 8, "\(split)")
      #expect(found[0].upperBound == found[1].lowerBound, "\(split)")
      #expect(found[1].upperBound == found[2].lowerBound, "\(split)")
    }
  }

  @Test("A coded split is the same again")
  func coding() throws {
    for split in [
      SeriesSplit.rows(training: 6, validation: 2, test: 3), .last(validation: 1, test: 0),
      .after(TimeStamp(-5), validation: 4),
    ] {
      let coded = try JSONEncoder().encode(split)
      #expect(try JSONDecoder().decode(SeriesSplit.self, from: coded) == split)
    }
  }
}
