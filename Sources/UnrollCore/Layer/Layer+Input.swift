import UnrollFiles

/// An input that a model does not take, such as a token that its vocabulary does not have.
public struct InputError: Error, Equatable, CustomStringConvertible {
  /// One line: what is wrong with it.
  public let description: String

  /// - Parameter description: what is wrong, in one line.
  public init(_ description: String) {
    self.description = oneLine(description)
  }
}

extension Layer {
  public func checkInput(_ input: Input) throws { try checkInputShape(input) }

  /// What every layer checks of an input: that ``outputShape(of:)`` takes its shape.
  ///
  /// - Throws: ``InputError``.
  public func checkInputShape(_ input: Input) throws {
    let shape =
      (input as? Tensor<Element>)?.shape ?? (input as? Tokens).map { [$0.time, $0.batch] }
    guard let shape else { return }
    do {
      _ = try boundedOutputShape(of: shape)
    } catch {
      throw InputError("\(error)")
    }
  }

  func erasedCheckInput(_ input: any Sendable) throws {
    guard let input = input as? Input else { return }
    try checkInput(input)
  }

  /// The number of streams of an input, as far as its type says; else 1.
  static func streams(of input: Input) -> Int {
    if let tokens = input as? Tokens { return tokens.batch }
    guard let tensor = input as? Tensor<Element>, tensor.rank > 1 else { return 1 }
    return tensor.shape[tensor.rank > 2 ? 1 : 0]
  }
}
