import UnrollCore

/// A convolution over time: a step is a linear map of itself and of the steps around it.
///
///     y_t = b + sum over k of W_k x_{t + (k - c) d}        k = 0...K-1
///
///     dx_s = sum over k of W_k^T dy_{s - (k - c) d}        dW_k = sum over t of dy_t x_{t + (k - c) d}^T
///
/// Centered, c = (K - 1) / 2, and there are zeros beyond both ends of a sequence; the steps are those of one
/// chunk: give each sequence whole. Causal, c = K - 1, so that no step sees a later one; the inputs that
/// the next chunk still sees are carried over to it.
///
/// ```
/// Convolution(inputSize: 12, outputSize: 64, width: 7)
/// Activation(.relu)
/// ```
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, O]`; `weight [O, K I]` begins by Glorot's rule, `bias [O]` at zero. The columns of
/// `weight` are W_0, then W_1: PyTorch's `Conv1d` has `[O, I, K]`. State `[B, (K - 1) d, I]`, oldest first, or
/// `[B, 0, I]` of a centered one.
public struct Convolution<Element: Scalar>: Layer {
  /// Which steps a step sees.
  public enum Padding: String, Codable, Sendable {
    /// As many before it as after it; of an even width one more after it.
    case centered
    /// Itself and those before it.
    case causal
  }

  /// The map of the K steps side by side, `[O, K I]`.
  var map: Dense<Element>
  /// The steps that a step sees, K.
  public let width: Int
  /// How far these are apart, d.
  public let dilation: Int
  public let padding: Padding

  /// What forward keeps.
  public struct Cache: Sendable {
    var map: Dense<Element>.Cache
  }

  /// - Parameters:
  ///   - inputSize: I, the features of the input.
  ///   - outputSize: O, the features of the output.
  ///   - width: K, how many steps a step sees.
  ///   - dilation: d, how far these are apart.
  public init(
    inputSize: Int, outputSize: Int, width: Int, dilation: Int = 1, padding: Padding = .centered
  ) {
    self.init(inputSize, outputSize, width, dilation, padding)
  }

  private init(
    _ inputSize: Int, _ outputSize: Int, _ width: Int, _ dilation: Int, _ padding: Padding
  ) {
    Self.require(
      inputSize > 0 && outputSize > 0 && Self.isPossible(width, dilation),
      "Convolution: inputSize \(inputSize), outputSize \(outputSize), width \(width), dilation "
        + "\(dilation)")
    map = Dense(inputSize: width * inputSize, outputSize: outputSize)
    self.width = width
    self.dilation = dilation
    self.padding = padding
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    map = try container.decode(Dense<Element>.self, forKey: .map)
    width = try container.decode(Int.self, forKey: .width)
    dilation = try container.decode(Int.self, forKey: .dilation)
    padding = try container.decode(Padding.self, forKey: .padding)
    try decoder.expect(
      Self.isPossible(width, dilation) && map.inputSize % width == 0,
      "a width of \(width), a dilation of \(dilation) and a weight \(map.weight.shape)")
  }

  private static func isPossible(_ width: Int, _ dilation: Int) -> Bool {
    (1..<(1 << 20)).contains(width) && (1..<(1 << 20)).contains(dilation)
      && width * dilation < 1 << 24
  }

  /// I, the features of the input.
  public var inputSize: Int { map.inputSize / width }
  /// O, the features of the output.
  public var outputSize: Int { map.outputSize }
  /// The steps between the first and the last that a step sees.
  private var reach: Int { (width - 1) * dilation }
  /// Those before it.
  private var before: Int { padding == .causal ? reach : (width - 1) / 2 * dilation }
  /// The steps of the state.
  private var carried: Int { padding == .causal ? reach : 0 }

  public var isCausal: Bool { padding == .causal }

  public func makeState(batch: Int) -> Tensor<Element> {
    Tensor(shape: [batch, carried, inputSize])
  }

  public func makeCache() -> Cache { Cache(map: map.makeCache()) }

  public func forward(
    _ input: Tensor<Element>, state: inout Tensor<Element>, cache: inout Cache, in context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, inputSize], axes: "TBI", of: "Convolution input")
    let batch = input.shape[1]
    state.expectShape([batch, carried, inputSize], axes: "BSI", of: "Convolution state")
    let restarts = context.resolvedRestarts(batch: batch)
    var padded = Tensor<Element>(shape: [input.shape[0] + reach, batch, inputSize])
    padded.setSteps(before..<(before + input.shape[0]), to: input.zeroingPadding(in: context))
    forEachCarried(batch) { b, s in
      if restarts?[b] != true { padded.setRow(s * batch + b, to: state.row(b * carried + s)) }
    }
    for (b, length) in context.resolvedLengths(time: input.shape[0], batch: batch).enumerated() {
      for s in 0..<carried {
        state.setRow(b * carried + s, to: padded.row((length + s) * batch + b))
      }
    }
    return map.forward(
      padded.taps(width, dilation, steps: input.shape[0]), cache: &cache.map, in: context)
  }

  public mutating func backward(
    _ gradient: Tensor<Element>, state: inout Tensor<Element>, cache: inout Cache,
    in context: Context
  ) -> Tensor<Element> {
    gradient.expectShape([nil, nil, outputSize], axes: "TBO", of: "Convolution output gradient")
    let (time, batch) = (gradient.shape[0], gradient.shape[1])
    state.expectShape([batch, carried, inputSize], axes: "BSI", of: "Convolution state gradient")
    let taps = map.backward(gradient, cache: &cache.map, in: context)
    var padded = Tensor<Element>(shape: [time + reach, batch, inputSize])
    padded.addTaps(taps, width, dilation)
    for (b, length) in context.resolvedLengths(time: time, batch: batch).enumerated() {
      for s in 0..<carried {
        padded.addToRow((length + s) * batch + b, state.row(b * carried + s))
      }
    }
    let restarts = context.resolvedRestarts(batch: batch)
    state = makeState(batch: batch)
    forEachCarried(batch) { b, s in
      if restarts?[b] != true { state.setRow(b * carried + s, to: padded.row(s * batch + b)) }
    }
    return padded.steps(before..<(before + time)).zeroingPadding(in: context)
  }

  private func forEachCarried(_ batch: Int, _ body: (_ stream: Int, _ step: Int) -> Void) {
    for s in 0..<carried { for b in 0..<batch { body(b, s) } }
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try map.visitParameters(visit)
  }

  public func visitState(
    _ state: inout Tensor<Element>, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try visit("inputs", &state)
  }

  /// A step sees those near it alone.
  public func ends(after input: SequenceEnds) throws -> SequenceEnds { input.mixingFeatures }

  public var inputFeatures: Int? { inputSize }

  public func outputShape(of input: [Int]) throws -> [Int] {
    guard input.count == 3, input[2] == inputSize else {
      throw ShapeError(Self.kind, expected: "[T, B, \(inputSize)]", got: input)
    }
    return [input[0], input[1], outputSize]
  }
}

extension Convolution where Element == Float {
  /// - Parameters:
  ///   - inputSize: I, the features of the input.
  ///   - outputSize: O, the features of the output.
  ///   - width: K, how many steps a step sees.
  ///   - dilation: d, how far these are apart.
  public init(
    inputSize: Int, outputSize: Int, width: Int, dilation: Int = 1, padding: Padding = .centered
  ) {
    self.init(inputSize, outputSize, width, dilation, padding)
  }
}
