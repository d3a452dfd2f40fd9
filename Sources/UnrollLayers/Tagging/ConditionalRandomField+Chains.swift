import UnrollCore

// From tensors to the chain of each sequence, and back.
extension ConditionalRandomField {
  /// The scores of the labels of every step, e.
  func scores(
    _ input: Tensor<Element>, _ cache: inout Dense<Element>.Cache, _ context: Context
  ) -> Tensor<Element> {
    input.expectShape([nil, nil, inputSize], axes: "TBF", of: "ConditionalRandomField input")
    return dense.forward(input, cache: &cache, in: context)
  }

  /// The scores that all sequences share, minus infinity where rules forbid.
  var chain: LabelChain {
    LabelChain(
      start: scores(start, rules?.start),
      transition: scores(transition, rules?.transition.flatMap { $0 }),
      end: scores(end, rules?.end))
  }

  private func scores(_ parameter: Parameter<Element>, _ allowed: [Bool]?) -> [Double] {
    let scores = parameter.value.scalars.map { Double($0) }
    guard let allowed else { return scores }
    return zip(scores, allowed).map { $1 ? $0 : -.infinity }
  }

  /// The numbers of each sequence, `n * L`, of a tensor `[T, B, L]`.
  @specialized(where Element == Float)
  func emissions(_ tensor: Tensor<Element>, _ context: Context) -> [[Double]] {
    let (time, batch, L) = (tensor.shape[0], tensor.shape[1], labels)
    let lengths = context.resolvedLengths(time: time, batch: batch)
    return tensor.withUnsafeBufferPointer { x in
      (0..<batch).map { b in
        var numbers: [Double] = []
        numbers.reserveCapacity(lengths[b] * L)
        for t in 0..<lengths[b] {
          for l in 0..<L { numbers.append(Double(x[(t * batch + b) * L + l])) }
        }
        return numbers
      }
    }
  }

  /// A tensor `[T, B, L]` of a number for each step and label of each sequence, zeros beyond its length.
  func tensor(
    _ shape: [Int], of sums: [ChainSums], _ number: (ChainSums, Int) -> Double
  ) -> Tensor<Element> {
    tensor(shape, of: sums.map { one in one.emissions.indices.map { number(one, $0) } })
  }

  @specialized(where Element == Float)
  private func tensor(_ shape: [Int], of numbers: [[Double]]) -> Tensor<Element> {
    let (batch, L) = (shape[1], shape[2])
    var tensor = Tensor<Element>(shape: shape)
    tensor.withUnsafeMutableBufferPointer { y in
      for (b, numbers) in numbers.enumerated() {
        for (k, number) in numbers.enumerated() {
          y[(k / L * batch + b) * L + k % L] = Element(number)
        }
      }
    }
    return tensor
  }

  /// Adds the gradients of the sequences, one after another, to those of the parameters.
  ///
  /// - Returns: The gradient with respect to the input.
  mutating func add(
    _ gradients: [ChainGradient?], scale: Double = 1, _ shape: [Int],
    _ cache: inout Dense<Element>.Cache, _ context: Context
  ) -> Tensor<Element> {
    func sum(_ count: Int, _ part: (ChainGradient) -> [Double]) -> [Double] {
      var sum = [Double](repeating: 0, count: count)
      for case let one? in gradients {
        for (k, number) in part(one).enumerated() { sum[k] += number }
      }
      return sum
    }
    let L = labels
    Self.add(sum(L) { $0.start }, scale, to: &start)
    Self.add(sum(L * L) { $0.transition }, scale, to: &transition)
    Self.add(sum(L) { $0.end }, scale, to: &end)
    let scores = gradients.map { $0?.emissions.map { $0 * scale } ?? [] }
    return dense.backward(tensor(shape, of: scores), cache: &cache, in: context)
  }

  @specialized(where Element == Float)
  private static func add(
    _ numbers: [Double], _ scale: Double, to parameter: inout Parameter<Element>
  ) {
    parameter.gradient.withUnsafeMutableBufferPointer { d in
      for (k, number) in numbers.enumerated() { d[k] += Element(number * scale) }
    }
  }

  /// The best paths of labels of each sequence, best first (Viterbi 1967).
  ///
  /// - Parameters:
  ///   - input: `[T, B, F]`, what ``forward(_:state:cache:in:)`` takes.
  ///   - count: how many of each sequence, at least 1; there are fewer where fewer are possible.
  /// - Returns: for each of the B sequences its paths, each of as many labels as the sequence has steps.
  public func bestPaths(
    of input: Tensor<Element>, count: Int = 1, in context: Context = Context(.inference)
  ) -> [[LabelPath]] {
    Self.require(count > 0, "ConditionalRandomField: the best \(count) paths")
    var (cache, inference) = (dense.makeCache(), context)
    inference.mode = .inference
    let chain = chain
    var found = emissions(scores(input, &cache, inference), context)
      .map { (emissions: $0, paths: [LabelPath]()) }
    Threads.forEach(&found, threads: context.threads) { _, one in
      one.paths = chain.bestPaths(one.emissions, count: count)
    }
    return found.map(\.paths)
  }
}
