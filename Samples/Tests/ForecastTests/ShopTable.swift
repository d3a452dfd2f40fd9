import Foundation
import ProgramTesting
import Testing

/// Days of two shops, and runs of `forecast` on them that take a moment.
struct ShopTable {
  let folder = try? TemporaryFolder()

  static let days = 120

  /// The table's lines, the names first: of shop a, then of shop b.
  static let lines: [String] = {
    var lines = ["time,shop,units,price,open,region"]
    for (shop, level) in [("a", 20.0), ("b", 400.0)] {
      for day in 0..<days {
        let noise = Double(day * 7919 % 101) / 101
        let units = level * (1 + 0.3 * sin(2 * Double.pi * Double(day) / 7) + 0.1 * noise)
        let price = 2 + Double(day * 31 % 17) / 17
        let region = shop == "a" ? "north" : "south"
        lines.append(
          "\(date(day)),\(shop),\(fixed(units)),\(fixed(price)),\(day % 7 < 5 ? 1 : 0),\(region)")
      }
    }
    return lines
  }()

  /// The lines with days after the last, of which only what is known ahead is there.
  static func open(_ ahead: Int, price: String = "") -> [String] {
    lines
      + ["a", "b"].flatMap { shop in
        (days..<(days + ahead)).map {
          "\(date($0)),\(shop),,\(price),\($0 % 7 < 5 ? 1 : 0),\(shop == "a" ? "north" : "south")"
        }
      }
  }

  static func date(_ day: Int) -> String {
    let lengths = [31, 28, 31, 30, 31, 30]
    var (month, rest) = (0, day)
    while rest >= lengths[month] { (month, rest) = (month + 1, rest - lengths[month]) }
    return "2023-\(two(month + 1))-\(two(rest + 1))"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  private static func fixed(_ number: Double) -> String { "\((number * 1000).rounded() / 1000)" }

  /// - Returns: the path of the table.
  func write(_ name: String = "shops.csv", _ lines: [String] = lines) throws -> String {
    try #require(folder).write(name, lines.joined(separator: "\n") + "\n")
  }

  func path(_ name: String) throws -> String { try #require(folder).file(name) }

  static let columns = [
    "--time", "time", "--series", "shop", "--target", "units", "--past", "price", "--future",
    "open", "--static", "region",
  ]
  static let small = ["--horizon", "5", "--window", "14", "--hidden", "8", "--steps", "30"]

  /// Trains on a table.
  func train(
    _ table: String, _ name: String = "shops", _ more: [String] = ["--test-last", "20"],
    columns: [String] = columns
  ) throws -> String {
    let path = try path(name + ".safetensors")
    let result = try forecast(["train", table, "--output", path] + columns + Self.small + more)
    #expect(result.status == 0, "\(result.errors)")
    return path
  }

  func forecast(_ arguments: [String]) throws -> Program.Result {
    try Program.run(arguments, program: "forecast")
  }

  /// The one line of an error.
  func error(_ arguments: [String]) throws -> String {
    let result = try forecast(arguments)
    #expect(result.status == 1, "\(result.status), \(arguments)")
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(result.errors)")
    return lines.first.map { String($0) } ?? ""
  }

  /// The fields of a table that was written.
  func rows(_ name: String) throws -> [[String]] {
    let text = String(decoding: try #require(folder).bytes(name), as: UTF8.self)
    return text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
