// Overloads that fit where a stack is put together wrongly, so that the compiler has one error to tell:
// what to do. `Tests/miswired` holds each to that.

extension LayerBuilder {
  @available(
    *, unavailable, message: "tokens go into an Embedding first; this layer takes a tensor"
  )
  public static func buildPartialBlock<Input, Output>(
    accumulated: LayerStack<Input, Tokens, Element>,
    next: LayerStack<Tensor<Element>, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  @available(
    *, unavailable,
    message: "a layer that takes tokens, such as Embedding, comes after one that gives a tensor"
  )
  public static func buildPartialBlock<Input, Output>(
    accumulated: LayerStack<Input, Tensor<Element>, Element>,
    next: LayerStack<Tokens, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  @available(*, unavailable, message: "this layer does not take what the layer before it gives")
  public static func buildPartialBlock<Input, Given, Taken, Output>(
    accumulated: LayerStack<Input, Given, Element>, next: LayerStack<Taken, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  @available(
    *, unavailable,
    message: "a loop repeats its layers, so the last of them must give what the first one takes"
  )
  public static func buildArray<Input, Output>(
    _ parts: [LayerStack<Input, Output, Element>]
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  @available(
    *, unavailable,
    message: "an if without else may leave its layers out, so they must give what they take"
  )
  public static func buildPartialBlock<Input, Output>(
    first: Conditional<Input, Output>
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  @available(
    *, unavailable,
    message: "an if without else may leave its layers out, so they must give what they take"
  )
  public static func buildPartialBlock<Input, Given, Taken, Output>(
    accumulated: LayerStack<Input, Given, Element>, next: Conditional<Taken, Output>
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  @available(*, unavailable, message: "both branches must take and give the same as each other")
  public static func buildEither<Taken, Given, Input, Output>(
    second: LayerStack<Taken, Given, Element>
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  @available(
    *, unavailable,
    message: "a cell is one step and no layer; run it over a sequence with Recurrent(cell)"
  )
  public static func buildExpression<C: RecurrentCell>(
    _ cell: C
  ) -> LayerStack<Tensor<Element>, Tensor<Element>, Element> {
    unavailable()
  }

  @available(
    *, unavailable, message: "a stack has layers of one precision; this one is of another"
  )
  public static func buildExpression<L: Layer>(
    _ layer: L
  ) -> LayerStack<Tensor<Element>, Tensor<Element>, Element> where L.Input == Tensor<L.Element> {
    unavailable()
  }

  @available(
    *, unavailable, message: "a stack has layers of one precision; this one is of another"
  )
  public static func buildExpression<L: Layer>(
    _ layer: L
  ) -> LayerStack<Tokens, Tensor<Element>, Element> where L.Input == Tokens {
    unavailable()
  }

  @available(
    *, unavailable,
    message: "what layers of a list take is known at run time only; try Sequential(layers: list)"
  )
  public static func buildExpression(
    _ layers: [any Layer<Element>]
  ) -> LayerStack<Tensor<Element>, Tensor<Element>, Element> {
    unavailable()
  }

  @available(
    *, unavailable,
    message: "these layers do not take what comes here, or do not give what is wanted from here on"
  )
  public static func buildFinalResult<Taken, Given, Input, Output>(
    _ stack: LayerStack<Taken, Given, Element>
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  @available(*, unavailable, message: "a stack needs at least one layer")
  public static func buildFinalResult<Input, Output>(
    _ nothing: Nothing
  ) -> LayerStack<Input, Output, Element> {
    unavailable()
  }

  fileprivate static func unavailable() -> Never { fatalError("LayerBuilder: unavailable") }
}

extension LayerBuilder where Element == Float {
  @available(*, unavailable, message: "a stack needs at least one layer")
  public static func buildFinalResult(
    _ nothing: Nothing
  ) -> LayerStack<Tensor<Float>, Tensor<Float>, Float> {
    unavailable()
  }
}

extension Sequential where Input == Tokens, Output == Tensor<Float>, Element == Float {
  @available(
    *, unavailable, message: "layers go into braces, one to a line: Sequential { ... }"
  )
  public init<First: Layer, Second: Layer>(
    _ first: First, _ second: Second, _ more: any Layer...
  ) {
    fatalError("Sequential: unavailable")
  }

  @available(
    *, unavailable,
    message: "in a stack are layers, no values, no 'break'; write () for a case without layers"
  )
  @_disfavoredOverload
  public init(seed: UInt64? = 0, _ statements: () -> Void) {
    fatalError("Sequential: unavailable")
  }
}
