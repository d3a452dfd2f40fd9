import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("Architectures that do not hold together")
struct ModelFileTests {
  typealias Model = Sequential<Tensor<Float>, Tensor<Float>, Float>

  @Test("A Dense that holds together loads")
  func good() throws {
    let model = try load(
      #"[{"kind":"Dense","layer":{"weight":{"shape":[3,2]},"bias":{"shape":[3]}}}]"#,
      [("0.weight", [3, 2]), ("0.bias", [3])], as: Model.self)
    #expect(model(Tensor(shape: [1, 2], scalars: [1, 2])).scalars == [4, 4, 4])
  }

  private static func attention(heads: String, projection: Int = 12) -> String {
    #"{"kind":"SelfAttention","layer":{"projection":{"weight":{"shape":[\#(projection),4]},"#
      + #""bias":{"shape":[\#(projection)]}},"output":{"weight":{"shape":[4,4]},"#
      + #""bias":{"shape":[4]}},"heads":\#(heads)}}"#
  }

  @Test("A SelfAttention that holds together loads")
  func goodAttention() throws {
    _ = try load(
      "[\(Self.attention(heads: #"2,"window":3"#))]",
      [
        ("0.in_proj_weight", [12, 4]), ("0.in_proj_bias", [12]), ("0.out_proj.weight", [4, 4]),
        ("0.out_proj.bias", [4]),
      ], as: Model.self)
  }

