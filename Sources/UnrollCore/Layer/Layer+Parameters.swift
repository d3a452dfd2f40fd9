/// A parameter that a layer stores and does not visit: it would be neither trained nor saved.
public struct UnvisitedParameter: Error, CustomStringConvertible {
  public let description: String
}

extension Layer {
  /// Draws every parameter by its initializer. The numbers depend on the seed and on the
  /// parameter's name alone.
  public mutating func initialize(seed: UInt64) {
    let random = RandomSource(seed: seed)
    visitParameters { name, parameter in
      let values = parameter.initializer.values(
        shape: parameter.shape, from: random.child(name))
      parameter.value = Tensor(uninitialized: parameter.shape) { buffer in
        for i in values.indices { buffer[i] = Element(values[i]) }
      }
    }
  }

  /// Makes every gradient zero, keeping its memory.
  public mutating func resetGradients() {
    visitParameters { _, parameter in parameter.gradient.setToZero() }
  }

  /// The number of trainable numbers.
  public var parameterCount: Int {
    var copy = self
    var count = 0
    copy.visitParameters { count += $1.count }
    return count
  }

  /// Every parameter's value by its name, in the order of visits.
  public var parameters: [(name: String, value: Tensor<Element>)] {
    var copy = self
    var list: [(name: String, value: Tensor<Element>)] = []
    copy.visitParameters { list.append((name: $0, value: $1.value)) }
    return list
  }

  /// Checks that every parameter that is stored is visited, once, by a name of its own.
  ///
  /// - Throws: ``UnvisitedParameter``, naming the layer, where one would be neither trained nor saved.
  public func audit() throws {
    var copy = self
    var (names, visits, different) = (Set<String>(), 0, 0)
    var again: String?
    copy.visitParameters { name, parameter in
      visits += 1
      if !parameter.isVisited { different += 1 }
      if parameter.isVisited || !names.insert(name).inserted { again = again ?? name }
      parameter.isVisited = true
    }
    let ledger = ParameterLedger()
    try copy.encode(to: DiscardingEncoder(userInfo: [.parameterLedger: ledger]))
    let counts = "\(Self.kind) stores \(ledger.seen) parameters and visits \(different)"
    if let unvisited = ledger.unvisited {
      throw UnvisitedParameter(
        description: """
          \(counts): \(unvisited.description) is never visited, and would be neither trained nor \
          saved; visit it in visitParameters
          """)
    }
    if let again {
      throw UnvisitedParameter(
        description: """
          \(counts), \(visits) times: '\(again)' is a second visit, or the name of a second \
          parameter; visit each one once, by a name of its own
          """)
    }
    guard different == ledger.seen else {
      throw UnvisitedParameter(
        description: """
          \(counts): what is visited must be in the coded form, or no file of it could be read
          """)
    }
  }
}
