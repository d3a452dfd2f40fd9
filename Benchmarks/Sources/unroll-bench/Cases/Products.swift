import Unroll

/// A product of matrices of single precision, the right one packed beforehand as weights are.
struct Product: Workload {
  private let a: Tensor<Float>
  private let b: PackedMatrix<Float>
  private var c: Tensor<Float>
  private let threads: Int
  let operations: Double

  init(_ m: Int, _ n: Int, _ k: Int, threads: Int) {
    var random = RandomStream(RandomSource(seed: 3))
    func draw(_ rows: Int, _ columns: Int) -> Tensor<Float> {
      Tensor(
        shape: [rows, columns],
        scalars: (0..<(rows * columns)).map { _ in Float(random.uniform() - 0.5) })
    }
    a = draw(m, k)
    b = PackedMatrix(draw(k, n).matrix)
    c = Tensor(shape: [m, n])
    self.threads = threads
    operations = 2 * Double(m * n * k)
  }

  mutating func run() { c.setProduct(a.matrix, b, threads: threads) }
}

extension Case {
  private static func product(_ m: Int, _ n: Int, _ k: Int) -> Case {
    Case(name: "product-\(m)x\(n)x\(k)", summary: "[\(m), \(k)] [\(k), \(n)]") {
      Product(m, n, k, threads: $0)
    }
  }

  static let products = [product(64, 2048, 512), product(4096, 2048, 512)]
}
