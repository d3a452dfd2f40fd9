import Foundation
import Testing
import UnrollSeries

@Suite("ColumnScale")
struct ColumnScaleTests {
  private let values: [Double] = [4, .nan, 1, 7, .infinity, 2, 6]

  @Test("Mean and deviation, least and range, median and quartiles, by hand")
  func kinds() throws {
    let standard = try ColumnScale(of: values, kind: .standard, column: "x")
    #expect(standard.center == 4 && standard.width == (26.0 / 5).squareRoot())
    let minMax = try ColumnScale(of: values, kind: .minMax, column: "x")
    #expect(minMax.center == 1 && minMax.width == 6)
    #expect(minMax.seen(1) == 0 && minMax.seen(7) == 1)
    let robust = try ColumnScale(of: values, kind: .robust, column: "x")
    #expect(robust.center == 4 && robust.width == 4)
    let none = try ColumnScale(of: values, kind: .none, column: "x")
    #expect(none.center == 0 && none.width == 1)
  }

  @Test("Of the logarithm what it is of logarithms", arguments: ColumnScale.Kind.allCases)
  func logarithms(kind: ColumnScale.Kind) throws {
    let numbers = [0.5, 20, 3, 700, 41]
    let scale = try ColumnScale(of: numbers, kind: kind, isLogarithmic: true, column: "x")
    let plain = try ColumnScale(of: numbers.map { log($0) }, kind: kind, column: "x")
    #expect(scale.isLogarithmic && scale.center == plain.center && scale.width == plain.width)
    for x in numbers + [1e-6, 1e9] {
      #expect(abs(scale.seen(x) - plain.seen(log(x))) < 1e-12)
      #expect(abs(scale.original(scale.seen(x)) / x - 1) < 1e-12)
    }
    #expect(scale.seen(0).isNaN && scale.seen(-1).isNaN)
  }

  @Test("A number without a logarithm is an error that names the column", arguments: [0.0, -2])
  func noLogarithm(value: Double) throws {
    #expect(throws: SeriesError.noLogarithm(column: "sales", value: value)) {
      try ColumnScale(of: [3, value, 5], kind: .standard, isLogarithmic: true, column: "sales")
    }
  }

  @Test(
    "A column that never changes has the width 1, by the mean that of its size",
    arguments: [0, 1, -3.3, 1e9, 1e-9, 1.0 / 3], ColumnScale.Kind.allCases)
  func constant(value: Double, kind: ColumnScale.Kind) throws {
    let scale = try ColumnScale(
      of: [Double](repeating: value, count: 1000), kind: kind, column: "x")
    let width = kind == .mean && value != 0 ? abs(value) : 1
    #expect(abs(scale.width / width - 1) < 1e-12)
    #expect(abs(scale.original(scale.seen(value)) - value) <= 1e-12 * abs(value))
  }

  @Test("A small column is scaled as a large one", arguments: [1e-30, 1e-9, 1e12])
  func sizes(size: Double) throws {
    let scale = try ColumnScale(of: [size, 3 * size], kind: .standard, column: "x")
    #expect(abs(scale.seen(size) + 1) < 1e-9 && abs(scale.seen(3 * size) - 1) < 1e-9)
  }

  @Test("A column without a number is an error that names it")
  func empty() {
    for values in [[], [.nan, .infinity]] as [[Double]] {
      #expect(throws: SeriesError.noValues(column: "wind")) {
        try ColumnScale(of: values, kind: .robust, column: "wind")
      }
    }
  }

  @Test(
    "A coded scale is the same again, and one that is none is refused",
    arguments: [
      "\"width\":0", "\"width\":-1", "\"width\":1e999", "\"center\":1e999", "\"width\":null",
      "\"isLogarithmic\":1",
    ])
  func coding(hostile: String) throws {
    let scale = ColumnScale(center: 2.5, width: 4.25, isLogarithmic: true)
    let text = String(decoding: try JSONEncoder().encode(scale), as: UTF8.self)
    #expect(try JSONDecoder().decode(ColumnScale.self, from: Data(text.utf8)) == scale)
    let other =
      text
      .replacing(/"width":4.25/, with: hostile.hasPrefix("\"width") ? hostile : "\"width\":4.25")
      .replacing(/"center":2.5/, with: hostile.hasPrefix("\"center") ? hostile : "\"center\":2.5")
      .replacing(
        /"isLogarithmic":true/,
        with: hostile.hasPrefix("\"is") ? hostile : "\"isLogarithmic\":true")
    #expect(other != text)
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(ColumnScale.self, from: Data(other.utf8))
    }
  }

  @Test("Quantiles lie between numbers by proportion")
  func quantiles() {
    let sorted = [10.0, 20, 40, 80]
    #expect(
      ForecastMetrics.quantiles(ofSamples: sorted, at: [0]) == [10]
        && ForecastMetrics.quantiles(ofSamples: sorted, at: [1]) == [80])
    #expect(
      ForecastMetrics.quantiles(ofSamples: sorted, at: [0.5]) == [30]
        && ForecastMetrics.quantiles(ofSamples: sorted, at: [0.25]) == [17.5])
    #expect(ForecastMetrics.quantiles(ofSamples: [3], at: [0.7]) == [3])
  }
}
