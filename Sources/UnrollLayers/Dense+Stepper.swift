import CUnrollKernels
import UnrollCore

extension Embedding: TableLayer {
  package var table: Tensor<Element> { weight.value }
}

extension Dropout: SteppingLayer {
  package func makeStepper(
    from state: any Sendable, batch: Int, in context: Context
  ) -> (any LayerStepper<Element>)? { PassingStepper() }
}

extension Dense: SteppingLayer {
  package func makeStepper(
    from state: any Sendable, batch: Int, in context: Context
  ) -> (any LayerStepper<Element>)? {
    DenseStepper(self, isSoftmax: false, batch, context)
  }
}

extension DenseSoftmax: SteppingLayer {
  package func makeStepper(
    from state: any Sendable, batch: Int, in context: Context
  ) -> (any LayerStepper<Element>)? {
    DenseStepper(dense, isSoftmax: true, batch, context)
  }
}

/// What drops nothing in inference.
private struct PassingStepper<Element: Scalar>: LayerStepper {
  var state: any Sendable { () }

  mutating func step(_ input: StepSignal<Element>) -> StepSignal<Element> { input }
}

private struct DenseStepper<Element: Scalar>: LayerStepper {
  private let weight: PackedMatrix<Element>
  private let bias: Tensor<Element>
  private let isSoftmax: Bool
  private let threads: Int
  private var output: Tensor<Element>

  init(_ dense: Dense<Element>, isSoftmax: Bool, _ batch: Int, _ context: Context) {
    var weight = PackedMatrix<Element>()
    weight.pack(dense.weight.value.transposed, for: context)
    self.weight = weight
    bias = dense.bias.value
    (self.isSoftmax, threads) = (isSoftmax, context.threads)
    output = Tensor(shape: [batch, dense.outputSize])
  }

  var state: any Sendable { () }

  @specialized(where Element == Float)
  mutating func step(_ input: StepSignal<Element>) -> StepSignal<Element> {
    guard case .rows(let x) = input else { fatalError("Dense: a step of tokens") }
    let (y, columns) = (output.mutableAddress, weight.columns)
    bias.withUnsafeBufferPointer {
      weight.multiply(
        x, into: y, stride: columns, start: UNROLL_START_BIAS, bias: $0.baseAddress,
        threads: threads)
    }
    if isSoftmax { unroll_log_softmax(Element.kernelType, x.rows, columns, y, y) }
    return .rows(MatrixAddress(base: y, rows: x.rows, columns: columns, rowStride: columns))
  }
}
