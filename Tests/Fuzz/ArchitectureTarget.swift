import Foundation
import UnrollCore
import UnrollFiles
import UnrollLayers

private typealias Stack = Sequential<Tokens, Tensor<Float>, Float>
private let registry = LayerRegistry<Float>.standard

/// An architecture of any text is a model or refused; a model is written, read again and run.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: bytes, count: count)
  try? StrictJSON.validate(input)
  guard let text = String(validating: input, as: UTF8.self) else { return 0 }
  do {
    // Room for any small model, and not one of its tensors.
    var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: text])
    writer.add("room", type: .float4, shape: [20_000]) { take in
      try [UInt8](repeating: 0, count: 10_000).withUnsafeBytes(take)
    }
    let file = try ModelFile(data: writer.serialized())
    if let summary = try? file.summary(registry: registry) { _ = summary.description }
    try check(file.architecture(Stack.self, registry, isWhole: true))
  } catch let error as ModelFileError {
    let line = error.description
    precondition(!line.isEmpty && !line.contains(where: \.isNewline) && line.utf8.count < 10_000)
  } catch {
    preconditionFailure("\(error)")
  }
  return 0
}

private func check(_ model: Stack) throws {
  let architecture = try ModelFile.architecture(of: model)
  var writer = TensorFileWriter(metadata: [ModelFile.architectureKey: architecture])
  for parameter in model.parameters {
    writer.add(parameter.name, shape: parameter.value.shape, values: parameter.value.scalars)
  }
  let loaded = try ModelFile(data: writer.serialized()).model(Stack.self, registry: registry)
  let again = try ModelFile.architecture(of: loaded)
  precondition(again == architecture)
  // A width that no weight holds may be of any size.
  let widths = loaded.summary.rows.flatMap { $0.output ?? [] }.compactMap { Int($0) }
  guard widths.allSatisfy({ $0 <= 10_000 }), (try? loaded.outputShape(of: [2, 1])) != nil else {
    return
  }
  precondition(loaded(Tokens(time: 2, batch: 1, ids: [0, 0])).shape[0] > 0)
}
