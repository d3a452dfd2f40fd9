import UnrollCore

/// The attention of one stream's queries to its memory: the part that streams share nothing of.
///
/// # Shapes
/// T queries, S steps of the memory, K features of a query and of a key, M of a step.
struct MemoryRun<Element: Scalar>: Sendable {
  /// `[T, K]`; after backward the gradient with respect to them, as for keys and values.
  private(set) var queries: Tensor<Element>
  /// `[S, K]`.
  private(set) var keys: Tensor<Element>
  /// `[S, M]`.
  private(set) var values: Tensor<Element>
  /// `v [K]` of an additive score, after backward the gradient; `nil` of a product.
  private(set) var score: Tensor<Element>?
  /// a, `[T, S]`.
  private(set) var weights = Tensor<Element>(shape: [0, 0])
  /// c, `[T, M]`.
  private(set) var context: Tensor<Element>

  init(
    queries: Tensor<Element>, keys: Tensor<Element>, values: Tensor<Element>,
    score: Tensor<Element>?
  ) {
    (self.queries, self.keys, self.values, self.score) = (queries, keys, values, score)
    context = Tensor(shape: [queries.rows, values.columns])
  }

  private var isEmpty: Bool { queries.rows == 0 || keys.rows == 0 }

  /// `a_ts = softmax over s of e_ts`, `c_t = sum_s a_ts m_s`.
  mutating func attend() {
    guard !isEmpty else { return }
    weights = scores().softmax()
    context = Tensor.product(weights.matrix, values.matrix)
  }

  /// e, `[T, S]`.
  private func scores() -> Tensor<Element> {
    guard let score else { return Tensor.product(queries.matrix, keys.transposed) }
    let (T, S) = (queries.rows, keys.rows)
    let v = PackedMatrix(score.reshaped([score.count, 1]).matrix)
    var e = Tensor<Element>(uninitialized: [T * S, 1]) { _ in }
    for t in 0..<T { e.setProduct(hidden(t).matrix, v, rows: (t * S)..<((t + 1) * S)) }
    return e.reshaped([T, S])
  }

  /// `tanh(q_t + k_s)` for every s, `[S, K]`. Computed again on the way back: for all queries it
  /// would take K times the memory of the weights.
  private func hidden(_ t: Int) -> Tensor<Element> {
    var sum = keys
    sum.addToRows(queries.step(t))
    return sum.tanh()
  }

  /// Replaces queries, keys, values and the score's weight by the gradients with respect to them.
  ///
  ///     da_ts = dc_t . m_s        de_ts = a_ts (da_ts - sum_r a_tr da_tr)
  ///     dm_s = sum_t a_ts dc_t
  ///
  /// - Parameter gradient: dc, `[T, M]`.
  mutating func backward(_ gradient: Tensor<Element>) {
    guard !isEmpty else {
      (queries, keys) = (Tensor(shape: queries.shape), Tensor(shape: keys.shape))
      (values, score) = (Tensor(shape: values.shape), score.map { Tensor(shape: $0.shape) })
      return
    }
    let de = weights.softmaxGradient(.product(gradient.matrix, values.transposed))
    values = .product(weights.transposed, gradient.matrix)
    if let score { additiveBackward(de, score) } else { productBackward(de) }
    weights = Tensor(shape: [0, 0])
  }

  /// `dq_t = sum_s de_ts k_s`, `dk_s = sum_t de_ts q_t`.
  private mutating func productBackward(_ de: Tensor<Element>) {
    (queries, keys) = (
      .product(de.matrix, keys.matrix), .product(de.transposed, queries.matrix)
    )
  }

  /// With z the hidden units, `du_ts = de_ts v (1 - z_ts^2)`:
  ///
  ///     dq_t = sum_s du_ts        dk_s = sum_t du_ts        dv = sum_ts de_ts z_ts
  private mutating func additiveBackward(_ de: Tensor<Element>, _ v: Tensor<Element>) {
    var (dq, dk) = (Tensor<Element>(shape: queries.shape), Tensor<Element>(shape: keys.shape))
    var dv = Tensor<Element>(shape: [v.count, 1])
    // From the last step to the first, as all gradients are summed.
    for t in (0..<queries.rows).reversed() {
      let (z, de) = (hidden(t), de.step(t))
      dv.addProduct(z.transposed, de.reshaped([de.count, 1]).matrix)
      let du = (1 - z * z).scalingColumns(by: v).scalingRows(by: de)
      var sum = Tensor<Element>(shape: [v.count])
      sum.addRowSums(of: du)
      dq.setStep(t, to: sum)
      dk += du
    }
    (queries, keys, score) = (dq, dk, dv.reshaped([v.count]))
  }
}
