import Foundation
import Testing
import UnrollCore
import UnrollSeries

/// What a preparation is in a file, and that a file with another one is refused.
@Suite("A coded SeriesPreparation")
struct PreparationCodingTests {
  private func preparation() throws -> SeriesPreparation {
    let table = SeriesTable(
      columns: ["x", "y"], categoryColumns: ["kind"],
      series: ["a", "b"].map {
        TimeSeries(
          key: $0, values: Tensor(shape: [9, 2], scalars: (1...18).map(Double.init)),
          categories: [[String](repeating: $0, count: 9)])
      })
    return try SeriesPreparation(
      table, ranges: [0..<9, 0..<9],
      columns: ForecastColumns(targets: ["x"], past: ["y"], categories: ["kind"]),
      window: WindowShape(length: 2, horizon: 1, spacing: 2, scale: .last), isLogarithmic: true,
      difference: 4)
  }

  private func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(try preparation()), as: UTF8.self)
  }

  private func decode(_ text: String) throws -> SeriesPreparation {
    try JSONDecoder().decode(SeriesPreparation.self, from: Data(text.utf8))
  }

  @Test("is the same again")
  func roundTrip() throws {
    #expect(try decode(try text()) == preparation())
  }

  @Test(
    "is refused where its parts do not fit",
    arguments: [
      // Fewer columns or categories than scales and lists; more of them.
      ("\"past\":[\"y\"]", "\"past\":[]"), ("\"past\":[\"y\"]", "\"past\":[\"y\",\"z\"]"),
      ("\"categories\":[\"kind\"]", "\"categories\":[]"),
      ("\"categories\":[[\"a\",\"b\"]]", "\"categories\":[]"),
      ("\"categories\":[[\"a\",\"b\"]]", "\"categories\":[[\"a\"],[\"b\"]]"),
      // A category twice, a column twice, none that is predicted.
      ("\"categories\":[[\"a\",\"b\"]]", "\"categories\":[[\"a\",\"a\"]]"),
      ("\"past\":[\"y\"]", "\"past\":[\"x\"]"), ("\"targets\":[\"x\"]", "\"targets\":[]"),
      // Differences that are none, or between the rows that are seen.
      ("\"difference\":4", "\"difference\":0"), ("\"difference\":4", "\"difference\":-2"),
      ("\"difference\":4", "\"difference\":3"),
      ("\"difference\":4", "\"difference\":9223372036854775806"),
      ("\"calendar\":[]", "\"calendar\":[\"moon\"]"), ("\"horizon\":1", "\"horizon\":0"),
      ("\"scales\":[", "\"scales\":[{}"),
    ])
  func hostile(part: String, other: String) throws {
    let text = try text()
    #expect(text.contains(part), "\(text)")
    let changed = text.replacing(part, with: other)
    #expect(throws: DecodingError.self) { try decode(changed) }
  }
}
