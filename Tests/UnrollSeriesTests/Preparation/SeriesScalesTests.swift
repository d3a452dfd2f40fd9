import Foundation
import Testing
import UnrollCore
import UnrollSeries

@Suite("Scales of each series")
struct SeriesScalesTests {
  /// Rows t of `a` are t, of `b` 1000 t; `b` has a gap, and so two parts.
  private let table: SeriesTable = {
    func series(_ key: String, _ part: Int, _ rows: Range<Int>, _ factor: Double) -> TimeSeries {
      TimeSeries(
        key: key, part: part,
        values: Tensor(shape: [rows.count, 1], scalars: rows.map { Double($0) * factor }))
    }
    return SeriesTable(
      columns: ["x"],
      series: [
        series("b", 0, 1..<11, 1000), series("a", 0, 1..<9, 1), series("b", 1, 15..<31, 1000),
      ])
  }()

  private func preparation(_ ranges: [Range<Int>], perSeries: Bool = true) throws
    -> SeriesPreparation
  {
    try SeriesPreparation(
      table, ranges: ranges, columns: ForecastColumns(targets: ["x"]),
      window: WindowShape(length: 2, horizon: 1), kind: .minMax, perSeries: perSeries)
  }

  @Test("Each series has its own, of all its parts; one that is not known has those of all")
  func own() throws {
    let preparation = try preparation([0..<10, 0..<8, 0..<5])
    #expect(preparation.seriesScales.map(\.key) == ["a", "b"])
    #expect(preparation.scales(of: "a") == [ColumnScale(center: 1, width: 7)])
    #expect(preparation.scales(of: "b") == [ColumnScale(center: 1000, width: 18000)])
    #expect(preparation.scales == [ColumnScale(center: 1, width: 18999)])
    for key in ["", "aa", "c", "A"] { #expect(preparation.scales(of: key) == preparation.scales) }
    #expect(
      try self.preparation([0..<10, 0..<8, 0..<5], perSeries: false).seriesScales.isEmpty)
  }

  @Test("What a model sees is by them, and comes back by them")
  func undone() throws {
    let preparation = try preparation([0..<10, 0..<8, 0..<16])
    for one in try preparation.prepare(table) {
      let series = table.series[one.series]
      let scale = preparation.scales(of: series.key)[0]
      #expect(one.scale == scale)
      #expect(
        (0..<one.rows).allSatisfy {
          one.window.past[$0, 0] == Float(scale.seen(series.values[$0, 0]))
        })
      let back = preparation.restored([0.25, 0.5], scale: (0, 1), of: one, after: one.rows - 1)
      #expect(back == [scale.original(0.25), scale.original(0.5)])
    }
  }

  @Test("A series without rows to learn from has those of all, and nothing after them counts")
  func leakage() throws {
    let preparation = try preparation([0..<10, 0..<0, 0..<5])
    #expect(preparation.scales(of: "a") == preparation.scales)
    var changed = table
    for row in 5..<16 { changed.series[2].values[row, 0] = -1e9 }
    for row in 0..<8 { changed.series[1].values[row, 0] = .infinity }
    let other = try SeriesPreparation(
      changed, ranges: [0..<10, 0..<0, 0..<5], columns: preparation.columns,
      window: preparation.window, kind: .minMax, perSeries: true)
    #expect(other == preparation)
  }

  @Test("They are in a file, which is refused where they do not fit")
  func coding() throws {
    let preparation = try preparation([0..<10, 0..<8, 0..<16])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(preparation), as: UTF8.self)
    func decode(_ text: String) throws -> SeriesPreparation {
      try JSONDecoder().decode(SeriesPreparation.self, from: Data(text.utf8))
    }
    #expect(try decode(text) == preparation)
    for (part, other) in [
      ("\"key\":\"a\"", "\"key\":\"b\""), ("\"key\":\"a\"", "\"key\":\"c\""),
      ("\"key\":\"a\",\"scales\":[", "\"key\":\"a\",\"scales\":[],\"more\":["),
    ] {
      #expect(text.contains(part))
      #expect(throws: DecodingError.self) { try decode(text.replacing(part, with: other)) }
    }
  }

  @Test("Of counts the scale keeps zero at zero")
  func counts() throws {
    let scale = try ColumnScale(of: [0, 4, 2, .nan], kind: .mean, column: "x")
    #expect(scale.center == 0 && scale.width == 2)
    #expect(try ColumnScale(of: [0, 0], kind: .mean, column: "x").width == 1)
  }
}
