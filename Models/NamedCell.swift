import UnrollCore
import UnrollLayers

/// A kind of cell, by name: one of those here, or one of your own.
///
///     let janet = NamedCell("janet") { JANETCell(inputSize: $0, hiddenSize: $1) }
///     let model = LanguageModel(
///       vocabulary: vocabulary, configuration: LanguageModel.Configuration(cell: janet))
///
/// Cells of one name are taken to be equal.
public struct NamedCell: Sendable, Equatable, CustomStringConvertible {
  public let name: String
  /// Whether a step multiplies with the hidden units of the one before, as recurrent dropout
  /// takes it. A ``LinearRecurrentCell`` does not.
  public let hasRecurrentProduct: Bool
  let make: @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> any RecurrentCell<Float>
  private let addTo: @Sendable (inout LayerRegistry<Float>) -> Void

  /// - Parameters:
  ///   - name: What a program calls it, such as `janet`.
  ///   - make: Makes a cell from `inputSize` features to `hiddenSize`.
  public init<C: RecurrentCell<Float>>(
    _ name: String, _ make: @escaping @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> C
  ) {
    self.name = name
    self.make = make
    hasRecurrentProduct = !(C.self is any LinearRecurrentCell.Type)
    addTo = { $0.register(C.self) }
  }

  /// Makes the cell known to a registry, so that it is found in files.
  public func register(in registry: inout LayerRegistry<Float>) { addTo(&registry) }

  public var description: String { name }

  public static func == (a: NamedCell, b: NamedCell) -> Bool { a.name == b.name }
}

extension LanguageModel {
  /// The cell of its recurrent layers.
  public typealias Cell = NamedCell
}

extension NamedCell {
  public static let lstm = Self("lstm") { LSTMCell(inputSize: $0, hiddenSize: $1) }
  public static let gru = Self("gru") { GRUCell(inputSize: $0, hiddenSize: $1) }
  public static let rnn = Self("rnn") { RNNCell(inputSize: $0, hiddenSize: $1) }

  /// An LSTM whose gates see its cell (Gers and Schmidhuber 2000).
  public static let peepholeLSTM = Self("peephole-lstm") {
    LSTMCell(inputSize: $0, hiddenSize: $1, options: LSTMOptions(peepholes: .diagonal))
  }

  /// An LSTM with one gate to write and to forget (Greff et al. 2017).
  public static let coupledLSTM = Self("coupled-lstm") {
    LSTMCell(inputSize: $0, hiddenSize: $1, options: LSTMOptions(forgetGate: .coupled))
  }

  /// An LSTM with layer-normalized gates (Ba et al. 2016).
  public static let layerNormLSTM = Self("layer-norm-lstm") {
    LayerNormLSTMCell(inputSize: $0, hiddenSize: $1)
  }

  /// A GRU whose gate does not see the hidden state (Feng et al. 2024): trains several times as fast.
  public static let minGRU = Self("min-gru") { MinGRUCell(inputSize: $0, hiddenSize: $1) }

  /// An LSTM whose gates do not see the hidden state (Feng et al. 2024).
  public static let minLSTM = Self("min-lstm") { MinLSTMCell(inputSize: $0, hiddenSize: $1) }

  /// A quasi-recurrent unit, which sees two inputs at each step (Bradbury et al. 2017).
  public static let qrnn = Self("qrnn") { QRNNCell(inputSize: $0, hiddenSize: $1) }

  /// A simple recurrent unit, with a highway around it (Lei et al. 2018).
  public static let sru = Self("sru") { SRUCell(inputSize: $0, hiddenSize: $1) }

  /// The cells of this package.
  public static let standard = [
    lstm, gru, rnn, peepholeLSTM, coupledLSTM, layerNormLSTM, minGRU, minLSTM, qrnn, sru,
  ]
}

extension RecurrentCell<Float> {
  /// The layer that runs this cell.
  @LayerBuilder<Float>
  var layer: LayerStack<Tensor<Float>, Tensor<Float>, Float> { Recurrent(self) }
}
