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
    var ownState: State = unboxed(&state)
    var ownCache: Cache = unboxed(&cache)
    defer { (state, cache) = (ownState, ownCache) }
    return forward(cast(input), state: &ownState, cache: &ownCache, in: context)
  }

  mutating func erasedBackward(
    _ gradient: any Sendable, state: inout any Sendable, cache: inout any Sendable,
    in context: Context
  ) -> any Sendable {
    var ownState: State = unboxed(&state)
    var ownCache: Cache = unboxed(&cache)
    defer { (state, cache) = (ownState, ownCache) }
    return backward(cast(gradient), state: &ownState, cache: &ownCache, in: context)
  }

  func erasedVisitState(
    _ state: inout any Sendable, _ visit: (String, inout Tensor<Element>) throws -> Void
  ) rethrows {
    var ownState: State = unboxed(&state)
    defer { state = ownState }
    try visitState(&ownState, visit)
  }

  func erasedCheckState(_ state: any Sendable) throws { try checkState(cast(state)) }

  func unboxed<Value>(_ box: inout any Sendable) -> Value {
    let value: Value = cast(box)
    box = ()
    return value
  }

  func cast<Value>(_ value: any Sendable) -> Value {
    guard let typed = value as? Value else {
      fatalError(
        "\(Self.kind): got \(type(of: value)), expected \(Value.self); a state or a cache belongs "
          + "to the model that made it")
    }
    return typed
  }

  static var inputType: any Any.Type { Input.self }
  static var outputType: any Any.Type { Output.self }
}
