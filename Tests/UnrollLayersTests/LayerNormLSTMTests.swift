import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("LayerNormLSTM")
struct LayerNormLSTMTests {
  private func drawn<E: Scalar>(_ hidden: Int, _: E.Type) -> LayerNormLSTM<E> {
    var layer = LayerNormLSTM<E>(inputSize: 6, hiddenSize: hidden)
    layer.visitParameters { $1.value = noise($1.shape, seed: UInt64($0.count)) }
    return layer
  }

  /// The equations, by tensor operations, `[T, B, H]`.
  private func expected<E: Scalar>(_ cell: LayerNormLSTMCell<E>, _ x: Tensor<E>) -> [Tensor<E>] {
    let (H, batch) = (cell.hiddenSize, x.shape[1])
    func normalized(
      _ x: Tensor<E>, times weight: Parameter<E>, scaledBy scale: Parameter<E>
    ) -> Tensor<E> {
      let product = Tensor.product(x.matrix, PackedMatrix(weight.value.matrix.transposed))
      return NormalizedRows(product).values.scalingColumns(by: scale.value)
    }
    var (h, c) = (Tensor<E>(shape: [batch, H]), Tensor<E>(shape: [batch, H]))
    return (0..<x.shape[0]).map { t in
      var a =
        normalized(x.step(t), times: cell.projection.weight, scaledBy: cell.inputScale)
        + normalized(h, times: cell.recurrence.weight, scaledBy: cell.recurrentScale)
      a.addToRows(cell.bias.value)
      let (i, f) = (a.columns(0..<H).sigmoid(), a.columns(H..<(2 * H)).sigmoid())
      let (g, o) = (a.columns((2 * H)..<(3 * H)).tanh(), a.columns((3 * H)..<(4 * H)).sigmoid())
      c = f * c + i * g
      var out = NormalizedRows(c).values.scalingColumns(by: cell.cellScale.value)
      out.addToRows(cell.cellBias.value)
      h = o * out.tanh()
      return h
    }
  }

  @Test("is what its equations say", arguments: [1, 3, 16, 37])
  func equations(hidden: Int) {
    func check<E: Scalar>(_: E.Type, within bound: Double) {
      let (layer, x) = (drawn(hidden, E.self), noise([5, 3, 6], as: E.self))
      let y = layer(x)
      for (t, expected) in expected(layer.cell, x).enumerated() {
        #expect(difference(y.step(t), expected) < bound)
      }
    }
    check(Float.self, within: 1e-5)
    check(Double.self, within: 1e-12)
  }

  /// Forty streams: two, three or four threads have rows of their own, eight share each step.
  @Test("gives the same bytes for any number of threads", arguments: [2, 3, 4, 8])
  func threads(count: Int) {
    func bits(_ threads: Int) -> [UInt32] {
      let context = Context(lengths: (0..<40).map { $0 % 10 }, threads: threads)
      let training = Training(
        drawn(37, Float.self), noise([9, 40, 6]), batch: 40, context
      ) { $0 }
      let gradients = training.gradients.sorted { $0.key < $1.key }.map(\.value)
      return ([training.output, training.input] + gradients).flatMap(\.scalars).map(\.bitPattern)
    }
    #expect(bits(count) == bits(1))
  }

  @Test("does not see what lies beyond a sequence's end")
  func padding() {
    expectPaddingDoesNotLeak(LayerNormLSTM(inputSize: 6, hiddenSize: 5), features: 6)
  }
}
