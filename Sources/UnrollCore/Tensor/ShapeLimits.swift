/// What a shape may be that a file decides on: of a parameter, of a saved state, and of what layers
/// make of one another's outputs.
///
/// Within these limits nothing that layers compute of shapes overflows: a few axes added up, one of
/// them times the number of gates or directions, the product of two, and the bytes of all elements
/// each fit an `Int`.
package enum ShapeLimits {
  /// The most axes, as many as NumPy and PyTorch have.
  package static let rank = 64
  /// The longest axis.
  package static let axis = Int(Int32.max)
  /// The most elements.
  package static let count = 1 << 59

  /// What is wrong with a shape, if anything.
  package static func problem(of shape: [Int]) -> String? {
    guard shape.count <= rank else {
      return "a shape of \(shape.count) axes is more than the \(rank) allowed"
    }
    guard shape.allSatisfy({ 0...axis ~= $0 }) else {
      return "the shape \(shape) has an axis that is not in 0...\(axis)"
    }
    var elements = 1
    // An axis without elements does not hide the product of the others.
    for size in shape where size != 0 {
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard !overflow, product <= count else {
        return "the shape \(shape) has more than the \(count) elements allowed"
      }
      elements = product
    }
    return nil
  }
}

extension Layer {
  /// ``outputShape(of:)`` within limits that no arithmetic of shapes overflows in: axes of at most
  /// 2^31 - 1, 64 of them, and 2^59 elements. A file may put layers together that each double the
  /// number of features, sixty times.
  ///
  /// A layer that has layers inside asks them by this, as ``Sequential`` does.
  ///
  /// - Throws: ``ShapeError`` where the layer does not take such an input, or makes something larger
  ///   of it.
  public func boundedOutputShape(of input: [Int]) throws -> [Int] {
    let output = try outputShape(of: input)
    if let problem = ShapeLimits.problem(of: output) {
      throw ShapeError(tooLarge: "\(Self.kind) makes too much of \(input): \(problem)")
    }
    return output
  }
}
