/// One step of a recurrence, forward and backward, for a block of streams.
///
/// `Recurrent`, in UnrollLayers, runs a cell over time: it owns lengths, restarts, truncation and
/// threads, so that a cell that says what one step does is stacked, reversed, padded, streamed and
/// trained like any other.
///
/// The input enters through ``projection``, computed for all steps in one product before the first step;
/// the weights that act inside the recurrence are the cell's own. A cell may also look at the input
/// itself, `run.input`, and gives it a gradient then, ``CellRun/addInputGradient(_:at:)``: for a highway,
/// say, or to change it by the state before it is projected, see ``projectsInput``.
public protocol RecurrentCell<Element>: Codable, Sendable {
  associatedtype Element: Scalar

  /// The name of the cell and of its layer in files and summaries; the type's name, without a
  /// final 'Cell', unless said otherwise.
  static var kind: String { get }
  /// What is done to the inputs of all steps at once.
  var projection: InputProjection<Element> { get set }
  /// Whether the input is projected for all steps before the first one, as it is unless said otherwise.
  ///
  /// A cell that multiplies with the weight of ``projection`` itself, step by step, says `false`:
  /// `run.projected` is zero then and the cell's own to write to, and the gradients of the projection's
  /// parameters and of the input are the cell's to give.
  var projectsInput: Bool { get }
  /// H: the first H numbers of the state are the output.
  var outputSize: Int { get }
  /// What is carried from step to step for each stream, by name and size, in the order in which it
  /// is stored: `["h": H]` unless said otherwise.
  var stateParts: KeyValuePairs<String, Int> { get }
  /// The sizes of the tensors that a step keeps for its backward, by name, beside its projected inputs
  /// and the states. None unless said otherwise.
  var savedSizes: [String: Int] { get }

  /// Packs the weights that the steps will multiply with, into `run.weights`. Called once before
  /// the steps of a pass; nothing is packed unless said otherwise.
  func pack(_ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context)

  /// Step `t`: from `run.projected` at `t` and `run.state` at `t` to `run.state` at `t + 1`.
  func step(_ t: Int, _ run: inout CellRun<Element>)

  /// The gradient of step `t`: turns `run.gradient` from that after the step into that before it,
  /// and leaves in `run.projected` at `t` the gradient of the projected inputs.
  func stepBackward(_ t: Int, _ run: inout CellRun<Element>)

  /// Adds the gradients of the weights that act inside the recurrence, for all steps at once.
  mutating func accumulate(_ run: CellRun<Element>, threads: Int)

  /// Calls `visit` with every parameter; must include those of ``projection``.
  mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows
}

/// The direction in which a pass goes through the steps.
public enum CellPass: Sendable {
  case forward
  case backward
}

extension RecurrentCell {
  public static var kind: String {
    let name = String(String(describing: Self.self).prefix { $0 != "<" })
    return name.hasSuffix("Cell") ? String(name.dropLast(4)) : name
  }

  public var inputSize: Int { projection.inputSize }
  public var stateParts: KeyValuePairs<String, Int> { ["h": outputSize] }
  public var projectsInput: Bool { true }
  public var savedSizes: [String: Int] { [:] }
  /// Z: the numbers that are carried from step to step, for each stream.
  public var stateSize: Int { stateParts.reduce(0) { $0 + $1.value } }

  public func pack(
    _ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context
  ) {}

  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {}

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
  }
}

// A cell by itself: one step, without a layer around it.
extension RecurrentCell {
  /// The state in which a sequence begins, `[B, Z]`: zeros.
  public func makeState(batch: Int) -> Tensor<Element> { Tensor(shape: [batch, stateSize]) }

  /// One step for an input `[B, I]` and a state `[B, Z]`: the state after it, whose first H columns
  /// are the output, and what ``stepBackward(_:through:)`` needs.
  ///
  /// - Parameter context: for training unless said otherwise. A cell with noise, such as zoneout,
  ///   draws the same numbers in every step with the same random source: give each step a child of
  ///   one, or step in `.inference`.
  public func step(
    _ input: Tensor<Element>, from state: Tensor<Element>, in context: Context = Context(threads: 1)
  ) -> (state: Tensor<Element>, run: CellRun<Element>) {
    input.expectShape([nil, inputSize], axes: "BI", of: "\(Self.kind) cell input")
    state.expectShape([input.shape[0], stateSize], axes: "BZ", of: "\(Self.kind) cell state")
    var run = CellRun(
      of: self, input: input.reshaped([1] + input.shape), from: state, streams: 0..<input.shape[0],
      in: context)
    if projectsInput {
      var packed = PackedMatrix<Element>()
      packed.pack(projection.weight.value.transposed, for: context)
      projection.project(&run, packed: packed)
    }
    pack(&run.weights, for: .forward, in: context)
    step(0, &run)
    return (run.state.step(1), run)
  }

  /// The gradients of one step, given that with respect to the state after it, `[B, Z]`, which
  /// includes that of the output. Parameters' gradients are added to.
  ///
  /// - Returns: the gradients with respect to the input, `[B, I]`, and the state before, `[B, Z]`;
  ///   and the run, whose `projected` is the gradient with respect to the projected inputs.
  public mutating func stepBackward(
    _ gradient: Tensor<Element>, through run: CellRun<Element>
  ) -> (input: Tensor<Element>, state: Tensor<Element>, run: CellRun<Element>) {
    gradient.expectShape([run.rows, stateSize], axes: "BZ", of: "\(Self.kind) cell gradient")
    var run = run
    run.gradient = gradient
    pack(&run.weights, for: .backward, in: run.context)
    stepBackward(0, &run)
    if projectsInput { projection.accumulate(run, threads: 1) }
    accumulate(run, threads: 1)
    let input = run.inputGradient(
      through: projectsInput ? PackedMatrix(projection.weight.value.matrix) : nil)
    return (input.reshaped([run.rows, inputSize]), run.gradient, run)
  }
}
