import Testing
import UnrollCore

/// Makes every axis so many times as long.
private struct Stretch: StatelessLayer {
  typealias Element = Float

  var factor: Int

  func makeCache() {}
  func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> { x }
  mutating func backward(
    _ gradient: Tensor<Float>, cache: inout Void, in context: Context
  ) -> Tensor<Float> { gradient }
  func outputShape(of input: [Int]) throws -> [Int] { input.map { factor * $0 } }
}

@Suite("Limits of shapes")
struct ShapeLimitsTests {
  private static let shapes: [[Int]] = [
    [], [0], [1, 0, 3], [(1 << 31) - 1], Array(repeating: 1, count: 64), [1 << 30, 1 << 29],
    [1 << 20, 1 << 20, 1 << 19],
  ]

  @Test("Shapes up to the limits are shapes", arguments: shapes)
  func within(shape: [Int]) {
    #expect(ShapeLimits.problem(of: shape) == nil)
  }

  private static let large: [(shape: [Int], word: String)] = [
    ([-1], "-1"), ([1 << 31], "axis"), ([.max, .max, .max], "axis"), ([.min], "axis"),
    (Array(repeating: 1, count: 65), "65 axes"), ([1 << 30, 1 << 30], "elements"),
    ([1 << 20, 1 << 20, 1 << 20], "elements"), ([1 << 30, 0, 1 << 30], "elements"),
    (Array(repeating: 1 << 30, count: 64), "elements"),
  ]

  @Test("What is beyond them says what of it is, also where an axis is zero", arguments: large)
  func beyond(shape: [Int], word: String) {
    #expect(ShapeLimits.problem(of: shape)?.contains(word) == true)
  }

  @Test("Layers in a row that each double a shape are refused before a size overflows")
  func row() throws {
    func stack(_ count: Int) -> NumberStack {
      NumberStack { for _ in 0..<count { Stretch(factor: 2) } }
    }
    #expect(try stack(10).outputShape(of: [1, 2, 3]) == [1 << 10, 2 << 10, 3 << 10])
    for count in [40, 60, 200] {
      let error = #expect(throws: ShapeError.self) {
        try stack(count).outputShape(of: [1, 2, 3])
      }
      #expect(error?.isTooLarge == true)
      #expect(error?.description.contains("Stretch makes too much of") == true)
    }
    #expect(throws: ShapeError.self) { try stack(1).outputShape(of: [1 << 31, 1, 1]) }
    #expect(throws: ShapeError.self) { try stack(0).outputShape(of: [1 << 31, 1, 1]) }
  }

  @Test("A stack of such layers prints, with the outputs that are within the limits")
  func prints() {
    let stack = NumberStack {
      Dense(inputSize: 3, outputSize: 5)
      for _ in 0..<60 { Stretch(factor: 4) }
    }
    let outputs = stack.summary.rows.map(\.output)
    #expect(outputs.count == 61 && outputs[0] == ["T", "B", "5"])
    #expect(outputs[1] != nil && outputs[60] == nil)
    #expect("\(stack)".contains("60  Stretch"))
  }
}
