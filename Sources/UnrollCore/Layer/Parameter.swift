import UnrollFiles

/// A trainable tensor and its gradient.
///
/// It holds no memory until it is initialized or loaded, and its gradient none until the first
/// backward. A layer's weights are what it visits, by name, in
/// ``Layer/visitParameters(_:)``; a parameter's coded form is its shape alone.
public struct Parameter<Element: Scalar>: Sendable {
  public let shape: [Int]
  public var value: Tensor<Element>
  /// The sum of what every backward since ``Layer/resetGradients()`` added.
  public var gradient: Tensor<Element>
  /// How ``Layer/initialize(seed:)`` draws the value.
  public var initializer: Initializer
  /// Whether an audit has come by. Only the copy that is audited is ever marked.
  var isVisited = false

  public init(_ shape: [Int], _ initializer: Initializer) {
    self.shape = shape
    self.initializer = initializer
    value = Tensor(shape: shape)
    gradient = Tensor(shape: shape)
  }

  /// The number of elements.
  public var count: Int { value.count }
}

extension Parameter: CustomStringConvertible {
  /// The shape: what a layer prints of its weights.
  public var description: String { "Parameter \(shape)" }
}

/// Counts the parameters that a coder meets and bounds how many elements they may ask for.
///
/// A coder without one refuses parameters, so that nobody saves a model without its weights by
/// mistake.
final class ParameterLedger: Sendable {
  private struct Tally {
    var seen = 0
    var budget: Int
    /// The layers of stacks that are being encoded, one within another.
    var layers: [String] = []
    /// The first parameter that no visit has marked.
    var unvisited: Unvisited?
  }

  private let tally: Locked<Tally>

  init(budget: Int = .max) {
    tally = Locked(Tally(budget: budget))
  }

  var seen: Int { tally.withLock { $0.seen } }

  /// Whether that many elements more are within the budget.
  func spend(_ elements: Int) -> Bool {
    tally.withLock { tally in
      tally.seen += 1
      guard elements <= tally.budget else { return false }
      tally.budget -= elements
      return true
    }
  }

  /// A parameter that no visit has marked, and the layers of stacks that it is in, outermost first.
  struct Unvisited {
    var parameter: String
    var layers: [String]

    var description: String {
      (["'\(parameter)'"] + layers.reversed()).joined(separator: " of ")
    }
  }

  var unvisited: Unvisited? { tally.withLock { $0.unvisited } }

  /// Encodes a layer of a stack.
  func encoding(_ kind: String, at index: Int, _ body: () throws -> Void) rethrows {
    tally.withLock { $0.layers.append("layer \(index), \(kind)") }
    try body()
    tally.withLock { _ = $0.layers.removeLast() }
  }

  /// Notes a parameter that is encoded.
  func note<Element>(_ parameter: Parameter<Element>, at path: [any CodingKey]) {
    tally.withLock { tally in
      tally.seen += 1
      guard !parameter.isVisited, tally.unvisited == nil else { return }
      // What is before it is the way to the layer.
      let own = path.map(\.text).split(separator: "layer", omittingEmptySubsequences: false).last
      tally.unvisited = Unvisited(
        parameter: own?.joined(separator: ".") ?? "", layers: tally.layers)
    }
  }
}

extension CodingKey {
  fileprivate var text: String { intValue.map { "\($0)" } ?? stringValue }
}

extension CodingUserInfoKey {
  static let parameterLedger = CodingUserInfoKey(rawValue: "unroll.ledger")!
  static let layerRegistry = CodingUserInfoKey(rawValue: "unroll.registry")!
}

extension Parameter: Codable {
  private enum Key: String, CodingKey {
    case shape
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let ledger = decoder.userInfo[.parameterLedger] as? ParameterLedger else {
      throw DecodingError.dataCorruptedError(
        forKey: .shape, in: container,
        debugDescription: "parameters are decoded from model files only")
    }
    let shape = try container.decode([Int].self, forKey: .shape)
    func refuse(_ what: String) -> DecodingError {
      .dataCorruptedError(forKey: .shape, in: container, debugDescription: what)
    }
    if shape.count > ShapeLimits.rank, let problem = ShapeLimits.problem(of: shape) {
      throw refuse(problem)
    }
    var count = 1
    for axis in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis)
      guard axis > 0, !overflow else { throw refuse("\(shape) is no shape") }
      count = product
    }
    guard ledger.spend(count) else {
      throw refuse("the shape \(shape) is more than the file holds")
    }
    // Of a file that is large enough.
    if let problem = ShapeLimits.problem(of: shape) { throw refuse(problem) }
    self.init(shape, .zeros)
  }

  public func encode(to encoder: any Encoder) throws {
    guard let ledger = encoder.userInfo[.parameterLedger] as? ParameterLedger else {
      throw EncodingError.invalidValue(
        self,
        EncodingError.Context(
          codingPath: encoder.codingPath,
          debugDescription: "a layer's coded form leaves its weights out; save a model file"))
    }
    ledger.note(self, at: encoder.codingPath)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(shape, forKey: .shape)
  }
}

extension Optional {
  /// Visits a parameter that need not be there, in place: `bias.visit("bias", visit)`.
  public mutating func visit<Element>(
    _ name: String, _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows where Wrapped == Parameter<Element> {
    guard var parameter = take() else { return }
    defer { self = parameter }
    try visit(name, &parameter)
  }
}
