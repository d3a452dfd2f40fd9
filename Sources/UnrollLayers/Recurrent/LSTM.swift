import CUnrollKernels
import UnrollCore

/// One step of long short-term memory.
///
///     a = W_ih x_t + W_hh h_{t-1} + b            split into a_i, a_f, a_g, a_o
///     i = sigmoid(a_i)  f = sigmoid(a_f)  g = tanh(a_g)  o = sigmoid(a_o)
///     c_t = f * c_{t-1} + i * g                  h_t = o * tanh(c_t)
///
/// and backwards, with `dh_t` and `dc_t` the gradients that come from the step after:
///
///     dc_t = dh_t * o * (1 - tanh(c_t)^2) + (dc from t+1)
///     da_i = dc_t * g * i(1-i)         da_f = dc_t * c_{t-1} * f(1-f)
///     da_g = dc_t * i * (1 - g^2)      da_o = dh_t * tanh(c_t) * o(1-o)
///     dc_{t-1} = dc_t * f              dh_{t-1} = W_hh^T da      dx_t = W_ih^T da
///     dW_ih = sum_t da_t x_t^T         dW_hh = sum_t da_t h_{t-1}^T        db = sum_t da_t
///
/// Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 for the forget gate. Gates are
/// ordered i, f, g, o (input, forget, candidate, output), as in PyTorch.
///
/// # Shapes
/// `weight_ih [4H, I]`, `weight_hh [4H, H]`, `bias [4H]`; the state of a stream is `[h | c]`, `[2H]`.
/// The blocks of `weight_hh` begin orthogonal, those of `weight_ih` by Glorot's rule, the forget
/// gate's bias at 1.
public struct LSTMCell<Element: Scalar>: RecurrentCell {
  public var projection: InputProjection<Element>
  /// The recurrent weight, `W_hh`, `[4H, H]`.
  public var recurrence: RecurrentWeight<Element>

  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, hiddenSize: Int) {
    require(
      inputSize > 0 && hiddenSize > 0, "LSTM: inputSize \(inputSize), hiddenSize \(hiddenSize)")
    projection = InputProjection(
      inputSize: inputSize, outputSize: 4 * hiddenSize, weight: .gates(4, .glorot),
      bias: .blocks([.zeros, .ones, .zeros, .zeros]))
    recurrence = RecurrentWeight(
      hiddenSize: hiddenSize, outputSize: 4 * hiddenSize, .gates(4, .orthogonal))
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    projection = try container.decode(InputProjection<Element>.self, forKey: .projection)
    recurrence = try container.decode(RecurrentWeight<Element>.self, forKey: .recurrence)
    let rows = 4 * hiddenSize
    try decoder.expect(
      projection.outputSize == rows && recurrence.weight.shape[0] == rows,
      "the weights \(projection.weight.shape) and \(recurrence.weight.shape) make no LSTM")
  }

  public var hiddenSize: Int { recurrence.hiddenSize }
  public var stateSize: Int { 2 * hiddenSize }
  /// A step keeps `tanh(c_t)`.
  public var savedSize: Int { hiddenSize }

  public func pack(
    _ weights: inout [PackedMatrix<Element>], for pass: Pass, in context: Context
  ) {
    recurrence.pack(&weights, for: pass, in: context)
  }

  public func step(_ t: Int, _ run: inout CellRun<Element>) {
    let (b, H, Z) = (run.rows, hiddenSize, stateSize)
    recurrence.addProduct(t, &run)
    run.projected.withUnsafeMutableBufferPointer { a in
      run.state.withUnsafeMutableBufferPointer { state in
        run.saved.withUnsafeMutableBufferPointer { saved in
          guard let a = a.baseAddress, let state = state.baseAddress, let saved = saved.baseAddress
          else { return }
          let (before, after) = (state + t * b * Z, state + (t + 1) * b * Z)
          unroll_lstm_forward(
            Element.kernelType, b, H, a + t * b * 4 * H, before + H, Z, after, after + H, Z,
            saved + t * b * H)
        }
      }
    }
  }

  public func stepBackward(_ t: Int, _ run: inout CellRun<Element>) {
    let (b, H, Z) = (run.rows, hiddenSize, stateSize)
    run.projected.withUnsafeMutableBufferPointer { a in
      run.gradient.withUnsafeMutableBufferPointer { d in
        run.state.withUnsafeBufferPointer { state in
          run.saved.withUnsafeBufferPointer { saved in
            guard let a = a.baseAddress, let d = d.baseAddress, let state = state.baseAddress,
              let saved = saved.baseAddress
            else { return }
            unroll_lstm_backward(
              Element.kernelType, b, H, a + t * b * 4 * H, saved + t * b * H,
              state + t * b * Z + H, Z, d, d + H, Z)
          }
        }
      }
    }
    recurrence.setHiddenGradient(t, &run)
  }

  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    recurrence.accumulate(run, threads: threads)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try projection.visitParameters(visit)
    try recurrence.visitParameters(visit)
  }
}

/// Long short-term memory over a sequence: ``Recurrent`` with an ``LSTMCell``, where the equations
/// are.
///
/// # Shapes
/// Input `[T, B, I]`, output `[T, B, H]`.
public typealias LSTM<Element: Scalar> = Recurrent<LSTMCell<Element>>

extension Recurrent {
  /// A layer of long short-term memory.
  public init<E>(inputSize: Int, hiddenSize: Int) where Cell == LSTMCell<E> {
    self.init(LSTMCell(inputSize: inputSize, hiddenSize: hiddenSize))
  }

  /// A layer of long short-term memory.
  public init(inputSize: Int, hiddenSize: Int) where Cell == LSTMCell<Float> {
    self.init(LSTMCell(inputSize: inputSize, hiddenSize: hiddenSize))
  }
}
