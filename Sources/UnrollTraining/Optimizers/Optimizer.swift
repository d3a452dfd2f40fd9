import UnrollCore

/// How parameters follow their gradients.
///
/// What an optimizer keeps of each parameter from step to step is in ``moments``, by the parameter's
/// name, so that a checkpoint has it without knowing the optimizer. What it was told is in
/// ``settings``.
public protocol Optimizer<Element>: Sendable {
  associatedtype Element: Scalar

  /// The name in checkpoints; the type's name unless said otherwise.
  static var kind: String { get }
  /// The names of what is kept of each parameter, in the order in which ``moments`` has it.
  static var momentNames: [String] { get }
  /// What it was told, such as a momentum, by name. A checkpoint has it, and a run that goes on is
  /// held to it: a name that has been used stays.
  var settings: [String: Double] { get }
  /// What is kept of each parameter, by its name: tensors of the parameter's shape.
  var moments: [String: [Tensor<Element>]] { get set }
  /// The part of a weight that is taken off at each step, for a learning rate of 1 (Loshchilov and
  /// Hutter 2019). Vectors, such as biases, do not decay unless a ``ParameterGroup`` says so.
  var weightDecay: Double { get }

  /// Moves a parameter by its gradient.
  ///
  /// - Parameter name: the parameter's, as the model visits it.
  mutating func update(
    _ parameter: inout Parameter<Element>, named name: String, by rule: UpdateRule)
}

/// How far one parameter is moved in one step.
public struct UpdateRule: Sendable {
  /// The number of the step, from 1.
  public var step: Int
  /// The size of the move.
  public var learningRate: Double
  /// The part of the weight that is taken off, for a learning rate of 1.
  public var weightDecay: Double
  /// How many threads may work; the result does not depend on it.
  public var threads: Int

  public init(step: Int, learningRate: Double, weightDecay: Double = 0, threads: Int = 1) {
    self.step = step
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.threads = threads
  }
}

extension Optimizer {
  public static var kind: String { String(String(describing: Self.self).prefix { $0 != "<" }) }

  /// Moves every parameter of a model by its gradient.
  ///
  /// - Parameters:
  ///   - step: the number of the step, from 1.
  ///   - groups: what some parameters have of their own.
  public mutating func update<Model: Layer<Element>>(
    _ model: inout Model, step: Int, learningRate: Double, groups: [ParameterGroup] = [],
    threads: Int = 1
  ) {
    let usualDecay = weightDecay
    model.visitParameters { name, parameter in
      let group = groups.first { $0.has(name) }
      if group?.isFrozen == true { return }
      let decay = group?.weightDecay ?? (parameter.shape.count > 1 ? usualDecay : 0)
      update(
        &parameter, named: name,
        by: UpdateRule(
          step: step, learningRate: learningRate * (group?.learningRate ?? 1), weightDecay: decay,
          threads: threads))
    }
  }

  /// Calls `body` with matching parts of a parameter's value, its gradient and its moments, several
  /// parts at a time.
  mutating func update(
    _ parameter: inout Parameter<Element>, named name: String, threads: Int,
    _ body:
      @Sendable (
        _ count: Int, _ value: UnsafeMutablePointer<Element>, _ gradient: UnsafePointer<Element>,
        _ moments: [UnsafeMutablePointer<Element>]
      ) -> Void
  ) {
    var kept =
      moments.removeValue(forKey: name)
      ?? Self.momentNames.map { _ in Tensor(shape: parameter.shape) }
    defer { moments[name] = kept }
    // A gradient without memory is zero: nothing came back to this parameter.
    var gradient = parameter.gradient
    parameter.gradient = Tensor(shape: [0])
    defer { parameter.gradient = gradient }
    let count = parameter.value.count
    var pointers: [UnsafeMutablePointer<Element>] = []
    for i in kept.indices {
      kept[i].withUnsafeMutableBufferPointer { $0.baseAddress.map { pointers.append($0) } }
    }
    parameter.value.withUnsafeMutableBufferPointer { value in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let value = value.baseAddress, let gradient = gradient.baseAddress else { return }
        nonisolated(unsafe) let (v, g, k) = (value, gradient, pointers)
        Threads.forEachRange(count, threads: threads, grain: 1 << 14) { range in
          body(
            range.count, v + range.lowerBound, g + range.lowerBound, k.map { $0 + range.lowerBound }
          )
        }
      }
    }
  }
}
