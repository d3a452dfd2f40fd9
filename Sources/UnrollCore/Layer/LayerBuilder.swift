/// Layers whose ends are known: what ``LayerBuilder`` puts together.
public struct Stack<Input: Signal, Output: Signal, Element: Scalar> {
  let layers: [any Layer<Element>]
}

/// Stacks layers and checks, as the program is compiled, that each takes what the one before it
/// gives. `for`, `if` and `if else` may be used where the type of the signal stays the same.
@resultBuilder
public enum LayerBuilder<Element: Scalar> {
  public static func buildExpression<L: Layer<Element>>(
    _ layer: L
  ) -> Stack<L.Input, L.Output, Element> {
    Stack(layers: [layer])
  }

  /// Layers that a function put together: it is marked with this builder and returns a ``Stack``.
  public static func buildExpression<Input, Output>(
    _ part: Stack<Input, Output, Element>
  ) -> Stack<Input, Output, Element> {
    part
  }

  public static func buildPartialBlock<Input, Output>(
    first: Stack<Input, Output, Element>
  ) -> Stack<Input, Output, Element> {
    first
  }

  public static func buildPartialBlock<Input, Middle, Output>(
    accumulated: Stack<Input, Middle, Element>, next: Stack<Middle, Output, Element>
  ) -> Stack<Input, Output, Element> {
    Stack(layers: accumulated.layers + next.layers)
  }

  @available(*, unavailable, message: "this layer does not take what the layer before it gives")
  public static func buildPartialBlock<Input, Given, Taken, Output>(
    accumulated: Stack<Input, Given, Element>, next: Stack<Taken, Output, Element>
  ) -> Stack<Input, Output, Element> {
    fatalError("unavailable")
  }

  public static func buildArray<S>(_ parts: [Stack<S, S, Element>]) -> Stack<S, S, Element> {
    Stack(layers: parts.flatMap(\.layers))
  }

  public static func buildEither<Input, Output>(
    first: Stack<Input, Output, Element>
  ) -> Stack<Input, Output, Element> {
    first
  }

  public static func buildEither<Input, Output>(
    second: Stack<Input, Output, Element>
  ) -> Stack<Input, Output, Element> {
    second
  }

  public static func buildOptional<S>(_ part: Stack<S, S, Element>?) -> Stack<S, S, Element> {
    part ?? Stack(layers: [])
  }
}
