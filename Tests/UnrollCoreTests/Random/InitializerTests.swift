import Testing
import UnrollCore

@Suite("An initializer")
struct InitializerTests {
  private let random = RandomSource(seed: 3)

  private func values(_ initializer: Initializer, _ shape: [Int]) -> Tensor<Double> {
    Tensor(shape: shape, scalars: initializer.values(shape: shape, from: random))
  }

  /// How far the rows are from orthogonal ones of length 1.
  private func deviation(ofRows q: Tensor<Double>) -> Double {
    var gram = Tensor.product(q.matrix, q.transposed)
    for i in 0..<q.rows { gram[i, i] -= 1 }
    return gram.map { abs($0) }.max() ?? .infinity
  }

  @Test("gives one number everywhere")
  func constant() {
    #expect(values(.constant(2.5), [2, 3]) == Tensor(shape: [2, 3], repeating: 2.5))
    #expect(values(.zeros, [2]).scalars == [0, 0])
    #expect(values(.ones, [2]).scalars == [1, 1])
  }

  @Test("gives uniform numbers that fill their bound")
  func uniform() {
    let numbers = values(.uniform(bound: 0.25), [30, 20]).scalars
    #expect(numbers.allSatisfy { abs($0) <= 0.25 })
    #expect(numbers.contains { $0 > 0.24 })
    #expect(numbers.contains { $0 < -0.24 })
  }

  @Test("gives normal numbers of a deviation")
  func normal() {
    let numbers = values(.normal(standardDeviation: 0.5), [100, 60])
    #expect(abs(numbers.sum() / 6000) < 0.02)
    #expect(abs(numbers.sumOfSquares() / 6000 - 0.25) < 0.015)
  }

  @Test("by Glorot and Bengio fills the bound of its fans")
  func glorot() {
    for (shape, fans) in [([30, 20], 50.0), ([30, 5, 4], 50), ([600], 601)] {
      let bound = (6 / fans).squareRoot()
      let numbers = values(.glorot, shape).scalars
      #expect(numbers.allSatisfy { abs($0) <= bound })
      #expect(numbers.contains { $0 > 0.97 * bound })
      #expect(numbers.contains { $0 < -0.97 * bound })
    }
  }

  @Test("gives orthogonal rows of length 1, or columns where there are more rows")
  func orthogonal() {
    #expect(deviation(ofRows: values(.orthogonal, [5, 7])) < 1e-14)
    #expect(deviation(ofRows: values(.orthogonal, [64, 64])) < 1e-13)
    #expect(deviation(ofRows: flipped(values(.orthogonal, [7, 5]))) < 1e-14)
    #expect(values(.orthogonal, [7, 5]) == flipped(values(.orthogonal, [5, 7])))
    #expect(values(.orthogonal, [1, 3]).map { abs($0) }.max() ?? 1 < 0.99)
  }

  /// Row after row, each projection taken off twice.
  private func gramSchmidt(rows: Int, columns: Int) -> [Double] {
    var q = (0..<(rows * columns)).map { random.normal($0) }
    for r in 0..<rows {
      let row = r * columns
      for earlier in Array(0..<r) + Array(0..<r) {
        let dot = (0..<columns).reduce(0) { $0 + q[row + $1] * q[earlier * columns + $1] }
        for j in 0..<columns { q[row + j] -= dot * q[earlier * columns + j] }
      }
      let square = (0..<columns).reduce(0) { $0 + q[row + $1] * q[row + $1] }
      for j in 0..<columns { q[row + j] /= square.squareRoot() }
    }
    return q
  }

  @Test(
    "makes numbers orthogonal as Gram and Schmidt do, in single precision to the bit",
    arguments: [(1, 1), (5, 7), (32, 32), (33, 40), (70, 70)])
  func agrees(rows: Int, columns: Int) {
    let expected = gramSchmidt(rows: rows, columns: columns)
    let found = values(.orthogonal, [rows, columns]).scalars
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(found.map { Float($0) } == expected.map { Float($0) })
  }

  @Test("gives the same numbers on every platform")
  func pinned() {
    let q = values(.orthogonal, [70, 90]).scalars
    let digest = q.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ $1.bitPattern) &* 0x100_0000_01B3
    }
    #expect(digest == 2_836_486_972_433_573_007)
  }

  @Test("gives the same numbers for any number of threads", arguments: [2, 3, 5])
  func threads(threads: Int) {
    for initializer in [Initializer.gates(2, .orthogonal), .glorot, .normal(standardDeviation: 1)] {
      let shape = [300, 150]
      #expect(
        initializer.values(shape: shape, from: random, threads: threads)
          == initializer.values(shape: shape, from: random, threads: 1))
    }
  }

  @Test("gives each gate orthogonal rows of its own")
  func gates() {
    let blocks = values(.gates(3, .orthogonal), [15, 5])
    for gate in 0..<3 {
      #expect(deviation(ofRows: blocks.steps((5 * gate)..<(5 * gate + 5))) < 1e-14)
    }
    #expect(blocks.steps(0..<5) != blocks.steps(5..<10))
    #expect(blocks.steps(5..<10) != blocks.steps(10..<15))
  }

  @Test("gives blocks of equal height, one below the other")
  func blocks() {
    let bias = values(.blocks([.zeros, .ones, .constant(-3)]), [6])
    #expect(bias.scalars == [0, 0, 1, 1, -3, -3])
    let weight = values(.blocks([.ones, .glorot]), [4, 3])
    #expect(weight.scalars.prefix(6).allSatisfy { $0 == 1 })
    #expect(weight.scalars.suffix(6).allSatisfy { abs($0) <= (6.0 / 5).squareRoot() && $0 != 1 })
  }

  @Test("gives the same numbers from the same source, and others from another")
  func sources() {
    for initializer in [Initializer.glorot, .orthogonal, .normal(standardDeviation: 1)] {
      let numbers = initializer.values(shape: [3, 4], from: random)
      #expect(initializer.values(shape: [3, 4], from: RandomSource(seed: 3)) == numbers)
      #expect(initializer.values(shape: [3, 4], from: RandomSource(seed: 4)) != numbers)
    }
  }

  @Test("stops the program where blocks do not divide a shape")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = Initializer.gates(4, .zeros).values(shape: [6, 2], from: RandomSource(seed: 0))
    }
  }
}
