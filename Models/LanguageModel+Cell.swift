import UnrollCore
import UnrollLayers

extension LanguageModel {
  /// A kind of cell, by name: one of those here, or one of your own.
  ///
  ///     let minGRU = LanguageModel.Cell("min-gru") { MinGRUCell(inputSize: $0, hiddenSize: $1) }
  ///     let model = LanguageModel(
  ///       vocabulary: vocabulary, configuration: LanguageModel.Configuration(cell: minGRU))
  ///
  /// Cells of one name are taken to be equal.
  public struct Cell: Sendable, Equatable, CustomStringConvertible {
    public let name: String
    let make: @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> any RecurrentCell<Float>
    private let addTo: @Sendable (inout LayerRegistry<Float>) -> Void

    /// - Parameters:
    ///   - name: What a program calls it, such as `min-gru`.
    ///   - make: Makes a cell from `inputSize` features to `hiddenSize`.
    public init<C: RecurrentCell<Float>>(
      _ name: String, _ make: @escaping @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> C
    ) {
      self.name = name
      self.make = make
      addTo = { $0.register(C.self) }
    }

    /// Makes the cell known to a registry, so that it is found in files.
    public func register(in registry: inout LayerRegistry<Float>) { addTo(&registry) }

    public var description: String { name }

    public static func == (a: Cell, b: Cell) -> Bool { a.name == b.name }
  }
}

extension LanguageModel.Cell {
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

  /// The cells of this package.
  public static let standard = [lstm, gru, rnn, peepholeLSTM, coupledLSTM, layerNormLSTM]
}
