import UnrollCore

/// A cell whose state is, for each unit with a probability, kept as it was instead of being renewed
/// (Krueger et al. 2017). A gradient goes through what is kept unchanged.
///
///     s_t = m * s_{t-1} + (1 - m) * s'_t         m = 1 with probability rate, else 0
///
///     ds'_t = (1 - m) * ds_t                     ds_{t-1} = m * ds_t + (that of the cell inside)
///
/// `s'` is the state that the cell inside makes; `m` is drawn anew for each step, stream and unit, and
/// is its mean, the rate, in inference.
///
/// # Shapes
/// Those of the cell inside.
public struct ZoneoutCell<Element: Scalar>: CellWrapper {
  public var cell: AnyCell<Element>
  /// The rate for the output, h.
  public let hiddenRate: Double
  /// The rate for the rest of the state, such as an LSTM's c.
  public let memoryRate: Double

  /// - Parameters:
  ///   - cell: the cell inside.
  ///   - hiddenRate: the rate for the output, h.
  ///   - memoryRate: the rate for the rest of the state, such as an LSTM's c.
  /// - Precondition: rates are in `[0, 1)`.
  public init(_ cell: any RecurrentCell<Element>, hiddenRate: Double, memoryRate: Double = 0) {
    Self.require(
      0..<1 ~= hiddenRate && 0..<1 ~= memoryRate,
      "Zoneout: the rates \(hiddenRate) and \(memoryRate) are not in 0..<1")
    self.cell = AnyCell(cell)
    self.hiddenRate = hiddenRate
    self.memoryRate = memoryRate
  }

  // In files: they stay whatever the names become.
  private enum CodingKeys: String, CodingKey {
    case cell = "cell"
    case hiddenRate = "hidden"
    case memoryRate = "memory"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    cell = try container.decode(AnyCell<Element>.self, forKey: .cell)
    hiddenRate = try container.decode(Double.self, forKey: .hiddenRate)
    memoryRate = try container.decode(Double.self, forKey: .memoryRate)
    try decoder.expect(
      0..<1 ~= hiddenRate && 0..<1 ~= memoryRate,
      "the rates \(hiddenRate) and \(memoryRate) are not in 0..<1")
  }

  /// Those of the cell inside, and the state that it made.
  public var savedSizes: [String: Int] {
    cell.cell.savedSizes.merging([renewed: stateSize]) { own, _ in own }
  }

  /// The name of what is kept: there may be zoneout around zoneout.
  private var renewed: String { "renewed\(depth)" }

  public func step(_ t: Int, _ run: inout CellRun<Element>) {
    cell.cell.step(t, &run)
    let (before, renewed, kept) = (run.state.step(t), run.state.step(t + 1), kept(at: t, run))
    run.saved[self.renewed].setStep(t, to: renewed)
    run.state.setStep(t + 1, to: kept * before + (1 - kept) * renewed)
  }

  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (gradient, after, kept) = (run.gradient, run.state.step(t + 1), kept(at: t, run))
    // The cell inside finds the state that it made.
    run.state.setStep(t + 1, to: run.saved[renewed].step(t))
    run.gradient = (1 - kept) * gradient
    cell.cell.stepBackward(t, &run)
    run.state.setStep(t + 1, to: after)
    run.gradient += kept * gradient
  }

  /// m, `[b, Z]`.
  @specialized(where Element == Float)
  private func kept(at t: Int, _ run: CellRun<Element>) -> Tensor<Element> {
    let (Z, H, isTraining) = (stateSize, outputSize, run.context.mode == .training)
    let random = run.context.random.child("zoneout").child(depth)
      .child(run.context.firstStep + t)
    return Tensor(uninitialized: [run.rows, Z]) { kept in
      for (r, stream) in run.streams.enumerated() {
        for z in 0..<Z {
          let rate = z < H ? hiddenRate : memoryRate
          kept[r * Z + z] =
            isTraining ? (random.uniform(stream * Z + z) < rate ? 1 : 0) : Element(rate)
        }
      }
    }
  }
}

/// A recurrent layer with zoneout: ``Recurrent`` with a ``ZoneoutCell``.
///
/// ```
/// Zoneout(LSTMCell(inputSize: 64, hiddenSize: 128), hiddenRate: 0.05, memoryRate: 0.1)
/// ```
public typealias Zoneout<Element: Scalar> = Recurrent<ZoneoutCell<Element>>

extension Recurrent {
  /// A recurrent layer with zoneout; the parameters are those of ``ZoneoutCell``.
  public init<E>(_ cell: any RecurrentCell<E>, hiddenRate: Double, memoryRate: Double = 0)
  where Cell == ZoneoutCell<E> {
    self.init(ZoneoutCell(cell, hiddenRate: hiddenRate, memoryRate: memoryRate))
  }
}
