import Foundation
import UnrollCore
import UnrollFiles
import UnrollLayers

private typealias Stack = Sequential<Tokens, Tensor<Float>, Float>
private let registry = LayerRegistry<Float>.standard
private let path = FileManager.default.temporaryDirectory
  .appendingPathComponent("model.safetensors").path

/// An architecture that is put together of the registered kinds, with sizes that may be those of a
/// model and with sizes at the limits of what there may be, is a model or refused. Every byte of the
/// input is a choice.
///
/// Of any model the shapes, the summary and the state are made; a small one is written with its
/// tensors, read again, run, and run on from a state that was tampered with.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var choices = Choices(Array(UnsafeBufferPointer(start: bytes, count: count)))
  let architecture = choices.architecture()
  do {
    try StrictJSON.validate(architecture.utf8)
    let model = try checkShapes(architecture)
    if model.parameterCount <= 20_000 { try checkSmall(model, &choices) }
  } catch let error as ModelFileError {
    let line = error.description
    precondition(!line.isEmpty && !line.contains(where: \.isNewline) && line.utf8.count < 10_000)
  } catch is StrictJSONError {
    // Too deep, or of too many values.
  } catch {
    preconditionFailure("\(error)")
  }
  return 0
}

/// The model of an architecture in a file of holes, which has room for any parameters.
private func checkShapes(_ architecture: String) throws -> Stack {
  let bytes = 1 << 58
  let header = try JSONSerialization.data(withJSONObject: [
    "__metadata__": [ModelFile.architectureKey: architecture],
    "room": ["dtype": "F4", "shape": [2 * bytes], "data_offsets": [0, bytes]] as [String: Any],
  ])
  let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
  try (Data(length) + header).write(to: URL(fileURLWithPath: path))
  precondition(truncate(path, off_t(8 + header.count + bytes)) == 0, "\(SystemError.last)")
  let file = try ModelFile(headerOf: path)
  do {
    let summary = try file.summary(registry: registry)
    precondition(summary.description.utf8.count < 1_000_000 && summary.parameters >= 0)
  } catch is ModelFileError {}
  let model = try file.architecture(Stack.self, registry, isWhole: true)
  _ = (model.description, model.isCausal, model.makeState(batch: 3), model.makeCache())
  precondition(model.parameterCount >= 0)
  _ = try? model.outputShape(of: [2, 1])
  _ = try? model.outputShape(of: [1 << 28, 1 << 28])
  return model
}

private func checkSmall(_ model: Stack, _ choices: inout Choices) throws {
  let architecture = try ModelFile.architecture(of: model)
  var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: architecture])
  for (index, parameter) in model.parameters.enumerated() {
    let values = (0..<parameter.value.count).map { Float(($0 + index) % 7) / 8 - 0.375 }
    writer.add(parameter.name, shape: parameter.value.shape, values: values)
  }
  let file = try ModelFile(data: writer.serialized())
  var loaded = try file.model(Stack.self, registry: registry)
  let (again, summary) = (
    try ModelFile.architecture(of: loaded), try file.summary(registry: registry)
  )
  precondition(again == architecture && summary == loaded.summary)
  // A width that no weight holds may be of any size.
  let widths = loaded.summary.rows.flatMap { $0.output ?? [] }.compactMap { Int($0) }
  guard widths.allSatisfy({ $0 <= 10_000 }), let shape = try? loaded.outputShape(of: [2, 3]),
    let embedding = loaded.parameters.first, embedding.value.shape[0] > 0
  else { return }
  let tokens = Tokens(time: 2, batch: 3, ids: [0, 0, 0, 0, 0, 0])
  let context = Context(.training, threads: 1)
  var (state, cache) = (loaded.makeState(batch: 3), loaded.makeCache())
  let output = loaded.forward(tokens, state: &state, cache: &cache, in: context)
  precondition(output.shape == shape)
  var gradient = loaded.zeros(like: state)
  _ = loaded.backward(output, state: &gradient, cache: &cache, in: context)
  try checkState(state, of: loaded, tokens, &choices)
}

