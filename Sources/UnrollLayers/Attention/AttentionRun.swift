import UnrollCore

/// Self-attention of one stream over one chunk: the part that streams share nothing of.
///
/// # Shapes
/// T steps in the chunk, n carried ones before them; F features, of which each head has its own.
struct AttentionRun<Element: Scalar>: Sendable {
  /// Which stream of the batch this is.
  let stream: Int
  /// n, the number of carried steps.
  let carried: Int
  /// How many steps of the chunk count.
  let length: Int
  /// How many steps a step attends to at most, itself included.
  let window: Int
  /// The columns of each head.
  let heads: [Range<Int>]

  /// `[T, F]`; after backward the gradient with respect to them, as for keys and values.
  private(set) var queries = Tensor<Element>(shape: [0, 0])
  /// `[n + T, F]`.
  private(set) var keys = Tensor<Element>(shape: [0, 0])
  /// `[n + T, F]`.
  private(set) var values = Tensor<Element>(shape: [0, 0])
  /// What each head attends to, `[T, n + T]`.
  private(set) var attention: [Tensor<Element>] = []
  /// What the heads gathered, z, `[T, F]`.
  var gathered = Tensor<Element>(shape: [0, 0])

  /// Which of the `n + T` steps a step of the chunk attends to; none beyond the stream's length.
  private func attended(by step: Int) -> Range<Int> {
    guard step < length else { return 0..<0 }
    let end = carried + step + 1
    return max(0, end - window)..<end
  }

  /// Which of the `n + T` steps later chunks may attend to.
  var kept: Range<Int> {
    let end = carried + length
    return max(0, end - (window - 1))..<end
  }

  private var scale: Element { 1 / Element(heads[0].count).squareRoot() }

  /// `z_t = sum_s a_ts v_s`.
  ///
  /// - Parameters:
  ///   - projected: the queries, keys and values of all streams side by side, `[T, B, 3F]`.
  ///   - state: that before the chunk.
  mutating func attend(
    _ projected: Tensor<Element>, _ state: AttentionState<Element>, _ mode: Context.Mode
  ) {
    let (time, F) = (projected.shape[0], projected.shape[2] / 3)
    let own = projected.streams(stream..<(stream + 1)).reshaped([time, 3 * F])
    queries = own.columns(0..<F)
    keys = joined(state.keys, own.columns(F..<(2 * F)))
    values = joined(state.values, own.columns((2 * F)..<(3 * F)))
    gathered = Tensor(uninitialized: [time, F]) { _ in }
    for columns in heads {
      var scores = Tensor.product(
        queries.matrix.columns(columns), keys.matrix.columns(columns).transposed)
      scores *= scale
      let weights = scores.softmax(within: attended)
      gathered.setProduct(
        weights.matrix, PackedMatrix(values.matrix.columns(columns)), columns: columns)
      if mode == .training { attention.append(weights) }
    }
  }

  /// The carried steps of this stream and those of the chunk, `[n + T, F]`.
  private func joined(_ state: Tensor<Element>, _ chunk: Tensor<Element>) -> Tensor<Element> {
    guard carried > 0 else { return chunk }
    let count = carried + chunk.shape[0]
    var all = Tensor<Element>(uninitialized: [count, chunk.columns]) { _ in }
    all.setSteps(0..<carried, to: AttentionState.steps(carried, of: stream, in: state))
    all.setSteps(carried..<count, to: chunk)
    return all
  }

  /// Replaces queries, keys and values by the gradients with respect to them.
  ///
  /// - Parameters:
  ///   - gradient: that with respect to z of all streams, `[T, B, F]`.
  ///   - final: that with respect to the state after the chunk.
  mutating func backward(_ gradient: Tensor<Element>, _ final: AttentionState<Element>) {
    let dz = gradient.streams(stream..<(stream + 1)).reshaped(queries.shape)
    var dq = Tensor<Element>(uninitialized: queries.shape) { _ in }
    var (dk, dv) = (placed(final.keys), placed(final.values))
    for (columns, weights) in zip(heads, attention) {
      let dzColumns = dz.matrix.columns(columns)
      dv.addProduct(weights.transposed, PackedMatrix(dzColumns), columns: columns)
      var dScores = weights.softmaxGradient(
        .product(dzColumns, values.matrix.columns(columns).transposed))
      dScores *= scale
      dq.setProduct(
        dScores.matrix, PackedMatrix(keys.matrix.columns(columns)), columns: columns)
      dk.addProduct(
        dScores.transposed, PackedMatrix(queries.matrix.columns(columns)), columns: columns)
    }
    (queries, keys, values) = (dq, dk, dv)
    attention = []
  }

  /// Queries, keys and values of the chunk side by side, `[T, 3F]`.
  var projected: Tensor<Element> {
    let chunk = carried..<keys.shape[0]
    return .concatenatingColumns(queries, keys.steps(chunk), values.steps(chunk))
  }

  /// The gradient of what was kept of this stream in the places where it was kept from,
  /// `[n + T, F]`.
  private func placed(_ final: Tensor<Element>) -> Tensor<Element> {
    var all = Tensor<Element>(shape: keys.shape)
    guard final.isAllocated, !kept.isEmpty else { return all }
    all.setSteps(kept, to: AttentionState.steps(kept.count, of: stream, in: final))
    return all
  }
}
