import UnrollFiles

/// What a recurrent cell does to its last output at every step: `W_hh h_{t-1}`, added to the projected
/// inputs.
public struct RecurrentWeight<Element: Scalar>: Codable, Sendable {
  /// `[P, H]`.
  public var weight: Parameter<Element>

  /// - Parameters:
  ///   - hiddenSize: H, the number of outputs of the cell.
  ///   - outputSize: P, the number of projected features.
  ///   - initializer: how the weight is drawn.
  public init(hiddenSize: Int, outputSize: Int, _ initializer: Initializer = .orthogonal) {
    weight = Parameter([outputSize, hiddenSize], initializer)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    weight = try container.decode(Parameter<Element>.self, forKey: .weight)
    try decoder.expect(weight.shape.count == 2, "\(weight.shape) is no recurrent weight")
  }

  /// H, the number of outputs of the cell.
  public var hiddenSize: Int { weight.shape[1] }

  /// Packs the weight as the steps of a pass need it.
  @specialized(where Element == Float)
  public func pack(
    _ packed: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context
  ) {
    if packed.isEmpty { packed = [PackedMatrix()] }
    let matrix = weight.value.matrix
    packed[0].pack(
      pass == .forward ? matrix.transposed : matrix, for: context, threads: context.threads)
  }

  /// Adds `W_hh h_{t-1}` to the projected inputs of step `t`.
  @specialized(where Element == Float)
  public func addProduct(_ t: Int, _ run: inout CellRun<Element>) {
    run.projected.addProduct(
      run.hidden(before: t..<(t + 1), size: hiddenSize), packed(run), rows: run.rows(at: t),
      threads: run.context.threads)
  }

  /// Makes the hidden part of the state's gradient `W_hh^T da_t`, `da_t` being in `run.projected`.
  @specialized(where Element == Float)
  public func setHiddenGradient(_ t: Int, _ run: inout CellRun<Element>) {
    run.setHiddenGradient(run.projected.matrix.rows(run.rows(at: t)), packed(run))
  }

  /// Adds `W_hh h_{t-1}` to the projected inputs of some rows at step `t`.
  @specialized(where Element == Float)
  package func addProduct(_ t: Int, _ rows: RunRows<Element>) {
    rows.multiplyHidden(
      before: t, rows.weights[0], into: rows.projected[t], width: rows.projected.width, adding: true
    )
  }

  /// Makes the hidden part of the state's gradient `W_hh^T da_t` for some rows.
  @specialized(where Element == Float)
  package func setHiddenGradient(_ t: Int, _ rows: RunRows<Element>) {
    rows.multiplyIntoHiddenGradient(
      rows.projected[t], width: rows.projected.width, rows.weights[0], adding: false)
  }

  @specialized(where Element == Float)
  private func packed(_ run: CellRun<Element>) -> PackedMatrix<Element> {
    require(
      !run.weights.isEmpty,
      "RecurrentWeight: it is not packed; call its pack(_:for:in:) in that of the cell")
    return run.weights[0]
  }

  /// Adds `sum_t da_t h_{t-1}^T` to the gradient of the weight.
  @specialized(where Element == Float)
  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    weight.gradient.addProduct(
      run.projected.transposed, run.hidden(before: 0..<run.steps, size: hiddenSize),
      threads: threads)
  }

  /// Calls `visit` with `weight_hh`.
  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try visit("weight_hh", &weight)
  }
}
