import Foundation
import UnrollCore

/// The numbers of a reference implementation, written by the script beside them.
public struct Golden: Decodable, Sendable {
  public struct Numbers: Decodable, Sendable {
    public var shape: [Int]
    public var values: [Double]

    public func tensor<Element: Scalar>(_ type: Element.Type = Element.self) -> Tensor<Element> {
      Tensor(shape: shape, scalars: values.map { Element($0) })
    }
  }

  public struct Training: Decodable, Sendable {
    public var time: Int
    public var batch: Int
    public var ids: [Int32]
    public var weights: [String: Numbers]
    public var losses: [Double]
    public var final: [String: Numbers]
  }

  public var layer: [String: Numbers]
  public var training: Training

  /// The folder of golden numbers and of the scripts that made them.
  public static var fixtures: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures")
  }

  public static func load(_ name: String) throws -> Golden {
    try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: fixtures.appendingPathComponent(name)))
  }
}

/// Numbers without a pattern, in `[-1, 1]`.
public func noise<Element: Scalar>(
  _ shape: [Int], seed: UInt64 = 1, as type: Element.Type = Element.self
) -> Tensor<Element> {
  let random = RandomSource(seed: seed)
  let count = shape.reduce(1, *)
  return Tensor(shape: shape, scalars: (0..<count).map { Element(random.uniform($0) * 2 - 1) })
}

/// The largest difference between two tensors' elements, of large ones in proportion: of 100 a bound of
/// 1e-5 is below the spacing of single precision. Infinite where one is not a number.
public func difference<Element: Scalar>(_ a: Tensor<Element>, _ b: Tensor<Element>) -> Double {
  guard a.shape == b.shape else { return .infinity }
  return zip(a.scalars, b.scalars).reduce(0) {
    let (x, y) = (Double($1.0), Double($1.1))
    let d = abs(x - y) / max(1, abs(x), abs(y))
    return d.isNaN ? .infinity : max($0, d)
  }
}
