import UnrollCore

/// The rows of a window as steps of a sequence, with what is known of the whole window beside each: for a stack that
/// ends in a forecast of all rows ahead, as direct multi-step forecasters do.
///
/// ```
/// WindowSteps(horizon: 24, pastColumns: 3, futureColumns: 2, categories: [7])
/// GRU(inputSize: 58, hiddenSize: 64)           // 3 + 7 + 24 * 2
/// LastStep()
/// Dense(inputSize: 64, outputSize: 24)
/// ```
///
/// # Shapes
/// Past `[T, B, F]`, future `[H, B, K]`, categories `[S, B]`. Output `[T, B, F + V + H K]`: the past; a 1 among
/// zeros for each category, of V in all; and what is known of the first row ahead, then of the second.
public struct WindowSteps<Element: Scalar>: StatelessLayer {
  public let horizon: Int
  public let pastColumns: Int
  public let futureColumns: Int
  /// How many there are of each category.
  public let categories: [Int]

  /// - Precondition: sizes that are positive; `futureColumns` may be 0.
  public init(horizon: Int, pastColumns: Int = 1, futureColumns: Int = 0, categories: [Int] = []) {
    (self.horizon, self.pastColumns) = (horizon, pastColumns)
    (self.futureColumns, self.categories) = (futureColumns, categories)
    if let problem { Self.require(false, "WindowSteps: \(problem)") }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    horizon = try container.decode(Int.self, forKey: .horizon)
    pastColumns = try container.decode(Int.self, forKey: .pastColumns)
    futureColumns = try container.decode(Int.self, forKey: .futureColumns)
    categories = try container.decode([Int].self, forKey: .categories)
    try decoder.expect(problem == nil, problem ?? "")
  }

  private var problem: String? {
    let sizes = [horizon, pastColumns] + categories
    return sizes.allSatisfy { (1..<(1 << 20)).contains($0) } && categories.count < 1 << 10
      && (0..<(1 << 20)).contains(futureColumns)
      ? nil : "a horizon of \(horizon), \(pastColumns) and \(futureColumns) columns, \(categories)"
  }

  /// The features of a step, F + V + H K.
  public var outputSize: Int { pastColumns + categories.reduce(0, +) + horizon * futureColumns }

  public func makeCache() {}

  public func forward(
    _ window: WindowInput<Element>, cache: inout Void, in context: Context
  ) -> Tensor<Element> {
    if let problem = problem(of: window) { Self.require(false, "WindowSteps: \(problem)") }
    let (time, batch, width) = (window.past.shape[0], window.batch, outputSize)
    let beside = beside(window)
    return Tensor(uninitialized: [time, batch, width]) { y in
      window.past.withUnsafeBufferPointer { x in
        for row in 0..<(time * batch) {
          let to = row * width
          for f in 0..<pastColumns { y[to + f] = x[row * pastColumns + f] }
          for (j, value) in beside[row % batch].enumerated() { y[to + pastColumns + j] = value }
        }
      }
    }
  }

  /// What is beside every step of each window.
  private func beside(_ window: WindowInput<Element>) -> [[Element]] {
    (0..<window.batch).map { b in
      var numbers: [Element] = []
      numbers.reserveCapacity(outputSize - pastColumns)
      for (s, count) in categories.enumerated() {
        let id = Int(window.categories.ids[s * window.batch + b])
        numbers += (0..<count).map { $0 == id ? 1 : 0 }
      }
      for h in 0..<(futureColumns == 0 ? 0 : horizon) {
        numbers += (0..<futureColumns).map { window.future[h, b, $0] }
      }
      return numbers
    }
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, cache: inout Void, in context: Context
  ) -> NoGradient {
    NoGradient()
  }

  private func problem(of window: WindowInput<Element>) -> String? {
    let (past, future) = (window.past.shape, window.future.shape)
    guard past[2] == pastColumns, future[2] == futureColumns,
      future[0] == horizon || futureColumns == 0, window.categories.time == categories.count
    else {
      return
        "expected a past [T, B, \(pastColumns)], a future [\(horizon), B, \(futureColumns)] and "
        + "\(categories.count) categories, got \(past), \(future) and \(window.categories.time)"
    }
    for (s, count) in categories.enumerated() {
      for b in 0..<window.batch {
        let id = window.categories.ids[s * window.batch + b]
        if id < 0 || id >= count { return "the id \(id) of a category that has \(count)" }
      }
    }
    return nil
  }

  public func checkInput(_ input: WindowInput<Element>) throws {
    if let problem = problem(of: input) { throw InputError("WindowSteps: \(problem)") }
  }

  public var inputFeatures: Int? { pastColumns }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == pastColumns else {
      throw ShapeError(Self.kind, expected: "[T, B, \(pastColumns)]", got: input)
    }
    return [input[0], input[1], outputSize]
  }
}

extension WindowSteps where Element == Float {
  /// - Precondition: sizes that are positive; `futureColumns` may be 0.
  public init(horizon: Int, pastColumns: Int = 1, futureColumns: Int = 0, categories: [Int] = []) {
    (self.horizon, self.pastColumns) = (horizon, pastColumns)
    (self.futureColumns, self.categories) = (futureColumns, categories)
    if let problem { Self.require(false, "WindowSteps: \(problem)") }
  }
}