  @Test("A TiedEmbedding whose layers inside do not give its dimension is refused")
  func misfitInside() {
    let architecture =
      #"[{"kind":"TiedEmbedding","layer":{"output":{"dense":{"weight":{"shape":[5,2]},"#
      + #""bias":{"shape":[5]}}},"inner":[{"kind":"LastStep","layer":{}}]}}]"#
    let error = #expect(throws: ModelFileError.self) {
      try load(
        architecture, [("0.weight", [100])], as: Sequential<Tokens, Tensor<Float>, Float>.self)
    }
    #expect(error?.description.contains("[T, B, 2]") == true, "\(String(describing: error))")
  }

  @Test("Files from before a layer could be configured load as they were")
  func before() throws {
    let dropout = try load(#"[{"kind":"Dropout","layer":{"rate":0.25}}]"#, [], as: Model.self)
    #expect((dropout[0] as? Dropout<Float>)?.mask == .perElement)
    let both = try load(
      #"[{"kind":"Bidirectional","layer":{"forward":[],"backward":[]}}]"#, [], as: Model.self)
    #expect((both[0] as? Bidirectional<Float>)?.merging == .concatenation)
  }

  @Test("What a layer was told is what its file says")
  func configurations() throws {
    let model = Model(seed: 1) {
      LayerNorm(inputSize: 6, epsilon: 1e-3)
      Activation(.hardSigmoid(slope: 0.25))
      Dropout(rate: 0.5, mask: .perSequence)
      Bidirectional(merging: .average) { RNN(inputSize: 6, hiddenSize: 4) }
      SelfAttention(inputSize: 4, heads: 2, window: 3)
      MaxOverTime()
    }
    let loaded = try reloaded(model)
    #expect(try ModelFile.architecture(of: loaded) == ModelFile.architecture(of: model))
    let x: Tensor<Float> = noise([5, 2, 6])
    #expect(loaded(x, batch: 2) == model(x, batch: 2))
    #expect((loaded[1] as? Activation<Float>)?.function == .hardSigmoid(slope: 0.25))
    #expect((loaded[2] as? Dropout<Float>)?.mask == .perSequence)
    #expect((loaded[3] as? Bidirectional<Float>)?.merging == .average)
    #expect((loaded[4] as? SelfAttention<Float>)?.window == 3)
    let summed: Tensor<Float> = noise([5, 2, 4])
    for pooling in [Model { LastStep() }, Model { BothEnds() }, Model { MeanOverTime() }] {
      #expect(try reloaded(pooling)(summed, batch: 2) == pooling(summed, batch: 2))
    }
  }

  @Test("What a cell was told is what its file says, and a cell inside a cell comes back")
  func cells() throws {
    let options = LSTMOptions(
      gate: .hardSigmoid(slope: 0.25), candidate: .relu, output: .identity, peepholes: .diagonal,
      forgetGate: .coupled, clipping: .cell(limit: 3), projectionSize: 5)
    let gruOptions = GRUOptions(gate: .hardSigmoid(offset: 0.25), candidate: .elu(), clip: 1.5)
    let model = Model(seed: 1) {
      LSTM(inputSize: 6, hiddenSize: 4, options: options)
      GRU(inputSize: 5, hiddenSize: 3, resetGate: .beforeProduct, options: gruOptions)
      RNN(inputSize: 3, hiddenSize: 7, activation: .leakyReLU(slope: 0.5), clip: 2.5)
      Zoneout(LSTMCell(inputSize: 7, hiddenSize: 4), hiddenRate: 0.25, memoryRate: 0.5)
      RecurrentDropout(LayerNormLSTMCell(inputSize: 4, hiddenSize: 2), rate: 0.125)
    }
    let loaded = try reloaded(model)
    #expect(try ModelFile.architecture(of: loaded) == ModelFile.architecture(of: model))
    let x: Tensor<Float> = noise([5, 2, 6])
    #expect(loaded(x, batch: 2) == model(x, batch: 2))
    #expect((loaded[0] as? LSTM<Float>)?.cell.options == options)
    #expect((loaded[1] as? GRU<Float>)?.cell.resetGate == .beforeProduct)
    #expect((loaded[1] as? GRU<Float>)?.cell.options == gruOptions)
    #expect((loaded[2] as? RNN<Float>)?.cell.activation == .leakyReLU(slope: 0.5))
    #expect((loaded[2] as? RNN<Float>)?.cell.clip == 2.5)
    #expect((loaded[3] as? Zoneout<Float>)?.cell.memoryRate == 0.5)
    #expect((loaded[4] as? RecurrentDropout<Float>)?.cell.rate == 0.125)
  }

  private static let functions: [(ActivationFunction, String)] = [
    (.sigmoid, #"{"sigmoid":{}}"#), (.tanh, #"{"tanh":{}}"#), (.relu, #"{"relu":{}}"#),
    (.identity, #"{"identity":{}}"#), (.hardStep, #"{"hardStep":{}}"#),
    (.hardSigmoid(slope: 0.25), #"{"hardSigmoid":{"slope":0.25}}"#),
    (.hardSigmoid(slope: 0.25, offset: 0.75), #"{"hardSigmoid":{"offset":0.75,"slope":0.25}}"#),
    (.leakyReLU(slope: 0.5), #"{"leakyReLU":{"slope":0.5}}"#),
    (.thresholdedReLU(threshold: 2), #"{"thresholdedReLU":{"threshold":2}}"#),
    (.elu(scale: 0.5), #"{"elu":{"scale":0.5}}"#), (.softsign, #"{"softsign":{}}"#),
    (.softplus, #"{"softplus":{}}"#),
    (.scaledTanh(scale: 2, slope: 0.5), #"{"scaledTanh":{"scale":2,"slope":0.5}}"#),
    (.affine(slope: 0.5, offset: 3), #"{"affine":{"offset":3,"slope":0.5}}"#),
  ]

  @Test(
    "A function has its form in files, which does not change: checkpoints are held to it",
    arguments: functions)
  func functionForm(function: ActivationFunction, form: String) throws {
    let text = #"[{"kind":"Activation","layer":{"function":\#(form)}}]"#
    let loaded = try load(text, [], as: Model.self)
    #expect((loaded[0] as? Activation<Float>)?.function == function)
    #expect(try ModelFile.architecture(of: loaded) == text)
  }

  @Test("A GRU and an RNN that are told nothing have the form that they had")
  func oldForms() throws {
    let model = Model(seed: nil) {
      GRU(inputSize: 3, hiddenSize: 2)
      RNN(inputSize: 2, hiddenSize: 4)
    }
    let form = try ModelFile.architecture(of: model)
    #expect(!form.contains("options") && !form.contains("clip"), "\(form)")
    #expect((try reloaded(model)[0] as? GRU<Float>)?.cell.options == GRUOptions())
  }

  private static func lstm(_ more: String, rows: Int = 8, recurrent: Int = 2) -> String {
    #"{"kind":"LSTM","layer":{"cell":{"projection":{"weight":{"shape":[\#(rows),3]},"bias":"#
      + #"{"shape":[\#(rows)]}},"recurrence":{"weight":{"shape":[\#(rows),\#(recurrent)]}}\#(more)}}}"#
  }

  private static func options(_ different: String) -> String {
    let usual =
      #""gate":{"sigmoid":{}},"candidate":{"tanh":{}},"output":{"tanh":{}},"peepholes":"none","#
      + #""forgetGate":"independent","clipping":{"none":{}}"#
    let name = different.prefix { $0 != ":" }
    let rest = usual.split(separator: ",").filter { !$0.hasPrefix(name) }
    return ##","options":{\##((rest + [different[...]]).joined(separator: ","))}"##
  }

  @Test("An LSTM from before there were options loads as the common one")
  func oldLSTM() throws {
    let model = try load(
      "[\(Self.lstm(""))]",
      [("0.weight_ih", [8, 3]), ("0.bias", [8]), ("0.weight_hh", [8, 2])], as: Model.self)
    #expect((model[0] as? LSTM<Float>)?.cell.options == LSTMOptions())
  }

  private static func activation(_ function: String) -> String {
    #"{"kind":"Activation","layer":{"function":\#(function)}}"#
  }

  private static func gru(_ more: String) -> String {
    #"{"kind":"GRU","layer":{"cell":{"projection":{"weight":{"shape":[6,3]},"bias":{"shape":[6]}},"#
      + #""recurrence":{"weight":{"shape":[6,2]}},"productBias":{"shape":[2]},"#
      + #""resetGate":"afterProduct",\#(more)}}}"#
  }

  private static func rnn(_ more: String) -> String {
    let more = more.isEmpty ? #""activation":{"tanh":{}}"# : more
    return #"{"kind":"RNN","layer":{"cell":{"projection":{"weight":{"shape":[3,2]},"bias":"#
      + #"{"shape":[3]}},"recurrence":{"weight":{"shape":[3,3]}},\#(more)}}}"#
  }

  /// Architectures of a layer, or of several, and a word of what is said of them.
  private static let misfitting: [(String, String)] = [
    (lstm(options(#""peepholes":"diagonal""#)), "no LSTM"),
    (lstm(#","peepholes":{"shape":[6]}"#), "no LSTM"),
    (lstm(#","outputWeight":{"shape":[2,2]}"#), "no LSTM"),
    (lstm(options(#""projectionSize":3"#)), "no LSTM"),
    (lstm(options(#""projectionSize":0"#)), "projectionSize 0"),
    (lstm(options(#""forgetGate":"coupled""#)), "no LSTM"),
    (lstm(options(#""forgetGate":"welded""#)), "welded"),
    (lstm(options(#""clipping":{"cell":{"limit":0}}"#)), "limit 0"),
    (lstm(options(#""clipping":{"cell":{"limit":-1}}"#)), "limit -1"),
    (lstm("", rows: 6, recurrent: 2), "no LSTM"),
    (lstm("", rows: 3, recurrent: 1), "no LSTM"),
    (
      #"{"kind":"GRU","layer":{"cell":{"projection":{"weight":{"shape":[6,3]},"bias":"#
        + #"{"shape":[6]}},"recurrence":{"weight":{"shape":[6,2]}},"resetGate":"afterProduct"}}}"#,
      "no GRU"
    ),
    (
      #"{"kind":"GRU","layer":{"cell":{"projection":{"weight":{"shape":[6,3]},"bias":"#
        + #"{"shape":[6]}},"recurrence":{"weight":{"shape":[6,3]}},"resetGate":"beforeProduct"}}}"#,
      "no GRU"
    ),
    (
      #"{"kind":"GRU","layer":{"cell":{"projection":{"weight":{"shape":[6,3]}},"#
        + #""recurrence":{"weight":{"shape":[6,2]}},"resetGate":"beforeProduct"}}}"#, "no GRU"
    ),
    (
      #"{"kind":"Zoneout","layer":{"cell":{"cell":{"kind":"Strange","cell":{}},"hidden":0,"#
        + #""memory":0}}}"#, "Strange"
    ),
    (
      #"{"kind":"RecurrentDropout","layer":{"cell":{"cell":{"kind":"RNN","cell":{"projection":"#
        + #"{"weight":{"shape":[3,2]},"bias":{"shape":[3]}},"recurrence":{"weight":{"shape":"#
        + #"[3,3]}}}},"rate":1}}}"#, "rate 1"
    ),
    (#"{"kind":"Dense","layer":{"weight":{"shape":[6]},"bias":{"shape":[6]}}}"#, "no Dense"),
    (#"{"kind":"Dense","layer":{"weight":{"shape":[3,2]},"bias":{"shape":[2]}}}"#, "no Dense"),
    (
      #"{"kind":"LSTM","layer":{"cell":{"projection":{"weight":{"shape":[8,3]},"bias":"#
        + #"{"shape":[8]}},"recurrence":{"weight":{"shape":[8,3]}}}}}"#, "no LSTM"
    ),
    (
      #"{"kind":"RNN","layer":{"cell":{"projection":{"weight":{"shape":[3]},"bias":"#
        + #"{"shape":[3]}},"recurrence":{"weight":{"shape":[3,3]}}}}}"#, "no projection"
    ),
    (
      #"{"kind":"RNN","layer":{"cell":{"projection":{"weight":{"shape":[3,2]},"bias":"#
        + #"{"shape":[3]}},"recurrence":{"weight":{"shape":[3]}}}}}"#, "no recurrent weight"
    ),
    (#"{"kind":"Dropout","layer":{"rate":1.5}}"#, "1.5"),
    (#"{"kind":"Dropout","layer":{"rate":0.5,"mask":"perChance"}}"#, "perChance"),
    (#"{"kind":"Embedding","layer":{"weight":{"shape":[3,2]}}}"#, "takes Tokens"),
    (#"{"kind":"Activation","layer":{"function":{"swish":{}}}}"#, "layer.function"),
    (activation(#"{"hardSigmoid":{"slope":-1}}"#), "slope -1"),
    (activation(#"{"leakyReLU":{"slope":-0.5}}"#), "slope -0.5"),
    (activation(#"{"thresholdedReLU":{"threshold":-1}}"#), "threshold -1"),
    (activation(#"{"elu":{"scale":-1}}"#), "scale -1"),
    (activation(#"{"scaledTanh":{"scale":0,"slope":1}}"#), "scale 0"),
    (activation(#"{"scaledTanh":{"scale":1}}"#), "slope"),
    (activation(#"{"affine":{"slope":-2,"offset":0}}"#), "slope -2"),
    (activation(#"{"elu":{"scale":1,"slope":1}}"#), "slope"),
    (gru(#""options":{"gate":{"sigmoid":{}},"candidate":{"tanh":{}},"clip":0}"#), "limit 0"),
    (gru(#""options":{"gate":{"elu":{"scale":-3}},"candidate":{"tanh":{}}}"#), "scale -3"),
    (rnn(#""clip":-1"#), "limit -1"),
    (rnn(#""activation":{"elu":{"scale":-1}}"#), "scale -1"),
    (
      #"{"kind":"LayerNorm","layer":{"weight":{"shape":[3]},"bias":{"shape":[4]},"epsilon":1}}"#,
      "no LayerNorm"
    ),
    (
      #"{"kind":"LayerNorm","layer":{"weight":{"shape":[3]},"bias":{"shape":[3]},"epsilon":0}}"#,
      "no LayerNorm"
    ),
    (
      #"{"kind":"LayerNorm","layer":{"weight":{"shape":[3,1]},"bias":{"shape":[3,1]},"#
        + #""epsilon":1}}"#, "no LayerNorm"
    ),
    (
      #"{"kind":"Bidirectional","layer":{"forward":[],"backward":[],"merging":"product"}}"#,
      "product"
    ),
    (attention(heads: "3"), "no SelfAttention"),
    (attention(heads: "0"), "no SelfAttention"),
    (attention(heads: "-2"), "no SelfAttention"),
    (attention(heads: #"2,"window":0"#), "no SelfAttention"),
    (attention(heads: "2", projection: 8), "no SelfAttention"),
  ]

  @Test("Parameters whose shapes do not fit are refused, and nothing traps", arguments: misfitting)
  func misfits(layer: String, word: String) throws {
    let error = #expect(throws: ModelFileError.self) {
      try load("[\(layer)]", [("0.weight", [1000])], as: Model.self)
    }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }
}
