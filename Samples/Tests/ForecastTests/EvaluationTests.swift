import Foundation
import ProgramTesting
import Testing

@Suite("What evaluate says")
struct EvaluationTests {
  private let shops = ShopTable()

  private func object(_ arguments: [String]) throws -> [String: Any] {
    let result = try shops.forecast(arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    return try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  @Test("Coverage, width and CRPS are those of the forecasts that a backtest writes")
  func intervals() throws {
    let table = try shops.write()
    let model = try shops.train(table)
    let report = try object(["evaluate", model, table, "--intervals", "0.9,0.3,0.8"])
    let found = try #require(report["intervals"] as? [[String: Any]])
    #expect(found.map { $0["level"] as? Double } == [0.9, 0.3, 0.8])
    let middles = (0..<10).map { "\((Double($0) + 0.5) / 10)" }
    let ends = [("0.05", "0.95"), ("0.35", "0.65"), ("0.1", "0.9")]
    let levels = Set(middles + ends.flatMap { [$0.0, $0.1] }).sorted()
    _ = try shops.forecast([
      "backtest", model, table, "--every", "1", "--output", try shops.path("past.csv"),
      "--quantiles", levels.joined(separator: ","),
    ])
    let rows = try shops.rows("past.csv")
    var units: [[String]: Double] = [:]
    for line in ShopTable.lines.dropFirst() {
      let fields = line.split(separator: ",").map(String.init)
      units[[fields[1], fields[0]]] = Double(fields[2])
    }
    var scores = 0.0
    var inside = [0, 0, 0]
    var widths = [0.0, 0, 0]
    for row in rows.dropFirst() {
      let truth = try #require(units[[row[0], row[1]]])
      func quantile(_ level: String) throws -> Double {
        let column = try #require(rows[0].firstIndex(of: level))
        return try #require(Double(row[column]))
      }
      for level in middles {
        let (p, q) = (try #require(Double(level)), try quantile(level))
        scores += 2 * (truth >= q ? p * (truth - q) : (1 - p) * (q - truth)) / 10
      }
      for (i, end) in ends.enumerated() {
        let (low, high) = (try quantile(end.0), try quantile(end.1))
        inside[i] += low <= truth && truth <= high ? 1 : 0
        widths[i] += high - low
      }
    }
    let n = Double(rows.count - 1)
    #expect(rows.count - 1 == 5 * (try #require(report["n"] as? Int)))
    #expect(abs(try #require(report["crps"] as? Double) - scores / n) < 1e-5 * scores / n)
    for i in 0..<3 {
      // Numbers are written in single precision, which may put one to the other side of an end.
      let coverage = try #require(found[i]["coverage"] as? Double)
      #expect(abs(coverage - Double(inside[i]) / n) < 1.5 / n)
      let width = try #require(found[i]["width"] as? Double)
      #expect(abs(width - widths[i] / n) < 1e-5 * width)
    }
    // What was there before is what it was.
    #expect(report["coverage"] as? Double == found[2]["coverage"] as? Double)
    #expect(report["width"] as? Double == found[2]["width"] as? Double)
  }

  @Test("Which intervals are asked for changes no other figure, nor does a model have to have some")
  func others() throws {
    let table = try shops.write()
    let model = try shops.train(table)
    var (few, many) = (
      try object(["evaluate", model, table, "--intervals", "0.5"]),
      try object(["evaluate", model, table, "--intervals", "0.99,0.01,0.123456"])
    )
    #expect((many["intervals"] as? [Any])?.count == 3)
    (few["intervals"], many["intervals"]) = (nil, nil)
    #expect(few as NSDictionary == many as NSDictionary)
    #expect(
      Set(few.keys) == [
        "rmse", "mae", "mape", "smape", "mase", "wql", "crps", "coverage", "width", "scaled_mse",
        "scaled_mae", "naive", "seasonal_naive", "drift", "n",
      ])
    let shown = try shops.forecast(["evaluate", model, table, "--intervals", "0.5,0.975"])
    #expect(shown.output.contains("50% covers") && shown.output.contains("97.5% width"))
    #expect(shown.output.contains("CRPS"))
  }

  @Test(
    "Intervals that are none are refused",
    arguments: ["", "0", "1", "0.5,0.5", "0.995", "nan", "0.5,", "80"])
  func wrongIntervals(text: String) throws {
    let result = try shops.forecast(["evaluate", "m", "t", "--intervals", text])
    #expect(result.status == 64 && result.errors.contains("--intervals"), "\(result.errors)")
  }
}
