/// A cell without a product in its recurrence: each number that it carries is multiplied by one
/// number and has another added, and both come from the inputs alone.
///
///     c_t = a_t * c_{t-1} + b_t
///
/// and backwards, with `dc_t` the gradient that comes from the output and from the step after:
///
///     dc_t = (that of h_t) + a_{t+1} * dc_{t+1}        da_t = dc_t * c_{t-1}        db_t = dc_t
///
/// So a and b are computed for all steps at once, from products over all steps, and the way over
/// time is one pass of a kernel. The cell says what a and b are, and what follows from their
/// gradients; lengths, carried states and the pass are not its concern. `step` and `stepBackward`
/// come for free, so that it is wrapped, called by itself and run like any other ``RecurrentCell``.
///
/// What is carried is also the output, h, and the state is that alone. A cell whose output is
/// something else has two parts in its state, h and c, and an ``output(of:_:)`` of its own, which is
/// not called otherwise.
///
/// # Shapes
/// a, b and c are `[T, b, C]`, for T steps and b streams; C is the size of the last of the
/// ``RecurrentCell/stateParts``, H where there is one.
public protocol LinearRecurrentCell<Element>: RecurrentCell {
  /// a and b for all steps, from `run.projected`, `[T, b, P]`. What the gradients need is kept
  /// there, or in `run.saved`.
  func coefficients(_ run: inout CellRun<Element>) -> LinearCoefficients<Element>

  /// Leaves in `run.projected` the gradient of the projected inputs of all steps, given those of a
  /// and b.
  func coefficientsBackward(
    _ gradient: LinearCoefficients<Element>, _ run: inout CellRun<Element>)

  /// h for all steps, `[T, b, H]`, from c; c itself unless said otherwise.
  func output(of carried: Tensor<Element>, _ run: inout CellRun<Element>) -> Tensor<Element>

  /// The gradient of c through h, given that of h. Called before ``coefficientsBackward(_:_:)``;
  /// what belongs to the projected inputs may be left in `run.projected` already.
  func outputBackward(
    _ gradient: Tensor<Element>, of carried: Tensor<Element>, _ run: inout CellRun<Element>
  ) -> Tensor<Element>
}

extension LinearRecurrentCell {
  public func output(
    of carried: Tensor<Element>, _ run: inout CellRun<Element>
  ) -> Tensor<Element> {
    carried
  }

  public func outputBackward(
    _ gradient: Tensor<Element>, of carried: Tensor<Element>, _ run: inout CellRun<Element>
  ) -> Tensor<Element> {
    gradient
  }

  /// C, the numbers that are carried for each stream.
  public var carriedSize: Int { stateSize - (mapsOutput ? outputSize : 0) }
  /// Whether the output is something else than what is carried.
  var mapsOutput: Bool { stateParts.count > 1 }
}
