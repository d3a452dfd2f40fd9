// A layer behind `any Layer`: signals, states and caches as `any Sendable`. Erasure happens once for
// each layer and call. The casts cannot fail in a stack that the builder or the decoder has checked,
// with states and caches that the same stack made.
//
// States and caches are moved out of their boxes before use: held twice, they would be copied on
// the first write.
extension Layer {
  func erasedState(batch: Int) -> any Sendable { makeState(batch: batch) }
  func erasedCache() -> any Sendable { makeCache() }

  func erasedForward(
    _ input: any Sendable, state: inout any Sendable, cache: inout any Sendable,
    in context: Context
  ) -> any Sendable {
    var ownState: State = unboxed(&state, "state")
    var ownCache: Cache = unboxed(&cache, "cache")
    defer { (state, cache) = (ownState, ownCache) }
    return forward(cast(input, "input"), state: &ownState, cache: &ownCache, in: context)
  }

  mutating func erasedBackward(
    _ gradient: any Sendable, state: inout any Sendable, cache: inout any Sendable,
    in context: Context
  ) -> any Sendable {
    var ownState: State = unboxed(&state, "state")
    var ownCache: Cache = unboxed(&cache, "cache")
    defer { (state, cache) = (ownState, ownCache) }
    return backward(cast(gradient, "gradient"), state: &ownState, cache: &ownCache, in: context)
  }

  func erasedVisitState(
    _ state: inout any Sendable, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    var ownState: State = unboxed(&state, "state")
    defer { state = ownState }
    try visitState(&ownState, visit)
  }

  func erasedCheckState(_ state: any Sendable) throws { try checkState(cast(state, "state")) }

  /// - Parameter role: what the value is, in a message: "state".
  func unboxed<Value>(_ box: inout any Sendable, _ role: String) -> Value {
    let value: Value = cast(box, role)
    box = ()
    return value
  }

  /// - Parameter role: what the value is, in a message: "state".
  func cast<Value>(_ value: any Sendable, _ role: String) -> Value {
    guard let typed = value as? Value else {
      fatalError(
        "\(Self.kind): expected the \(role) \(readableName(of: Value.self)), got "
          + "\(readableName(of: type(of: value))); a state or a cache belongs to the model that "
          + "made it")
    }
    return typed
  }

  static var inputType: any Any.Type { Input.self }
  static var outputType: any Any.Type { Output.self }
}

/// The name of a type with the types around it and without modules: `Recurrent<LSTMCell<Float>>.State`,
/// where its description is `State`.
package func readableName(of type: Any.Type) -> String {
  let full = String(reflecting: type)
    .replacing(/\(unknown context at \$[0-9a-f]+\)\.|\(extension in \w+\):/, with: "")
  var (name, word) = ("", "")
  // A module is what stands before the first dot, at the beginning or in a list of types.
  var isModule = true
  for character in full + " " {
    if character == ".", isModule, !word.isEmpty {
      (word, isModule) = ("", false)
    } else if character.isLetter || character.isNumber || "._$".contains(character) {
      word.append(character)
    } else {
      name += word
      name.append(character)
      (word, isModule) = ("", "<(, ".contains(character))
    }
  }
  return String(name.dropLast())
}
