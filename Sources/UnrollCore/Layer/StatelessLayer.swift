/// A layer that carries nothing from one chunk to the next.
///
/// ```
/// struct Scale: StatelessLayer {  // y = s * x, one scale per feature
///   var scale: Parameter<Float>
///   func makeCache() -> Tensor<Float>? { nil }
///   func forward(_ x: Tensor<Float>, cache: inout Tensor<Float>?, in context: Context) -> ...
///   mutating func backward(_ g: Tensor<Float>, cache: inout Tensor<Float>?, in ...) -> ...
///   mutating func visitParameters(...) rethrows { try visit("scale", &scale) }
/// }
/// ```
public protocol StatelessLayer<Element>: Layer where State == Void {
  // Declared again so that Swift infers them from the two functions below.
  associatedtype Element
  associatedtype Input
  associatedtype Output
  associatedtype Cache

  override func makeCache() -> Cache
  override mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows

  /// The output for an input. In `.inference` nothing is kept in the cache.
  func forward(_ input: Input, cache: inout Cache, in context: Context) -> Output

  /// The gradient with respect to the input; parameters' gradients are added to.
  mutating func backward(
    _ gradient: Output.Gradient, cache: inout Cache, in context: Context
  ) -> Input.Gradient
}

extension StatelessLayer {
  public func forward(
    _ input: Input, state: inout Void, cache: inout Cache, in context: Context
  ) -> Output {
    forward(input, cache: &cache, in: context)
  }

  public mutating func backward(
    _ gradient: Output.Gradient, state: inout Void, cache: inout Cache, in context: Context
  ) -> Input.Gradient {
    backward(gradient, cache: &cache, in: context)
  }
}
