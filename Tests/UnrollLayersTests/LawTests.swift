import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTesting

/// Every built-in layer, cell and option, held to every law. A new one is one more row.
///
/// T 6, B 3, I 4, H 5: sizes that differ where the layer lets them, so that a transposed weight cannot
/// hide.
@Suite("The laws of layers")
struct LawTests {
  private static let rows =
    maps + sequences + attention + tokenLayers + cells + wrappers
    + linear + windows + branches + tagging + pairs

  private static let maps =
    [
      Row("Dense", Dense<Double>(inputSize: 4, outputSize: 5)),
      Row("DenseSoftmax", DenseSoftmax<Double>(inputSize: 4, classes: 6)),
      Row("LayerNorm", LayerNorm<Double>(inputSize: 4)),
      Row("Dropout", Dropout<Double>(rate: 0.4)),
      Row("Dropout per sequence", Dropout<Double>(rate: 0.4, mask: .perSequence)),
    ] + activations.map { Row("Activation \($0)", Activation<Double>($0)) }

  private static let activations: [ActivationFunction] = [
    .sigmoid, .hardSigmoid(), .hardSigmoid(slope: 1.0 / 6), .hardSigmoid(slope: 0.3, offset: 0.4),
    .hardStep, .tanh, .scaledTanh(scale: 1.7, slope: 0.6), .relu, .leakyReLU(slope: 0.2),
    .thresholdedReLU(threshold: 0.3), .elu(scale: 0.7), .softsign, .softplus, .identity,
    .affine(slope: 0.5, offset: -0.2),
  ]

