/// Layers whose ends are known: what ``LayerBuilder`` puts together.
public struct LayerStack<Input: Signal, Output: Signal, Element: Scalar> {
  let layers: [any Layer<Element>]
}

/// Stacks layers and checks, as the program is compiled, that each takes what the one before it
/// gives.
///
/// Between the layers there may be `let`, `var`, assignments and calls that return nothing. `for`, `if`
/// without `else`, and cases without layers may be used where the type of the signal stays the same; `if
/// else` and `switch` where all cases take and give the same.
///
/// ```
/// Sequential(seed: 1) {
///   var size = 32
///   Embedding(vocabularySize: 65, dimension: size)
///   for hidden in [96, 128] {
///     LSTM(inputSize: size, hiddenSize: hidden)
///     size = hidden
///   }
///   DenseSoftmax(inputSize: size, classes: 65)
/// }
/// ```
@resultBuilder
public enum LayerBuilder<Element: Scalar> {
  /// A statement that is no layer.
  public struct Nothing {}

  /// The layers of an `if` without `else`.
  public struct Conditional<Input: Signal, Output: Signal> {
    let layers: [any Layer<Element>]
  }

  public static func buildExpression<L: Layer<Element>>(
    _ layer: L
  ) -> LayerStack<L.Input, L.Output, Element> {
    LayerStack(layers: [layer])
  }

  /// Layers that a function put together: it is marked with this builder and returns a ``LayerStack``.
  public static func buildExpression<Input, Output>(
    _ part: LayerStack<Input, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    part
  }

  public static func buildPartialBlock<Input, Output>(
    first: LayerStack<Input, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    first
  }

  public static func buildPartialBlock<Input, Middle, Output>(
    accumulated: LayerStack<Input, Middle, Element>, next: LayerStack<Middle, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    LayerStack(layers: accumulated.layers + next.layers)
  }

  public static func buildArray<S>(_ parts: [LayerStack<S, S, Element>]) -> LayerStack<
    S, S, Element
  > {
    LayerStack(layers: parts.flatMap(\.layers))
  }

  public static func buildEither<Input, Output>(
    first: LayerStack<Input, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    first
  }

  public static func buildEither<Input, Output>(
    second: LayerStack<Input, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    second
  }

  public static func buildFinalResult<Input, Output>(
    _ stack: LayerStack<Input, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    stack
  }
}

// An `if` without `else`.
extension LayerBuilder {
  public static func buildOptional<Input, Output>(
    _ part: LayerStack<Input, Output, Element>?
  ) -> Conditional<Input, Output> {
    Conditional(layers: part?.layers ?? [])
  }

  public static func buildPartialBlock<S>(first: Conditional<S, S>) -> LayerStack<S, S, Element> {
    LayerStack(layers: first.layers)
  }

  public static func buildPartialBlock<Input, S>(
    accumulated: LayerStack<Input, S, Element>, next: Conditional<S, S>
  ) -> LayerStack<Input, S, Element> {
    LayerStack(layers: accumulated.layers + next.layers)
  }
}

// Statements that are no layers.
extension LayerBuilder {
  public static func buildExpression(_ nothing: ()) -> Nothing { Nothing() }
  public static func buildBlock() -> Nothing { Nothing() }
  public static func buildPartialBlock(first: Nothing) -> Nothing { first }
  public static func buildPartialBlock(accumulated: Nothing, next: Nothing) -> Nothing { next }
  public static func buildOptional(_ part: Nothing?) -> Nothing { Nothing() }
  public static func buildArray(_ parts: [Nothing]) -> Nothing { Nothing() }

  public static func buildPartialBlock<Input, Output>(
    accumulated: Nothing, next: LayerStack<Input, Output, Element>
  ) -> LayerStack<Input, Output, Element> {
    next
  }

  public static func buildPartialBlock<Input, Output>(
    accumulated: LayerStack<Input, Output, Element>, next: Nothing
  ) -> LayerStack<Input, Output, Element> {
    accumulated
  }

  public static func buildPartialBlock<S>(
    accumulated: Nothing, next: Conditional<S, S>
  ) -> LayerStack<S, S, Element> {
    LayerStack(layers: next.layers)
  }

  public static func buildEither<S>(first: Nothing) -> LayerStack<S, S, Element> {
    LayerStack(layers: [])
  }
  public static func buildEither<S>(second: Nothing) -> LayerStack<S, S, Element> {
    LayerStack(layers: [])
  }
}
