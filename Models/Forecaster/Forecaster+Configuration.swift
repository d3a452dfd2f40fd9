import UnrollCore
import UnrollLayers
import UnrollSeries

extension Forecaster {
  /// What a network is made of: a ``SegmentNetwork`` around recurrent layers.
  public struct Configuration: Sendable, Equatable {
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
      cell: NamedCell = .gru, hidden: Int = 256, layers: Int = 1, segment: Int? = nil,
      dropout: Double = 0.5
    ) {
      self.cell = cell
      self.hidden = hidden
      self.layers = layers
      self.segment = segment
      self.dropout = dropout
    }

    /// The network for windows of numbers.
    ///
    /// - Parameter seed: what its first weights are drawn from; with `nil` they are zero and hold no memory.
    public func network(for preparation: SeriesPreparation, seed: UInt64?) -> Network {
      let window = preparation.window
      let segment =
        segment ?? Self.segment(length: window.length, horizon: window.horizon)
      return Network(seed: seed) {
        SegmentNetwork(
          SegmentNetwork<Float>.Sizes(
            segment: segment, horizon: window.horizon, pastColumns: preparation.pastColumns,
            futureColumns: preparation.futureColumns, categories: preparation.categorySizes),
          width: hidden, outputWidth: hidden, dropout: dropout
        ) {
          for _ in 0..<layers { cell.make(hidden, hidden).layer }
        }
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
