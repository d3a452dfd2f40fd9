import UnrollCore

/// A memory and its keys, which are made once for any number of queries.
struct KeyedMemory<Element: Scalar>: Sendable {
  /// `[S, B, M]`, zero beyond the lengths.
  var values: Tensor<Element>
  /// `[S, B, K]`: what queries are compared with.
  var keys: Tensor<Element>
  /// `[B]`.
  var lengths: [Int]

  /// The memory of some streams, each as often as it is named.
  func gathering(_ streams: [Int]) -> KeyedMemory {
    KeyedMemory(
      values: values.gatheringStreams(streams), keys: keys.gatheringStreams(streams),
      lengths: streams.map { lengths[$0] })
  }
}

extension Attention {
  /// - Parameter memory: `[S, B, M]`.
  func keyed(_ memory: Tensor<Element>, lengths: [Int], threads: Int) -> KeyedMemory<Element> {
    memory.expectShape([nil, nil, memorySize], axes: "SBM", of: "Attention memory")
    let values = memory.zeroingSteps(beyond: lengths)
    guard let weight = memoryWeight?.value else {
      return KeyedMemory(values: values, keys: values, lengths: lengths)
    }
    let keys = Tensor.product(values.matrix, weight.transposed, threads: threads)
    return KeyedMemory(
      values: values, keys: keys.reshaped(memory.shape.dropLast() + [weight.shape[0]]),
      lengths: lengths)
  }

  /// What each stream attends to.
  ///
  /// - Parameter queries: `[T, B, Q]`, zero beyond the lengths of the context.
  func runs(
    _ queries: Tensor<Element>, _ memory: KeyedMemory<Element>, _ context: Context
  ) -> [MemoryRun<Element>] {
    queries.expectShape(
      [nil, memory.lengths.count, querySize], axes: "TBQ", of: "Attention queries")
    let lengths = context.resolvedLengths(time: queries.shape[0], batch: queries.shape[1])
    var projected = queries
    if let weight = queryWeight?.value, let bias = bias?.value {
      projected = Tensor.product(
        queries.matrix, PackedMatrix(weight.transposed), bias: bias, threads: context.threads
      ).reshaped(queries.shape.dropLast() + [weight.shape[0]])
    }
    var runs = memory.lengths.enumerated().map { b, length in
      MemoryRun(
        queries: projected.stream(b, steps: lengths[b]),
        keys: memory.keys.stream(b, steps: length), values: memory.values.stream(b, steps: length),
        score: scoreWeight?.value)
    }
    Threads.forEach(&runs, threads: context.threads) { _, run in run.attend() }
    return runs
  }

  /// `[n, F]` of each stream as one `[T, B, F]`, zero beyond each.
  func joined(_ streams: [Tensor<Element>], steps: Int) -> Tensor<Element> {
    let width = streams.first?.columns ?? 0
    var all = Tensor<Element>(shape: [steps, streams.count, width])
    for (b, stream) in streams.enumerated() {
      var whole = Tensor<Element>(shape: [steps, 1, width])
      whole.setSteps(0..<stream.rows, to: stream.reshaped([stream.rows, 1, width]))
      all.setStreams(b..<(b + 1), to: whole)
    }
    return all
  }

  /// What the queries attend to: for each the weights of the steps of the memory.
  ///
  /// - Returns: a, `[T, B, S]`, zero beyond the lengths of both.
  public func weights(_ input: AttentionInput<Element>, in context: Context) -> Tensor<Element> {
    let queries = input.queries.zeroingSteps(beyond: context.lengths)
    let memory = keyed(input.memory, lengths: input.memoryLengths, threads: context.threads)
    let steps = input.memory.shape[0]
    let padded = runs(queries, memory, context).map { run in
      var weights = Tensor<Element>(shape: [run.queries.rows, steps])
      if run.weights.count > 0 { weights.setColumns(0..<run.keys.rows, to: run.weights) }
      return weights
    }
    return joined(padded, steps: queries.shape[0])
  }
}

extension Tensor {
  /// The first steps of a stream of `[T, B, F]`, `[n, F]`.
  func stream(_ b: Int, steps count: Int) -> Tensor {
    streams(b..<(b + 1)).reshaped([shape[0], shape[2]]).steps(0..<count)
  }

  /// Streams of `[T, B, F]`, each as often as it is named.
  func gatheringStreams(_ indices: [Int]) -> Tensor {
    let rows = (0..<shape[0]).flatMap { t in indices.map { t * shape[1] + $0 } }
    return reshaped([shape[0] * shape[1], shape[2]]).gathering(rows)
      .reshaped([shape[0], indices.count, shape[2]])
  }
}
