import UnrollCore

/// A cell whose recurrent product sees only some of the hidden units: for each stream one choice of
/// them, for all steps of a chunk (Gal and Ghahramani 2016).
///
///     W_hh h_{t-1} becomes W_hh (m * h_{t-1})       m = 0 with probability rate, else 1 / (1 - rate)
///
///     dh_{t-1} = m * (W_hh^T da)                    dW_hh = sum_t da_t (m * h_{t-1})^T
///
/// What the cell does with its state beside the product, such as a GRU's `z * h_{t-1}`, is not
/// touched. The cell inside multiplies by what ``CellRun/hidden(before:size:)`` gives, as every
/// built-in one with a recurrent product does; a ``LinearRecurrentCell`` has none.
///
/// # Shapes
/// Those of the cell inside.
public struct RecurrentDropoutCell<Element: Scalar>: CellWrapper {
  public var cell: AnyCell<Element>
  /// The probability with which a unit is not seen, in `[0, 1)`.
  public let rate: Double

  /// - Precondition: the rate is in `[0, 1)`, and the cell has a recurrent product.
  public init(_ cell: any RecurrentCell<Element>, rate: Double) {
    Self.require(0..<1 ~= rate, "RecurrentDropout: the rate \(rate) is not in 0..<1")
    Self.require(cell.problem == nil, "RecurrentDropout: \(cell.problem ?? "")")
    self.cell = AnyCell(cell)
    self.rate = rate
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    cell = try container.decode(AnyCell<Element>.self, forKey: .cell)
    rate = try container.decode(Double.self, forKey: .rate)
    try decoder.expect(0..<1 ~= rate, "the rate \(rate) is not in 0..<1")
    try decoder.expect(cell.cell.problem == nil, cell.cell.problem ?? "")
  }

  public func step(_ t: Int, _ run: inout CellRun<Element>) {
    if t == 0, let mask = mask(run) {
      run.recurrentMask = run.recurrentMask.map { $0 * mask } ?? mask
    }
    cell.cell.step(t, &run)
  }

  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    cell.cell.stepBackward(t, &run)
  }

  /// m, `[b, H]`; in inference all units are seen.
  private func mask(_ run: CellRun<Element>) -> Tensor<Element>? {
    guard run.context.mode == .training, rate > 0 else { return nil }
    let (H, seen) = (outputSize, Element(1 / (1 - rate)))
    let random = run.context.random.child("recurrent dropout").child(depth)
    return Tensor(uninitialized: [run.rows, H]) { mask in
      for (r, stream) in run.streams.enumerated() {
        for j in 0..<H { mask[r * H + j] = random.uniform(stream * H + j) < rate ? 0 : seen }
      }
    }
  }
}

extension RecurrentCell {
  /// Why there is nothing to drop, if so.
  fileprivate var problem: String? {
    if let wrapper = self as? any CellWrapper<Element> { return wrapper.cell.cell.problem }
    return self is any LinearRecurrentCell
      ? "\(Self.kind) has no recurrent product to drop from" : nil
  }
}

/// A recurrent layer with dropout of recurrent connections: ``Recurrent`` with a
/// ``RecurrentDropoutCell``.
///
/// ```
/// RecurrentDropout(LSTMCell(inputSize: 64, hiddenSize: 128), rate: 0.2)
/// ```
public typealias RecurrentDropout<Element: Scalar> = Recurrent<RecurrentDropoutCell<Element>>

extension Recurrent {
  /// A recurrent layer with dropout of recurrent connections.
  ///
  /// - Precondition: the rate is in `[0, 1)`, and the cell has a recurrent product.
  public init<E>(_ cell: any RecurrentCell<E>, rate: Double) where Cell == RecurrentDropoutCell<E> {
    self.init(RecurrentDropoutCell(cell, rate: rate))
  }
}
