/// One step of a network: what it makes of an input, and how a gradient goes back through it.
///
/// `forward` fills a cache, `backward` uses it; a state goes from one chunk of a sequence to the
/// next. A layer is a struct: a copy is a snapshot, and its stored properties, apart from the values
/// of its parameters, are its configuration, saved by the synthesized `Codable`.
///
/// A layer without a state conforms to ``StatelessLayer``, a recurrent one is best written as a
/// ``RecurrentCell``.
public protocol Layer<Element>: Codable, Sendable {
  associatedtype Element: Scalar
  associatedtype Input: Signal
  associatedtype Output: Signal
  /// What is carried from one chunk of a sequence to the next, for every stream.
  associatedtype State: Sendable = Void
  /// What `forward` keeps for the next `backward`.
  associatedtype Cache: Sendable

  /// The layer's name in files and summaries; the type's name unless said otherwise.
  static var kind: String { get }
  /// Whether no output depends on a later input; `true` unless said otherwise.
  var isCausal: Bool { get }

  /// The state in which a sequence begins.
  func makeState(batch: Int) -> State
  func makeCache() -> Cache

  /// The output for an input. `state` comes as the steps before left it and is left for those
  /// after. In `.inference` nothing is kept for `backward`.
  func forward(
    _ input: Input, state: inout State, cache: inout Cache, in context: Context
  ) -> Output

  /// The gradient with respect to the input, given that with respect to the output of the `forward`
  /// that filled this cache. Parameters' gradients are added to.
  ///
  /// `state` comes as the gradient with respect to the state after the chunk (zeros truncate
  /// back-propagation here) and is left as that with respect to the state before it.
  mutating func backward(
    _ gradient: Output.Gradient, state: inout State, cache: inout Cache, in context: Context
  ) -> Input.Gradient

  /// Calls `visit` with every parameter and its name, in a fixed order.
  mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows

  /// Calls `visit` with every tensor of a state, or of the gradient of one, and its name. Axis 0 is
  /// the stream.
  func visitState(
    _ state: inout State, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows

  /// Refuses a state that was read from a file and whose tensors have the right shapes, each for
  /// itself, but do not belong together. Nothing is refused unless said otherwise; a layer that has
  /// layers inside asks them.
  ///
  /// - Throws: ``StateError``.
  func checkState(_ state: State) throws

  /// The number of features, the length of an input's last axis, where the layer takes one number only;
  /// `nil`, unless said otherwise, where it takes any, and for tokens.
  ///
  /// A ``Sequential`` checks the sizes of its layers by it when it is made.
  var inputFeatures: Int? { get }

  /// The shape of the output for an input of this shape; unchanged unless said otherwise.
  ///
  /// A layer that has layers inside asks them by ``Layer/boundedOutputShape(of:)``.
  ///
  /// - Throws: ``ShapeError`` where the layer does not take such an input.
  func outputShape(of input: [Int]) throws -> [Int]

  /// Refuses an input that `forward` would stop the program at: a shape that the layer
  /// does not take, and whatever else its numbers must be. For a server, say, that is handed its inputs.
  /// Unless said otherwise the shape is checked; a layer that has layers inside asks the first of them.
  ///
  /// - Throws: ``InputError``.
  func checkInput(_ input: Input) throws

  /// The stacks of layers inside, for summaries: one for a wrapper, two for what reads in both directions;
  /// none unless said otherwise.
  var innerLayers: [[any Layer<Element>]] { get }

  /// What the ends of the output have seen of a sequence, given what those of the input have. A
  /// ``Sequential`` asks when it is made, and not when it is loaded: what was trained so is as it is.
  ///
  /// Unless said otherwise, a layer with a state reads the steps before, so that its last step has
  /// seen all of them, ``SequenceEnds/whole``; and one without a state makes a step of the same
  /// step, ``SequenceEnds/mixingFeatures``. Say otherwise in a layer without a state that reads other
  /// steps, in one that keeps the features apart, and in one with layers inside: those are asked.
  ///
  /// - Throws: ``StackError`` where the layer takes a step for the summary of a sequence, and the
  ///   step is none.
  func ends(after input: SequenceEnds) throws -> SequenceEnds
}

/// An input shape that a layer does not take.
public struct ShapeError: Error, CustomStringConvertible {
  public let description: String
  /// The kind of the layer.
  let layer: String?
  /// What the layer takes; `nil` of a shape that is larger than any may be.
  let expected: String?
  /// Whether the shape is larger than any may be.
  package var isTooLarge: Bool { expected == nil }

  /// - Parameters:
  ///   - layer: the kind of the layer.
  ///   - expected: what the layer takes, as in `[T, B, 4]`.
  ///   - shape: what came.
  public init(_ layer: String, expected: String, got shape: [Int]) {
    description = "\(layer) takes \(expected), not \(shape)"
    self.layer = layer
    self.expected = expected
  }

  init(tooLarge description: String) {
    self.description = description
    (layer, expected) = (nil, nil)
  }
}

extension Layer {
  public static var kind: String { String(String(describing: Self.self).prefix { $0 != "<" }) }
  public var isCausal: Bool { true }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {}

  public func checkState(_ state: State) throws {}

  public var inputFeatures: Int? { nil }
  public var innerLayers: [[any Layer<Element>]] { [] }

  public func outputShape(of input: [Int]) throws -> [Int] { input }

  public func ends(after input: SequenceEnds) throws -> SequenceEnds {
    input == .pooled ? .pooled : .whole
  }

  /// The output for sequences from a fresh state, with nothing kept.
  ///
  /// - Parameter batch: the number of streams; by default that of the input where it is tokens or a tensor,
  ///   else 1.
  public func callAsFunction(_ input: Input, batch: Int? = nil) -> Output {
    var state = makeState(batch: batch ?? Self.streams(of: input))
    var cache = makeCache()
    return forward(input, state: &state, cache: &cache, in: Context(.inference))
  }
}

extension Layer where Cache == Void {
  public func makeCache() {}
}

extension Layer where State == Void {
  public func makeState(batch: Int) {}

  public func ends(after input: SequenceEnds) throws -> SequenceEnds { input.mixingFeatures }

  public func visitState(
    _ state: inout Void, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {}
}
