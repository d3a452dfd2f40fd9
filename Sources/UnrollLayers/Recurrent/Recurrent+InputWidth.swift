import CUnrollKernels
import UnrollCore

// A cell that sees k inputs at each step: the last k, side by side. The k - 1 inputs that lie
// before a chunk, or zeros, are carried from the one before.
extension Recurrent {
  /// What the cell sees at each step, `[T, B, k I]`, from the inputs, `[T, B, I]`.
  func seen(
    _ input: Tensor<Element>, _ state: inout State, _ slices: StreamSlices, lengths: [Int]?
  ) -> Tensor<Element> {
    guard let before = state.inputs.map({ slices.restarting($0) }) else { return input }
    let line = InputLine(shape: input.shape, width: cell.inputWidth, lengths: lengths)
    let (k, I) = (cell.inputWidth, cell.inputSize)
    return before.withUnsafeBufferPointer { before in
      input.withUnsafeBufferPointer { input in
        func copy(_ place: Int, _ stream: Int, _ to: UnsafeMutablePointer<Element>) {
          let (isBefore, from) = line.row(place, stream)
          guard let base = (isBefore ? before : input).baseAddress else { return }
          to.update(from: base + from, count: I)
        }
        state.inputs = Tensor(uninitialized: [line.batch, (k - 1) * I]) { last in
          guard let last = last.baseAddress else { return }
          line.forEachLast { copy($0, $1, last + $2) }
        }
        return Tensor(uninitialized: [line.time, line.batch, k * I]) { seen in
          guard let seen = seen.baseAddress else { return }
          line.forEachSeen { copy($0, $1, seen + $2) }
        }
      }
    }
  }

  /// The gradient of the inputs, `[T, B, I]`, from that of what the cell saw.
  func inputGradient(
    _ gradient: Tensor<Element>, _ state: inout State, _ slices: StreamSlices, lengths: [Int]?
  ) -> Tensor<Element> {
    guard let last = state.inputs else { return gradient }
    let (k, I) = (cell.inputWidth, cell.inputSize)
    var input = Tensor<Element>(shape: gradient.shape.dropLast() + [I])
    var before = Tensor<Element>(shape: last.shape)
    let line = InputLine(shape: input.shape, width: k, lengths: lengths)
    before.withUnsafeMutableBufferPointer { before in
      input.withUnsafeMutableBufferPointer { input in
        func add(_ place: Int, _ stream: Int, _ from: UnsafePointer<Element>) {
          let (isBefore, to) = line.row(place, stream)
          guard let base = (isBefore ? before : input).baseAddress else { return }
          unroll_add(Element.kernelType, I, from, base + to)
        }
        last.withUnsafeBufferPointer { last in
          guard let last = last.baseAddress else { return }
          line.forEachLast { add($0, $1, last + $2) }
        }
        gradient.withUnsafeBufferPointer { seen in
          guard let seen = seen.baseAddress else { return }
          line.forEachSeen { add($0, $1, seen + $2) }
        }
      }
    }
    state.inputs = slices.restarting(before)
    return input
  }
}

/// The inputs of every stream in a line, those carried first: place `e` of it is `x_{e-k+1}`.
private struct InputLine {
  let time, batch, features, width: Int
  let lengths: [Int]?

  /// - Parameter shape: that of the inputs, `[T, B, I]`.
  init(shape: [Int], width: Int, lengths: [Int]?) {
    (time, batch, features) = (shape[0], shape[1], shape[2])
    (self.width, self.lengths) = (width, lengths)
  }

  /// Where a place is: in what was carried, `[B, (k - 1) I]`, or in the inputs, and at which
  /// element.
  func row(_ place: Int, _ stream: Int) -> (isBefore: Bool, offset: Int) {
    place < width - 1
      ? (true, (stream * (width - 1) + place) * features)
      : (false, ((place - width + 1) * batch + stream) * features)
  }

  /// Calls `body` with each place that step after step sees, its stream, and where it goes to.
  func forEachSeen(_ body: (_ place: Int, _ stream: Int, _ element: Int) -> Void) {
    for t in 0..<time {
      for b in 0..<batch {
        for i in 0..<width { body(t + i, b, ((t * batch + b) * width + i) * features) }
      }
    }
  }

  /// Calls `body` with each place that the next chunk sees, its stream, and where it goes to.
  func forEachLast(_ body: (_ place: Int, _ stream: Int, _ element: Int) -> Void) {
    for b in 0..<batch {
      for i in 0..<(width - 1) {
        body((lengths?[b] ?? time) + i, b, (b * (width - 1) + i) * features)
      }
    }
  }
}