  private static let sequences: [Row] =
    [
      Row("LastStep", LastStep<Double>()),
      Row("BothEnds", BothEnds<Double>()),
      Row("MeanOverTime", MeanOverTime<Double>()),
      Row("MaxOverTime", MaxOverTime<Double>()),
      Row(
        "Recompute",
        Recompute<Double>(every: 4) {
          LSTM<Double>(inputSize: 4, hiddenSize: 5)
          Dropout<Double>(rate: 0.3)
          GRU<Double>(inputSize: 5, hiddenSize: 3)
        }),
      Row("Residual", Residual<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 4) }),
      Row(
        "LSTM with a learned initial state",
        Recurrent(LSTMCell<Double>(inputSize: 4, hiddenSize: 5), initialState: .learned)),
      Row(
        "Bidirectional with a learned initial state",
        Bidirectional<Double> {
          Recurrent(GRUCell<Double>(inputSize: 4, hiddenSize: 5), initialState: .learned)
        }),
    ]
    + [DirectionMerging.concatenation, .sum, .average].map { merging in
      Row(
        "Bidirectional \(merging)",
        Bidirectional<Double>(merging: merging) { LSTM<Double>(inputSize: 4, hiddenSize: 5) })
    }
    + [DirectionMerging.concatenation, .sum, .average].map { merging in
      Row(
        "Bidirectional \(merging) of last steps",
        Bidirectional<Double>(merging: merging) {
          RNN<Double>(inputSize: 4, hiddenSize: 5)
          LastStep<Double>()
        })
    }

  private static let attention = [
    Row("SelfAttention", SelfAttention<Double>(inputSize: 4, heads: 2)),
    Row("SelfAttention in a window", SelfAttention<Double>(inputSize: 4, heads: 2, window: 3)),
  ]

  private static let pairs: [Row] =
    [
      AttentionScore.dot, .general, .additive(size: 7),
    ].map { score in
      Row(
        "Attention \(score)",
        Attention<Double>(querySize: 4, memorySize: score == .dot ? 4 : 2, score: score),
        AttentionInput(
          queries: noise([6, 3, 4], seed: 6),
          memory: noise([5, 3, score == .dot ? 4 : 2], seed: 7),
          memoryLengths: [5, 1, 3]))
    }
    + [AttentionScore.general, nil].map { score in
      Row(
        "SequenceToSequence \(score == nil ? "by state alone" : "with attention")",
        SequenceToSequence<Double>(classes: 8, attention: score) {
          Embedding<Double>(vocabularySize: 7, dimension: 4)
          Bidirectional<Double> { GRU<Double>(inputSize: 4, hiddenSize: 3) }
        } decoder: {
          Embedding<Double>(vocabularySize: 8, dimension: 2)
          LSTM<Double>(inputSize: 2, hiddenSize: 5)
        },
        SequencePair(
          source: tokens, sourceLengths: [4, 0, 2],
          decoderInput: Tokens(time: 2, batch: 3, ids: [7, 7, 7, 0, 5, 2]),
          sampling: score == nil ? 0.5 : 0))
    }

  private static let tokenLayers = [
    Row("Embedding", Embedding<Double>(vocabularySize: 7, dimension: 5), tokens),
    Row(
      "TiedEmbedding",
      TiedEmbedding<Double>(vocabularySize: 7, dimension: 5) {
        GRU<Double>(inputSize: 5, hiddenSize: 5)
      }, tokens),
    Row(
      "A stack",
      Sequential<Tokens, Tensor<Double>, Double>(seed: nil) {
        Embedding<Double>(vocabularySize: 7, dimension: 4)
        GRU<Double>(inputSize: 4, hiddenSize: 6)
        Residual<Double> {
          LayerNorm<Double>(inputSize: 6)
          SelfAttention<Double>(inputSize: 6, heads: 3)
        }
        LSTM<Double>(inputSize: 6, hiddenSize: 5)
        DenseSoftmax<Double>(inputSize: 5, classes: 7)
      }, tokens),
    Row(
      "A classifier",
      Sequential<Tokens, Tensor<Double>, Double>(seed: nil) {
        Embedding<Double>(vocabularySize: 7, dimension: 4)
        Bidirectional<Double> { RNN<Double>(inputSize: 4, hiddenSize: 3) }
        MeanOverTime<Double>()
        Dense<Double>(inputSize: 6, outputSize: 5)
        Activation<Double>(.relu)
        DenseSoftmax<Double>(inputSize: 5, classes: 2)
      }, tokens),
  ]

  private static let cells: [Row] =
    [ActivationFunction.tanh, .relu, .identity, .hardSigmoid()].map {
      Row("RNN \($0)", cell: RNNCell<Double>(inputSize: 4, hiddenSize: 5, activation: $0))
    }
    + [Row("RNN clipped", cell: RNNCell<Double>(inputSize: 4, hiddenSize: 5, clip: 0.5))]
    + [GRUCell<Double>.ResetGate.afterProduct, .beforeProduct].flatMap { reset in
      gruOptions.map {
        Row(
          "GRU \(reset) \($0.0)",
          cell: GRUCell<Double>(
            inputSize: 4, hiddenSize: 5, resetGate: reset, options: $0.1))
      }
    }
    + lstmOptions.map {
      Row("LSTM \($0.0)", cell: LSTMCell<Double>(inputSize: 4, hiddenSize: 5, options: $0.1))
    }
    + [Row("LayerNormLSTM", cell: LayerNormLSTMCell<Double>(inputSize: 4, hiddenSize: 5))]

  private static let wrappers: [Row] =
    zoneouts.map { Row("Zoneout \($0.0)", cell: $0.1) }
    + recurrentDropouts.map {
      Row("RecurrentDropout \(type(of: $0).kind)", cell: RecurrentDropoutCell($0, rate: 0.3))
    }

  private static let zoneouts: [(String, ZoneoutCell<Double>)] = [
    (
      "of an LSTM with options",
      ZoneoutCell(
        LSTMCell<Double>(
          inputSize: 4, hiddenSize: 5,
          options: LSTMOptions(
            peepholes: .diagonal, clipping: .cell(limit: 0.4), projectionSize: 3)),
        hiddenRate: 0.3, memoryRate: 0.5)
    ),
    (
      "of a LayerNormLSTM",
      ZoneoutCell(
        LayerNormLSTMCell<Double>(inputSize: 4, hiddenSize: 5), hiddenRate: 0.3, memoryRate: 0.5)
    ),
    ("of an RNN", ZoneoutCell(RNNCell<Double>(inputSize: 4, hiddenSize: 5), hiddenRate: 0.4)),
  ]

  private static let lstmOptions: [(String, LSTMOptions)] = [
    ("", LSTMOptions()),
    ("with peepholes", LSTMOptions(peepholes: .diagonal)),
    ("with a projection", LSTMOptions(projectionSize: 3)),
    ("with coupled gates", LSTMOptions(forgetGate: .coupled)),
    ("with a clipped cell", LSTMOptions(clipping: .cell(limit: 0.25))),
    ("with clipped activations", LSTMOptions(clipping: .activationInputs(limit: 0.5))),
    ("hard sigmoid", LSTMOptions(gate: .hardSigmoid())),
    ("hard step", LSTMOptions(gate: .hardStep, candidate: .identity, output: .identity)),
    ("sigmoid and relu", LSTMOptions(gate: .tanh, candidate: .sigmoid, output: .relu)),
    (
      "with all of it",
      LSTMOptions(
        gate: .hardSigmoid(slope: 0.3), candidate: .identity, peepholes: .diagonal,
        forgetGate: .coupled, clipping: .activationInputs(limit: 1.2), projectionSize: 6)
    ),
  ]

  private static let gruOptions: [(String, GRUOptions)] = [
    ("", GRUOptions()),
    ("clipped", GRUOptions(clip: 0.5)),
    ("hard sigmoid", GRUOptions(gate: .hardSigmoid())),
    (
      "with all of it",
      GRUOptions(gate: .hardSigmoid(slope: 0.3, offset: 0.4), candidate: .softsign, clip: 1.2)
    ),
  ]

  private static let recurrentDropouts: [any RecurrentCell<Double>] = [
    RNNCell<Double>(inputSize: 4, hiddenSize: 5), GRUCell<Double>(inputSize: 4, hiddenSize: 5),
    GRUCell<Double>(inputSize: 4, hiddenSize: 5, resetGate: .beforeProduct),
    GRUCell<Double>(
      inputSize: 4, hiddenSize: 5, resetGate: .beforeProduct, options: GRUOptions(clip: 0.7)),
    GRUCell<Double>(inputSize: 4, hiddenSize: 5, options: GRUOptions(candidate: .elu())),
    LSTMCell<Double>(inputSize: 4, hiddenSize: 5, options: LSTMOptions(projectionSize: 3)),
    LayerNormLSTMCell<Double>(inputSize: 4, hiddenSize: 5),
    ZoneoutCell(GRUCell<Double>(inputSize: 4, hiddenSize: 5), hiddenRate: 0.2),
  ]

  private static let linear: [Row] =
    [
      Row("MinGRU", cell: MinGRUCell<Double>(inputSize: 4, hiddenSize: 5)),
      Row("MinLSTM", cell: MinLSTMCell<Double>(inputSize: 4, hiddenSize: 5)),
      Row("SRU", cell: SRUCell<Double>(inputSize: 4, hiddenSize: 4)),
      Row("SRU projected", cell: SRUCell<Double>(inputSize: 4, hiddenSize: 5, activation: .tanh)),
      Row(
        "Zoneout of a MinGRU",
        cell: ZoneoutCell(MinGRUCell<Double>(inputSize: 4, hiddenSize: 5), hiddenRate: 0.3)),
      Row(
        "Zoneout of an SRU",
        cell: ZoneoutCell(
          SRUCell<Double>(inputSize: 4, hiddenSize: 4), hiddenRate: 0.3, memoryRate: 0.4)),
      Row(
        "Zoneout of a QRNN",
        cell: ZoneoutCell(QRNNCell<Double>(inputSize: 4, hiddenSize: 5), hiddenRate: 0.3)),
      Row(
        "QRNN with a learned initial state",
        Recurrent(QRNNCell<Double>(inputSize: 4, hiddenSize: 5), initialState: .learned)),
      Row(
        "Bidirectional of QRNN and SRU",
        Bidirectional<Double> {
          QRNN<Double>(inputSize: 4, hiddenSize: 3)
          SRU<Double>(inputSize: 3, hiddenSize: 3)
        }),
    ]
    + (1...3).map {
      Row("QRNN of width \($0)", cell: QRNNCell<Double>(inputSize: 4, hiddenSize: 5, width: $0))
    }

  private static let branches: [Row] =
    [(1, 1), (3, 1), (4, 1), (2, 3), (3, 2)].flatMap { width, dilation in
      [Convolution<Double>.Padding.centered, .causal].map { padding in
        Row(
          "Convolution of \(width), \(dilation) apart, \(padding)",
          Convolution<Double>(
            inputSize: 4, outputSize: 5, width: width, dilation: dilation, padding: padding))
      }
    } + [
      Row("AttentionPooling", AttentionPooling<Double>(inputSize: 4, attentionSize: 5)),
      Row(
        "Parallel",
        Parallel<Double> {
          GRU<Double>(inputSize: 4, hiddenSize: 5)
        } beside: {
          Convolution<Double>(inputSize: 4, outputSize: 3, width: 3, padding: .causal)
          Dropout<Double>(rate: 0.3)
        }),
      Row(
        "Parallel, pooled",
        Parallel<Double> {
          Bidirectional<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 3) }
          BothEnds<Double>()
        } beside: {
          Convolution<Double>(inputSize: 4, outputSize: 5, width: 3)
          Activation<Double>(.relu)
          MeanOverTime<Double>()
        }),
    ]

  private static let windows: [Row] = [
    Row("IncrementalQuantiles", IncrementalQuantiles<Double>(count: 3), noise([5, 3, 6], seed: 4)),
    Row(
      "an even number of them", IncrementalQuantiles<Double>(count: 4), noise([5, 3, 4], seed: 5)),
    Row("one alone", IncrementalQuantiles<Double>(count: 1), noise([5, 3, 4], seed: 6)),
    // 7 rows are three segments of 3, and 5 ahead are two.
    Row("SegmentNetwork", segments(futureColumns: 2, categories: [4, 3]), window(2, kinds: 2)),
    Row(
      "WindowSteps",
      WindowSteps<Double>(horizon: 5, pastColumns: 2, futureColumns: 2, categories: [4, 3]),
      window(2, kinds: 2)),
    Row("SegmentNetwork of nothing but the past", segments(), window(0, kinds: 0)),
  ]

  private static let tagging: [Row] = [
    Row("ConditionalRandomField", ConditionalRandomField<Double>(inputSize: 4, labels: 5)),
    Row("WordEmbedding", embedding(), words),
    Row("WordEmbedding with word dropout", embedding(wordDropout: 0.4), words),
    Row(
      "A tagger",
      Sequential<WordSequences, Tensor<Double>, Double>(seed: nil) {
        embedding()
        Bidirectional<Double> { GRU<Double>(inputSize: 16, hiddenSize: 3) }
        ConditionalRandomField<Double>(inputSize: 6, labels: 4)
      }, words),
  ]

  private static func embedding(wordDropout: Double = 0) -> WordEmbedding<Double> {
    WordEmbedding<Double>(
      vocabularySize: 7, dimension: 5, features: [(3, 2), (4, 3)], wordDropout: wordDropout
    ) {
      Embedding<Double>(vocabularySize: 6, dimension: 4)
      Bidirectional<Double> { LSTM<Double>(inputSize: 4, hiddenSize: 3) }
      BothEnds<Double>()
    }
  }

  /// T 4, B 3; five spellings, one of them empty.
  private static let words = WordSequences(
    words: tokens, spellings: Tokens(time: 4, batch: 3, ids: [4, 0, 3, 3, 1, 4, 0, 0, 2, 0, 4, 3]),
    characters: Tokens(time: 2, batch: 5, ids: [5, 1, 2, 0, 4, 3, 0, 5, 0, 1]),
    characterCounts: [2, 1, 2, 0, 2],
    features: [
      Tokens(time: 4, batch: 3, ids: [0, 2, 1, 1, 0, 2, 2, 1, 0, 0, 1, 2]),
      Tokens(time: 4, batch: 3, ids: [3, 2, 0, 1, 1, 2, 3, 0, 0, 2, 1, 3]),
    ])

  private static func segments(
    futureColumns: Int = 0, categories: [Int] = []
  ) -> SegmentNetwork<Double> {
    SegmentNetwork(
      SegmentNetwork<Double>.Sizes(
        segment: 3, horizon: 5, pastColumns: 2, futureColumns: futureColumns, outputs: 2,
        categories: categories), width: 6, outputWidth: 4, dropout: 0.3
    ) {
      LSTM<Double>(inputSize: 6, hiddenSize: 5)
      GRU<Double>(inputSize: 5, hiddenSize: 4)
    }
  }

  private static func window(_ futureColumns: Int, kinds: Int) -> WindowInput<Double> {
    WindowInput(
      past: noise([7, 3, 2], seed: 8), future: noise([5, 3, futureColumns], seed: 9),
      categories: Tokens(time: kinds, batch: 3, ids: Array([3, 0, 2, 1, 2, 0].prefix(kinds * 3))))
  }

  @Test("hold for every layer, cell and option", arguments: rows)
  func laws(row: Row) throws {
    try row.check()
  }

  @Test("have a row for everything that the standard registry knows")
  func complete() {
    let registry = LayerRegistry<Double>.standard
    let known = Set(registry.layerKinds + registry.cellKinds)
    #expect(Set(Self.rows.map(\.kind)).isSuperset(of: known))
  }
}

/// A layer and its input.
struct Row: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let kind: String
  let check: @Sendable () throws -> Void

  init<L: Layer<Double>>(_ name: String, _ layer: L, _ input: L.Input)
  where L.Input: CheckableInput, L.Output == Tensor<Double> {
    testDescription = name
    kind = L.kind
    check = { try checkLayer(layer, input: input, registry: .standard) }
  }

  init<L: Layer<Double>>(_ name: String, _ layer: L)
  where L.Input == Tensor<Double>, L.Output == Tensor<Double> {
    self.init(name, layer, noise([6, 3, 4], seed: 6))
  }

  init(_ name: String, cell: some RecurrentCell<Double>) {
    self.init(name, Recurrent(cell))
  }
}

private let tokens = Tokens(time: 4, batch: 3, ids: [6, 0, 3, 3, 1, 6, 5, 5, 2, 0, 4, 3])
