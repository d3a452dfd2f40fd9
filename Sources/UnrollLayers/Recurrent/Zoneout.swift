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
    let renewed = run.state.step(t + 1)
    run.saved[self.renewed].setStep(t, to: renewed)
    run.state.setStep(t + 1, to: keeping(run.state.step(t), or: renewed, at: t, run))
  }

  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (gradient, after) = (run.gradient, run.state.step(t + 1))
    // The cell inside finds the state that it made.
    run.state.setStep(t + 1, to: run.saved[renewed].step(t))
    let renewed = keeping(Tensor(shape: gradient.shape), or: gradient, at: t, run)
    run.gradient = renewed
    cell.cell.stepBackward(t, &run)
    run.state.setStep(t + 1, to: after)
    run.gradient += gradient - renewed
  }

  /// `m * kept + (1 - m) * renewed`, `[b, Z]`: one or the other in training, where m is 0 or 1.
  @specialized(where Element == Float)
  private func keeping(
    _ kept: Tensor<Element>, or renewed: Tensor<Element>, at t: Int, _ run: CellRun<Element>
  ) -> Tensor<Element> {
    let (Z, H, isTraining) = (stateSize, outputSize, run.context.mode == .training)
    let random = run.context.random.child("zoneout").child(depth)
      .child(run.context.firstStep + t)
    return Tensor(uninitialized: [run.rows, Z]) { mixed in
      kept.withUnsafeBufferPointer { kept in
        renewed.withUnsafeBufferPointer { renewed in
          for (part, rate) in [(0..<H, hiddenRate), (H..<Z, memoryRate)] {
            let (m, threshold) = (Element(rate), UInt64(rate * 0x1p53))
            for (r, stream) in run.streams.enumerated() {
              for z in part {
                let i = r * Z + z
                mixed[i] =
                  if isTraining {
                    random.bits(stream * Z + z) >> 11 < threshold ? kept[i] : renewed[i]
                  } else {
                    m * kept[i] + (1 - m) * renewed[i]
                  }
              }
            }
          }
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
