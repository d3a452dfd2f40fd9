import Foundation
import Testing
import UnrollSeries

@Suite("The shape and the scale of windows")
struct WindowShapeTests {
  @Test("As many rows are seen as there are, every so many")
  func rowsSeen() {
    let shape = WindowShape(length: 4, horizon: 1, spacing: 3, leastRows: 1)
    let found = (0..<14).map { shape.rowsSeen(upTo: $0) }
    #expect(found == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4])
    #expect((5..<14).map { shape.rowsSeen(upTo: $0, from: 5) } == Array(found.prefix(9)))
  }

  @Test("A coded shape is the same again", arguments: WindowScale.allCases)
  func coding(scale: WindowScale) throws {
    let shape = WindowShape(length: 7, horizon: 3, spacing: 2, leastRows: 4, scale: scale)
    let coded = try JSONEncoder().encode(shape)
    #expect(try JSONDecoder().decode(WindowShape.self, from: coded) == shape)
  }

  @Test(
    "A coded shape of no window is refused",
    arguments: [
      ("\"length\":7", "\"length\":0"), ("\"length\":7", "\"length\":-1"),
      ("\"length\":7", "\"length\":99999999999"), ("\"horizon\":3", "\"horizon\":0"),
      ("\"horizon\":3", "\"horizon\":9223372036854775807"), ("\"spacing\":2", "\"spacing\":0"),
      ("\"spacing\":2", "\"spacing\":16777216"), ("\"leastRows\":4", "\"leastRows\":0"),
      ("\"leastRows\":4", "\"leastRows\":8"), ("\"scale\":\"last\"", "\"scale\":\"first\""),
    ])
  func hostile(part: String, other: String) throws {
    let shape = WindowShape(length: 7, horizon: 3, spacing: 2, leastRows: 4, scale: .last)
    let text = String(decoding: try JSONEncoder().encode(shape), as: UTF8.self)
    #expect(text.contains(part))
    let hostile = Data(text.replacing(part, with: other).utf8)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(WindowShape.self, from: hostile)
    }
  }

  @Test("A shape of no window stops the program")
  func misuse() async {
    await #expect(processExitsWith: .failure) { _ = WindowShape(length: 0, horizon: 1) }
    await #expect(processExitsWith: .failure) { _ = WindowShape(length: 1, horizon: 0) }
    await #expect(processExitsWith: .failure) {
      _ = WindowShape(length: 3, horizon: 1, leastRows: 4)
    }
  }

  @Test("Windows are relative to nothing, to the last number, or to mean and deviation, by hand")
  func scales() {
    let values: [Float] = [1, 3, .nan, 8]
    #expect(WindowScale.none.scale(of: values) == (0, 1))
    #expect(WindowScale.last.scale(of: values) == (8, 1))
    #expect(WindowScale.last.scale(of: values + [.nan]) == (8, 1))
    let (level, width) = WindowScale.meanAndDeviation.scale(of: values)
    #expect(level == 4 && abs(width - (26.0 / 3).squareRoot()) < 1e-6)
  }

  @Test("What hardly changes is not blown up, and what changes little is", arguments: [0, 5, 1e6])
  func flat(level: Float) {
    let flat = [Float](repeating: level, count: 9)
    #expect(WindowScale.meanAndDeviation.scale(of: flat) == (level, 1))
    let moving = flat.enumerated().map { $1 + max(1, level) * ($0 % 2 == 0 ? 0.01 : -0.01) }
    let width = WindowScale.meanAndDeviation.scale(of: moving).width
    #expect(abs(width / (max(1, level) * 0.00994) - 1) < 0.01)
  }
}
