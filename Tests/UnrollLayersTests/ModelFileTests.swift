import Testing
import TestSupport
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
      LayerNorm(6, epsilon: 1e-3)
      Activation(.hardSigmoid(slope: 0.25))
      Dropout(0.5, mask: .perSequence)
      Bidirectional(merging: .average) { RNN(inputSize: 6, hiddenSize: 4) }
      SelfAttention(size: 4, heads: 2, window: 3)
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
    for pooling in [Model { LastStep() }, Model { MeanOverTime() }] {
      #expect(try reloaded(pooling)(summed, batch: 2) == pooling(summed, batch: 2))
    }
  }

  /// Architectures of one layer, and a word of what is said of them.
  private static let misfitting: [(String, String)] = [
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
