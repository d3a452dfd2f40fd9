// A layer behind `any Layer`: signals, states and caches as `any Sendable`. Erasure happens once for
// each layer and call. The casts cannot fail in a stack that the builder or the decoder has checked,
// with states and caches that the same stack made.
//
// States and caches are used in place, in their boxes: held twice, they would be copied on the first
// write.
extension Layer {
  func erasedState(batch: Int) -> any Sendable { makeState(batch: batch) }
  func erasedCache() -> any Sendable { makeCache() }

  func erasedForward(
    _ input: any Sendable, state: inout any Sendable, cache: inout any Sendable,
    in context: Context
  ) -> any Sendable {
    let input: Input = cast(input, "input")
    return Self.inPlace(&state, as: State.self, "state") { state in
      Self.inPlace(&cache, as: Cache.self, "cache") { cache in
        forward(input, state: &state, cache: &cache, in: context)
      }
    }
  }

  mutating func erasedBackward(
    _ gradient: any Sendable, state: inout any Sendable, cache: inout any Sendable,
    in context: Context
  ) -> any Sendable {
    let gradient: Output.Gradient = cast(gradient, "gradient")
    return Self.inPlace(&state, as: State.self, "state") { state in
      Self.inPlace(&cache, as: Cache.self, "cache") { cache in
        backward(gradient, state: &state, cache: &cache, in: context)
      }
    }
  }

  func erasedVisitState(
    _ state: inout any Sendable, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    try Self.inPlace(&state, as: State.self, "state") { try visitState(&$0, visit) }
  }

  func erasedCheckState(_ state: any Sendable) throws { try checkState(cast(state, "state")) }

  /// Calls `body` with what is in a box, to be changed where it is. The box is opened by the call.
  ///
  /// Of the type and not of the layer: a body that changes the layer would have it copied for the call.
  ///
  /// - Parameter role: what the value is, in a message: "state".
  static func inPlace<Boxed: Sendable, Value, Result>(
    _ box: inout Boxed, as type: Value.Type, _ role: String,
    _ body: (inout Value) throws -> Result
  ) rethrows -> Result {
    guard Boxed.self == Value.self else { Self.refuse(Boxed.self, as: Value.self, role) }
    return try withUnsafeMutablePointer(to: &box) {
      try $0.withMemoryRebound(to: Value.self, capacity: 1) { try body(&$0.pointee) }
    }
  }

  /// - Parameter role: what the value is, in a message: "state".
  func cast<Boxed: Sendable, Value>(_ value: Boxed, _ role: String) -> Value {
    guard Boxed.self == Value.self else { Self.refuse(Boxed.self, as: Value.self, role) }
    return withUnsafePointer(to: value) {
      $0.withMemoryRebound(to: Value.self, capacity: 1) { $0.pointee }
    }
  }

  private static func refuse(_ given: Any.Type, as expected: Any.Type, _ role: String) -> Never {
    fatalError(
      "\(Self.kind): expected the \(role) \(readableName(of: expected)), got "
        + "\(readableName(of: given)); a state or a cache belongs to the model that made it")
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
