import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollLayers

/// Numbers by `Tests/Fixtures/random_field_golden.py`: padded sequences, one of a single step, and one of which some
/// targets are free.
@Suite("ConditionalRandomField agrees with PyTorch")
struct RandomFieldGoldenTests {
  private struct File: Decodable {
    var numbers: [String: Golden.Numbers]
  }

  private let golden: [String: Golden.Numbers]

  init() throws {
    let url = Golden.fixtures.appendingPathComponent("random_field_golden.json")
    golden = try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).numbers
  }

  private func number<E: Scalar>(_ name: String) throws -> Tensor<E> {
    try #require(golden[name], "\(name)").tensor()
  }

  private func field<E: Scalar>() throws -> ConditionalRandomField<E> {
    var field = ConditionalRandomField<E>(inputSize: 4, labels: 6)
    try field.visitParameters { $1.value = try number($0) }
    return field
  }

  private func context() throws -> Context {
    Context(lengths: try #require(golden["lengths"]).values.map { Int($0) })
  }

  private func check<E: Scalar>(_: E.Type, within bound: Double) throws {
    var (field, context): (ConditionalRandomField<E>, Context) = (try field(), try context())
    let (x, dy): (Tensor<E>, Tensor<E>) = (try number("x"), try number("dy"))
    let trained = Training(field, x, batch: 3, context) { _ in dy }
    #expect(difference(trained.output, try number("y")) < bound)
    #expect(difference(trained.input, try number("d_x")) < bound)
    #expect(trained.gradients.count == 5)
    for (name, gradient) in trained.gradients {
      #expect(difference(gradient, try number("d_\(name)")) < bound, "\(name)")
    }
    let targets = try Tokens(
      time: 5, batch: 3, ids: #require(golden["targets"]).values.map { Int32($0) })
    var cache = field.makeCache()
    var none: Void = ()
    let loss = field.loss(x, of: targets, state: &none, cache: &cache, in: context)
    let expected: Tensor<E> = try number("loss")
    #expect(abs(loss.total - Double(expected.scalars[0])) < bound)
    #expect(loss.count == 8)
    let dx = field.lossBackward(scale: 1, state: &none, cache: &cache, in: context)
    #expect(difference(dx, try number("loss_d_x")) < bound)
    try field.visitParameters { name, parameter in
      let gradient: Tensor<E> = try number("loss_d_\(name)")
      #expect(difference(parameter.gradient, gradient) < bound, "\(name)")
    }
    context.threads = 3
    #expect(
      field.loss(x, of: targets, state: &none, cache: &cache, in: context).total == loss.total)
  }

  @Test("In double precision")
  func double() throws { try check(Double.self, within: 1e-12) }

  @Test("In single precision")
  func single() throws { try check(Float.self, within: 2e-5) }
}
