import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollTraining

@Suite("CrossEntropy")
struct CrossEntropyTests {
  private struct File: Decodable {
    var layers: [String: [String: Golden.Numbers]]
  }

  private func checkGolden<E: Scalar>(_: E.Type, within bound: Double) throws {
    let url = Golden.fixtures.appendingPathComponent("layers_golden.json")
    let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
    let golden = try #require(file.layers["CrossEntropy"])
    func number(_ name: String) throws -> Tensor<E> { try #require(golden[name]).tensor() }
    let ids = try #require(golden["ids"]).values.map { Int32($0) }
    let (z, targets) = (try number("z"), Tokens(time: 4, batch: 3, ids: ids))
    let sum = CrossEntropy<E>().loss(z, of: targets, in: Context())
    #expect(sum.count == 10)
    #expect(abs(sum.total - (try #require(golden["loss"]).values[0])) < bound)
    let gradient = CrossEntropy<E>().gradient(z, of: targets, scale: 1, in: Context())
    #expect(difference(gradient, try number("d_z")) < bound)
  }

  @Test("agrees with PyTorch's")
  func golden() throws {
    try checkGolden(Double.self, within: 1e-12)
    try checkGolden(Float.self, within: 1e-5)
  }

  @Test("leaves out targets that are ignored, and those beyond a length; scales its gradient")
  func sequences() {
    let z: Tensor<Double> = noise([3, 2, 4])
    let targets = Tokens(time: 3, batch: 2, ids: [3, 0, 1, 2, Tokens.ignored, 1])
    let context = Context(lengths: [3, 1])
    let sum = CrossEntropy<Double>().loss(z, of: targets, in: context)
    func loss(_ t: Int, _ b: Int, _ target: Int) -> Double {
      log((0..<4).reduce(0) { $0 + exp(z[t, b, $1]) }) - z[t, b, target]
    }
    #expect(sum.count == 3)
    #expect(abs(sum.total - loss(0, 0, 3) - loss(0, 1, 0) - loss(1, 0, 1)) < 1e-14)
    let dz = CrossEntropy<Double>().gradient(z, of: targets, scale: 0.5, in: context)
    let first = (0..<4).reduce(0) { $0 + exp(z[0, 1, $1]) }
    for v in 0..<4 {
      #expect(abs(dz[0, 1, v] - 0.5 * (exp(z[0, 1, v]) / first - (v == 0 ? 1 : 0))) < 1e-15)
      #expect(dz[1, 1, v] == 0 && dz[2, 0, v] == 0 && dz[2, 1, v] == 0)
    }
  }

  @Test(
    "after pooling has a target for each stream, of whatever length", arguments: [[3, 1], [0, 2]])
  func pooled(lengths: [Int]) {
    let targets = Tokens(time: 1, batch: 2, ids: [3, Tokens.ignored])
    let z: Tensor<Double> = noise([2, 4])
    let sum = CrossEntropy<Double>().loss(z, of: targets, in: Context(lengths: lengths))
    #expect(sum.count == 1 && sum.total > 0)
  }

  @Test("is the negative log-likelihood of the softmax, and what DenseSoftmax computes")
  func agrees() throws {
    let (x, targets): (Tensor<Double>, Tokens) = (
      noise([3, 2, 5]), Tokens(time: 3, batch: 2, ids: [3, 0, 1, 2, Tokens.ignored, 1])
    )
    typealias Model = Sequential<Tensor<Double>, Tensor<Double>, Double>
    let logits = Model(seed: 4) { Dense<Double>(inputSize: 5, outputSize: 4) }
    let softmax = Model(seed: 4) { DenseSoftmax<Double>(inputSize: 5, classes: 4) }
    let context = Context(lengths: [3, 2])
    let a = CrossEntropy<Double>().loss(logits(x, batch: 2), of: targets, in: context)
    let b = NegativeLogLikelihood<Double>().loss(softmax(x, batch: 2), of: targets, in: context)
    var (state, cache) = (softmax.makeState(batch: 2), softmax.makeCache())
    let c = softmax.loss(x, of: targets, state: &state, cache: &cache, in: context)
    #expect(a.count == b.count && a.count == c.count)
    #expect(abs(a.total - b.total) < 1e-13 && abs(a.total - c.total) < 1e-13)
  }

  @Test("neither overflows nor loses a number", arguments: [1e3, 1e20, 3e38] as [Float])
  func large(logit: Float) {
    let z = Tensor<Float>(shape: [1, 2, 3], scalars: [logit, -logit, 0, -logit, logit, 0])
    let targets = Tokens(time: 1, batch: 2, ids: [0, 0])
    let sum = CrossEntropy<Float>().loss(z, of: targets, in: Context())
    #expect(sum.total == 2 * Double(logit))
    let dz = CrossEntropy<Float>().gradient(z, of: targets, scale: 1, in: Context())
    #expect(dz.scalars == [0, 0, 0, -1, 1, 0])
  }

  @Test("shows a logit that is no number, and takes one that is minus infinity as impossible")
  func notFinite() {
    let targets = Tokens(time: 1, batch: 1, ids: [0])
    func loss(_ z: [Float]) -> Double {
      CrossEntropy<Float>().loss(
        Tensor(shape: [1, 3], scalars: z), of: targets, in: Context()
      ).total
    }
    #expect(loss([0, .nan, 0]).isNaN)
    #expect(loss([0, -.infinity, -.infinity]) == 0)
    #expect(loss([-.infinity, 0, 0]) == .infinity)
  }

  @Test("does not depend on the number of threads")
  func threads() {
    let z: Tensor<Float> = noise([70, 3, 5])
    let targets = Tokens(time: 70, batch: 3, ids: (0..<210).map { $0 % 5 })
    func run(_ threads: Int) -> (LossSum, Tensor<Float>) {
      let context = Context(threads: threads)
      return (
        CrossEntropy<Float>().loss(z, of: targets, in: context),
        CrossEntropy<Float>().gradient(z, of: targets, scale: 0.1, in: context)
      )
    }
    #expect(run(1) == run(3))
  }

  @Test("stops the program where there are not as many targets as outputs")
  func preconditions() async {
    await #expect(processExitsWith: .failure) {
      _ = CrossEntropy<Float>().loss(
        Tensor(shape: [2, 4]), of: Tokens(time: 2, batch: 1, ids: [0, 1]), in: Context())
    }
    await #expect(processExitsWith: .failure) {
      _ = CrossEntropy<Float>().gradient(
        Tensor(shape: [1, 1, 4]), of: Tokens(time: 1, batch: 1, ids: [4]), scale: 1,
        in: Context())
    }
  }
}
