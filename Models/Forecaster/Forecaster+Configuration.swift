import UnrollCore
import UnrollLayers
import UnrollSeries

extension Forecaster {
  /// How a network goes from a window to the rows ahead.
  public enum Kind: String, Sendable, CaseIterable {
    /// By segments, all rows ahead at once: a ``SegmentNetwork`` around recurrent layers.
    case segment
    /// Row by row, all rows ahead from the last state: ``WindowSteps``, recurrent layers, and a linear one.
    case direct
  }

  /// What a network is made of.
  public struct Configuration: Sendable, Equatable {
    public var kind: Kind
    /// The cell of every recurrent layer.
    public var cell: NamedCell
    /// Hidden units of each recurrent layer, and the features of a segment.
    public var hidden: Int
    /// Recurrent layers.
    public var layers: Int
    /// The rows of a segment; `nil` for as many as suit the window and the horizon.
    public var segment: Int?
    /// How often a feature is dropped in training, in `[0, 1)`.
    public var dropout: Double

    public init(
      kind: Kind = .segment, cell: NamedCell = .gru, hidden: Int = 256, layers: Int = 1,
      segment: Int? = nil,
      dropout: Double = 0.5
    ) {
      self.kind = kind
      self.cell = cell
      self.hidden = hidden
      self.layers = layers
      self.segment = segment
      self.dropout = dropout
    }

    /// The network for windows of numbers.
    ///
    /// - Parameters:
    ///   - levels: how many quantiles it gives of each row ahead; 0 for points.
    ///   - seed: what its first weights are drawn from; with `nil` they are zero and hold no memory.
    public func network(
      for preparation: SeriesPreparation, levels: Int = 0, seed: UInt64?
    ) -> Network {
      kind == .segment
        ? segmented(preparation, levels, seed) : direct(preparation, levels, seed)
    }

    private func direct(
      _ preparation: SeriesPreparation, _ levels: Int, _ seed: UInt64?
    ) -> Network {
      let horizon = preparation.window.horizon
      let steps = WindowSteps(
        horizon: horizon, pastColumns: preparation.pastColumns,
        futureColumns: preparation.futureColumns, categories: preparation.categorySizes)
      return Network(seed: seed) {
        steps
        for layer in 0..<layers { cell.make(layer == 0 ? steps.outputSize : hidden, hidden).layer }
        LastStep()
        if dropout > 0 { Dropout(rate: dropout) }
        Dense(inputSize: hidden, outputSize: horizon * max(1, levels))
        if levels > 0 { IncrementalQuantiles(count: levels) }
      }
    }

    private func segmented(
      _ preparation: SeriesPreparation, _ levels: Int, _ seed: UInt64?
    ) -> Network {
      let window = preparation.window
      let segment =
        segment ?? Self.segment(length: window.length, horizon: window.horizon)
      return Network(seed: seed) {
        SegmentNetwork(
          SegmentNetwork<Float>.Sizes(
            segment: segment, horizon: window.horizon, pastColumns: preparation.pastColumns,
            futureColumns: preparation.futureColumns, outputs: max(1, levels),
            categories: preparation.categorySizes),
          width: hidden, outputWidth: hidden, dropout: dropout
        ) {
          for _ in 0..<layers { cell.make(hidden, hidden).layer }
        }
        if levels > 0 { IncrementalQuantiles(count: levels) }
      }
    }

    /// The rows of a segment: at most 48, as many as cut the window and the horizon without a rest where there are
    /// such.
    public static func segment(length: Int, horizon: Int) -> Int {
      let most = min(48, max(horizon, length / 8), length)
      let even = (1...most).filter { length % $0 == 0 && horizon % $0 == 0 }.max() ?? 1
      return even * 2 >= most ? even : (1...most).filter { length % $0 == 0 }.max() ?? most
    }
  }
}
