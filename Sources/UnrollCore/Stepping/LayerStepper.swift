/// What goes from one layer to the next within a step, where it lies in memory.
package enum StepSignal<Element: Scalar> {
  /// A token for each stream.
  case tokens(UnsafePointer<Int32>)
  /// A row for each stream.
  case rows(MatrixAddress<Element>)
}

/// A layer that takes one step after another in inference, with its state, in memory of its own.
package protocol LayerStepper<Element>: Sendable {
  associatedtype Element: Scalar

  /// The state after the last step, as the layer's own.
  var state: any Sendable { get }

  /// One step of every stream. Where the output lies is good until the next step.
  mutating func step(_ input: StepSignal<Element>) -> StepSignal<Element>
}

/// A layer that has a stepper of its own. What any other layer does in a step is its `forward`.
///
/// Not a kind of `Layer`, whose associated types a second conformance would have to be inferred with.
package protocol SteppingLayer<Element> {
  associatedtype Element: Scalar

  /// - Parameter state: the layer's own.
  /// - Returns: `nil` where `forward` has to do.
  func makeStepper(
    from state: any Sendable, batch: Int, in context: Context
  ) -> (any LayerStepper<Element>)?
}

/// A layer that looks up rows of a table by tokens, so that what the next one does to its input can be
/// done to the table once.
package protocol TableLayer<Element> {
  associatedtype Element: Scalar

  /// `[V, E]`.
  var table: Tensor<Element> { get }
}

/// A layer that can step on tokens, given the table of which they are rows.
package protocol TableSteppingLayer<Element>: SteppingLayer {
  /// - Returns: `nil` where that does not pay.
  func makeStepper(
    over table: Tensor<Element>, from state: any Sendable, batch: Int, in context: Context
  ) -> (any LayerStepper<Element>)?
}

extension Layer {
  /// - Parameter shape: that of the input of one step, such as `[1, B, F]`.
  func forwardStepper(
    from state: any Sendable, shape: [Int], in context: Context
  ) -> any LayerStepper<Element> {
    ForwardStepper(
      layer: self, layerState: cast(state, "state"), cache: makeCache(), shape: shape,
      context: context)
  }
}

/// Hands tokens on to a layer that has the table.
struct TokenStepper<Element: Scalar>: LayerStepper {
  let state: any Sendable

  mutating func step(_ input: StepSignal<Element>) -> StepSignal<Element> { input }
}

/// Any layer, by its `forward`.
private struct ForwardStepper<L: Layer>: LayerStepper {
  typealias Element = L.Element

  let layer: L
  var layerState: L.State
  var cache: L.Cache
  let shape: [Int]
  let context: Context
  private var output = Tensor<L.Element>(shape: [0])

  init(layer: L, layerState: L.State, cache: L.Cache, shape: [Int], context: Context) {
    (self.layer, self.layerState, self.cache) = (layer, layerState, cache)
    (self.shape, self.context) = (shape, context)
  }

  var state: any Sendable { layerState }

  mutating func step(_ input: StepSignal<Element>) -> StepSignal<Element> {
    let signal: any Sendable =
      switch input {
      case .tokens(let ids):
        Tokens(
          time: 1, batch: shape[1], ids: Array(UnsafeBufferPointer(start: ids, count: shape[1])))
      case .rows(let rows): Tensor(copying: rows, shape: shape)
      }
    guard let signal = signal as? L.Input,
      let output = layer.forward(signal, state: &layerState, cache: &cache, in: context)
        as? Tensor<Element>
    else { fatalError("\(L.kind): no step from \(L.Input.self) to \(L.Output.self)") }
    self.output = output
    return .rows(
      MatrixAddress(
        base: self.output.mutableAddress, rows: output.rows, columns: output.columns,
        rowStride: output.columns))
  }
}

extension Tensor {
  /// A copy of rows that lie somewhere.
  init(copying rows: MatrixAddress<Element>, shape: [Int]) {
    self.init(uninitialized: shape) { copy in
      guard let to = copy.baseAddress, let from = rows.base else { return }
      for r in 0..<rows.rows {
        (to + r * rows.columns).update(from: from + r * rows.rowStride, count: rows.columns)
      }
    }
  }
}
