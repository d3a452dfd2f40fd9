import UnrollCore

/// A tensor and what it is.
typealias NamedTensor = (name: String, value: Tensor<Double>)

/// What running chunks of a sequence through a layer, forward and backward, gave.
struct Outcome {
  /// One for each chunk.
  var outputs: [Tensor<Double>] = []
  /// One for each chunk; none of an input without gradients.
  var inputGradients: [Tensor<Double>] = []
  /// The state after the last chunk.
  var finalState: [NamedTensor] = []
  /// The gradient with respect to the state before the first chunk.
  var stateGradient: [NamedTensor] = []
  /// The sums of what the chunks gave.
  var parameterGradients: [NamedTensor] = []

  /// What belongs to some streams: everything but the parameters' gradients.
  func selecting(streams: [Int]) -> Outcome {
    func pick(_ state: [NamedTensor]) -> [NamedTensor] {
      state.map { ($0.name, $0.value.gathering(streams)) }
    }
    return Outcome(
      outputs: outputs.map { $0.selecting(streams: streams) },
      inputGradients: inputGradients.map { $0.selecting(streams: streams) },
      finalState: pick(finalState), stateGradient: pick(stateGradient))
  }

  /// The chunks joined to one.
  func joiningChunks() -> Outcome {
    var joined = self
    joined.outputs = [.joining(steps: outputs)]
    joined.inputGradients = inputGradients.isEmpty ? [] : [.joining(steps: inputGradients)]
    return joined
  }

  /// Everything by name.
  var tensors: [NamedTensor] {
    func numbered(_ name: String, _ list: [Tensor<Double>]) -> [NamedTensor] {
      list.enumerated().map { (list.count == 1 ? name : "\(name) of chunk \($0)", $1) }
    }
    return numbered("output", outputs) + numbered("input gradient", inputGradients)
      + finalState.map { ("final state \($0.name)", $0.value) }
      + stateGradient.map { ("gradient of the initial state \($0.name)", $0.value) }
      + parameterGradients.map { ("gradient of \($0.name)", $0.value) }
  }
}

/// How two results have to agree.
enum Agreement {
  /// To the last bit.
  case exact
  /// Up to rounding: within 1e-10 of the largest element, or of a thousandth where all are smaller.
  case close
}

/// How results differ from what they should be, element by element: the worst one of each tensor.
func differences(
  _ tensors: [NamedTensor], from expected: [NamedTensor], _ agreement: Agreement
) -> [String] {
  guard tensors.map(\.name) == expected.map(\.name) else {
    return ["there are \(tensors.map(\.name)), expected \(expected.map(\.name))"]
  }
  return zip(tensors, expected).compactMap {
    difference($0.name, $0.value, from: $1.value, agreement)
  }
}

func differences(
  _ outcome: Outcome, from expected: Outcome, _ agreement: Agreement
) -> [String] {
  differences(outcome.tensors, from: expected.tensors, agreement)
}

private func difference(
  _ name: String, _ tensor: Tensor<Double>, from expected: Tensor<Double>, _ agreement: Agreement
) -> String? {
  guard tensor.shape == expected.shape else {
    return "\(name): the shape is \(tensor.shape), expected \(expected.shape)"
  }
  let (found, expected) = (tensor.scalars, expected.scalars)
  let bound =
    switch agreement {
    case .exact: 0.0
    case .close: 1e-10 * expected.reduce(1e-3) { max($0, abs($1)) }
    }
  var worst: (index: Int, size: Double)?
  for i in found.indices where found[i].bitPattern != expected[i].bitPattern {
    // What is not a number is as far away as can be; of zeros of both signs only bits differ.
    let size = (found[i] - expected[i]).isNaN ? .infinity : abs(found[i] - expected[i])
    let counts = agreement == .exact || size > bound
    if counts && size >= worst?.size ?? 0 { worst = (i, size) }
  }
  return worst.map {
    "\(name): element \($0.index) is \(found[$0.index]), expected \(expected[$0.index])"
  }
}

extension Tensor where Element == Double {
  /// Sequences one after another.
  static func joining(steps parts: [Tensor]) -> Tensor {
    let time = parts.reduce(0) { $0 + $1.shape[0] }
    return Tensor(shape: [time] + parts[0].shape.dropFirst(), scalars: parts.flatMap(\.scalars))
  }
}

/// The sum of lists of tensors, place by place.
func sum(_ lists: [[NamedTensor]]) -> [NamedTensor] {
  guard var sums = lists.first else { return [] }
  for list in lists.dropFirst() {
    for (i, tensor) in list.enumerated() { sums[i].value += tensor.value }
  }
  return sums
}