/// Goes on from a state that was saved, and from one that was tampered with or is refused.
private func checkState(
  _ state: Stack.State, of model: Stack, _ tokens: Tokens, _ choices: inout Choices
) throws {
  var saved = Dictionary(
    model.tensors(of: state).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
  _ = try model.restoringState(batch: 3, from: saved)
  for name in saved.keys.sorted() {
    guard let tensor = saved[name] else { continue }
    switch choices.next(6) {
    case 1: saved[name] = nil
    case 2:
      var shape = tensor.shape
      let axis = choices.next(shape.count)
      shape[axis] = choices.next(5)
      saved[name] = Tensor(shape: shape)
    case 3: saved[name] = Tensor(shape: tensor.shape, repeating: choices.number())
    case 4: saved[name] = Tensor(shape: tensor.shape + [1])
    default: break
    }
  }
  do {
    var restored = try model.restoringState(batch: 3, from: saved)
    var cache = model.makeCache()
    let context = Context(.inference, threads: 1)
    _ = model.forward(tokens, state: &restored, cache: &cache, in: context)
  } catch let error as StateError {
    precondition(!error.description.contains(where: \.isNewline))
  }
}

// MARK: - Architectures

/// What the bytes of an input decide, one after another; zeros once there are no more.
private struct Choices {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Int {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return Int(bytes[position])
  }

  /// One of so many, of which there is at least one.
  mutating func next(_ count: Int) -> Int { next() % max(count, 1) }

  mutating func number() -> Float {
    [0, 1, 2, 3, -1, 0.5, .nan, .infinity, 1e30, -0.0][next(10)]
  }

  /// Sizes of a model, mostly.
  private mutating func size() -> Int {
    let choice = next()
    let limits = [
      0, -1, 16_381, 16_369, 1 << 15, 1 << 20, 1 << 24, 1 << 30, (1 << 31) - 1, 1 << 31, 1 << 32,
      1 << 40, 1 << 58, 1 << 59, 1 << 61, 1 << 62, .max, .min,
    ]
    return choice < 200 ? 1 + choice % 6 : limits[choice % limits.count]
  }

  /// The size that fits, mostly.
  private mutating func size(_ fitting: Int) -> Int { next() < 250 ? fitting : size() }

  private var isAtEnd: Bool { position >= bytes.count }

  mutating func architecture() -> String {
    var width = size()
    let classes = size()
    var layers: [String] = []
    if next(4) == 3 {
      let inner = stack(&width, depth: 0)
      layers = [
        layer(
          "TiedEmbedding",
          "\"output\":{\"dense\":\(dense(size(width), classes))},\"inner\":[\(inner)]")
      ]
    } else {
      layers = [layer("Embedding", "\"weight\":\(shape(classes, width))")]
      let inner = stack(&width, depth: 0)
      if !inner.isEmpty { layers.append(inner) }
    }
    return "[\(layers.joined(separator: ","))]"
  }

  /// Layers with commas between them. They turn a width into another.
  private mutating func stack(_ width: inout Int, depth: Int) -> String {
    var layers: [String] = []
    let count = depth == 0 ? 8 : 1 + next(2)
    while layers.count < count, !isAtEnd { layers.append(layer(&width, depth)) }
    return layers.joined(separator: ",")
  }

  private mutating func layer(_ width: inout Int, _ depth: Int) -> String {
    let kind = next(20)
    switch kind {
    case 0: return layer("Dropout", "\"rate\":\([0, 0.5, 1, -1][next(4)])")
    case 1: return layer("Activation", "\"function\":\(function())")
    case 2:
      return layer(
        "LayerNorm", "\"weight\":\(shape(size(width))),\"bias\":\(shape(width)),\"epsilon\":1e-5")
    case 3: return layer("Dense", fields: dense(size(width), resized(&width)))
    case 4: return layer("DenseSoftmax", "\"dense\":\(dense(size(width), resized(&width)))")
    case 5...11:
      let (kind, cell) = cell(&width)
      return layer(kind, "\"cell\":\(cell)")
    case 12, 13:
      let (kind, cell) = cell(&width)
      return wrapped(kind, cell)
    case 14, 15: return bidirectional(&width, depth)
    case 16: return attention(width)
    case 17:
      var inside = width
      return layer("Residual", "\"inner\":[\(depth < 6 ? stack(&inside, depth: depth + 1) : "")]")
    default: return layer(["LastStep", "MaxOverTime", "MeanOverTime"][next(3)], "")
    }
  }

  private func layer(_ kind: String, _ fields: String) -> String {
    "{\"kind\":\"\(kind)\",\"layer\":{\(fields)}}"
  }

  private func layer(_ kind: String, fields: String) -> String {
    "{\"kind\":\"\(kind)\",\"layer\":\(fields)}"
  }

  private func shape(_ axes: Int...) -> String { "{\"shape\":\(axes)}" }

  private func dense(_ inputs: Int, _ outputs: Int) -> String {
    "{\"weight\":\(shape(outputs, inputs)),\"bias\":\(shape(outputs))}"
  }

  private mutating func resized(_ width: inout Int) -> Int {
    width = size()
    return width
  }

  private mutating func function() -> String {
    ["{\"tanh\":{}}", "{\"relu\":{}}", "{\"hardSigmoid\":{\"slope\":0.2}}", "{\"identity\":{}}"][
      next(4)]
  }

  private mutating func bidirectional(_ width: inout Int, _ depth: Int) -> String {
    let isSum = next(3) == 0
    var inside = width
    // What is inside is there twice.
    let inner = depth < 3 ? stack(&inside, depth: depth + 2) : ""
    width = isSum ? inside : inside &* 2
    let merging = isSum ? ",\"merging\":\"sum\"" : ""
    return layer("Bidirectional", "\"forward\":[\(inner)],\"backward\":[\(inner)]\(merging)")
  }

  private mutating func attention(_ width: Int) -> String {
    let window = next(3) == 0 ? "" : ",\"window\":\(size())"
    return layer(
      "SelfAttention",
      "\"projection\":\(dense(width, size(width &* 3))),\"output\":\(dense(width, size(width))),"
        + "\"heads\":\(next(2) == 0 ? 1 : size())\(window)")
  }

  // MARK: Cells

  /// A cell within up to as many wrappers as a file may have.
  private mutating func wrapped(_ kind: String, _ cell: String) -> String {
    var (kind, cell) = (kind, cell)
    for _ in 0...next(32) {
      let inner = "\"cell\":{\"kind\":\"\(kind)\",\"cell\":\(cell)}"
      let isZoneout = next(2) == 0
      kind = isZoneout ? "Zoneout" : "RecurrentDropout"
      cell = "{\(inner),\(isZoneout ? "\"hidden\":0.5,\"memory\":0.25" : "\"rate\":0.5")}"
    }
    return layer(kind, "\"cell\":\(cell)")
  }

  private mutating func cell(_ width: inout Int) -> (kind: String, cell: String) {
    let inputs = size(width)
    width = size()
    let H = width
    switch next(10) {
    case 0: return ("RNN", cell(inputs, H, H, ",\"activation\":\(function())"))
    case 1: return ("LSTM", cell(inputs, H &* 4, H))
    case 2: return ("LSTM", lstm(inputs, &width))
    case 3:
      return (
        "GRU",
        cell(inputs, H &* 3, H, ",\"resetGate\":\"afterProduct\",\"productBias\":\(shape(size(H)))")
      )
    case 4: return ("GRU", cell(inputs, H &* 3, H, ",\"resetGate\":\"beforeProduct\""))
    case 5: return ("MinGRU", linear(inputs, H &* 2))
    case 6: return ("MinLSTM", linear(inputs, H &* 3))
    case 7:
      let seen = size()
      return ("QRNN", linear(inputs &* seen, H &* 3, ",\"width\":\(seen)"))
    case 8:
      let blocks = inputs == H ? 3 : 4
      return (
        "SRU", linear(inputs, H &* blocks, ",\"hidden\":\(H),\"activation\":\(function())")
      )
    default:
      let scales = ["inputScale", "recurrentScale", "bias"].map { "\"\($0)\":\(shape(H &* 4))" }
      let cells = ["cellScale", "cellBias"].map { "\"\($0)\":\(shape(H))" }
      return (
        "LayerNormLSTM",
        "{\"projection\":{\"weight\":\(shape(H &* 4, inputs))},"
          + "\"recurrence\":{\"weight\":\(shape(H &* 4, H))},"
          + (scales + cells).joined(separator: ",") + "}"
      )
    }
  }

  private func cell(_ inputs: Int, _ rows: Int, _ hidden: Int, _ more: String = "") -> String {
    "{\"projection\":{\"weight\":\(shape(rows, inputs)),\"bias\":\(shape(rows))},"
      + "\"recurrence\":{\"weight\":\(shape(rows, hidden))}\(more)}"
  }

  /// A cell without a product in its recurrence.
  private func linear(_ inputs: Int, _ rows: Int, _ more: String = "") -> String {
    "{\"projection\":{\"weight\":\(shape(rows, inputs)),\"bias\":\(shape(rows))}\(more)}"
  }

  /// An LSTM with any options.
  private mutating func lstm(_ inputs: Int, _ width: inout Int) -> String {
    let H = width
    let isCoupled = next(2) == 1
    let blocks = isCoupled ? 3 : 4
    var more = ""
    var options = [
      "\"gate\":\(function())", "\"candidate\":\(function())", "\"output\":\(function())",
      "\"forgetGate\":\"\(isCoupled ? "coupled" : "independent")\"",
      "\"clipping\":\(["{\"none\":{}}", "{\"cell\":{\"limit\":1}}"][next(2)])",
    ]
    let hasPeepholes = next(2) == 1
    options.append("\"peepholes\":\"\(hasPeepholes ? "diagonal" : "none")\"")
    if hasPeepholes { more += ",\"peepholes\":\(shape(size((blocks - 1) &* H)))" }
    if next(2) == 1 {
      width = size()
      options.append("\"projectionSize\":\(size(width))")
      more += ",\"outputWeight\":\(shape(width, H))"
    }
    return cell(
      inputs, blocks &* H, width, more + ",\"options\":{\(options.joined(separator: ","))}")
  }
}
