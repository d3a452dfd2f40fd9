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
  /// How many inputs a step sees, 1 unless said otherwise: with k, `x_{t-k+1}` to `x_t` side by
  /// side, zeros before the sequence begins. `run.input` and the projection then have k times as
  /// many columns as the layer's input; what came before a chunk is carried beside the state.
  var inputWidth: Int { get }
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

  /// Whether the passes over all steps, ``sweep(_:)`` and ``sweepBackward(_:outputGradient:)``, share a
  /// run out among the threads of its context by themselves. Unless they do, each thread has a run of
  /// some of the streams.
  var sharesRun: Bool { get }

  /// All steps of a run: ``step(_:_:)`` after step, unless said otherwise. Where a sequence has ended
  /// its state stays as it is.
  func sweep(_ run: inout CellRun<Element>)

  /// The gradients of all steps, given those of the outputs of all streams of the batch,
  /// `[T, B, H]`, zero beyond the lengths: ``stepBackward(_:_:)`` by step unless said otherwise.
  ///
  /// `run.gradient` comes as that with respect to the state after the last step and is left as that
  /// before the first.
  func sweepBackward(_ run: inout CellRun<Element>, outputGradient: Tensor<Element>)

  /// Adds the gradients of the weights that act inside the recurrence, for all steps and streams at
  /// once.
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

  /// I, the number of features of the input: those of the projection, divided by ``inputWidth``.
  public var inputSize: Int { projection.inputSize / inputWidth }
  public var inputWidth: Int { 1 }
  public var stateParts: KeyValuePairs<String, Int> { ["h": outputSize] }
  public var projectsInput: Bool { true }
  public var sharesRun: Bool { false }
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
