import Foundation
import UnrollCore

/// A network and its numbers, gradients included, by a reference implementation.
///
/// The gradient of a tensor has its name behind a "d"; that of the output and of the final state was
/// given.
public struct GoldenCase: Decodable, Sendable, CustomStringConvertible {
  public struct Attributes: Decodable, Sendable {
    public var clip: Double?
    public var activations: [String]?
    public var alphas: [Double]?
    public var betas: [Double]?
    public var inputForget: Int?
    public var linearBeforeReset: Int?

    enum CodingKeys: String, CodingKey {
      case clip
      case activations
      case alphas = "activation_alpha"
      case betas = "activation_beta"
      case inputForget = "input_forget"
      case linearBeforeReset = "linear_before_reset"
    }
  }

  public var name: String
  public var cell: String?
  public var `operator`: String?
  public var attributes: Attributes?
  public var layers: Int?
  public var bidirectional: Bool
  public var inputSize: Int
  public var hiddenSize: Int
  public var projectionSize: Int?
  public var lengths: [Int]?
  public var tensors: [String: Golden.Numbers]

  public var description: String { name }

  public static func load(_ file: String) throws -> [GoldenCase] {
    try JSONDecoder().decode(
      [GoldenCase].self, from: Data(contentsOf: Golden.fixtures.appendingPathComponent(file)))
  }

  /// The numbers of a name.
  public func tensor<Element: Scalar>(_ name: String) -> Tensor<Element>? {
    tensors[name]?.tensor()
  }

  /// The largest difference between these numbers and those of a model with the same weights: of the
  /// output, the final state, and every gradient.
  ///
  /// - Parameter reference: the reference's name of a parameter or of a part of a state.
  public func difference<Element: Scalar>(
    from model: Sequential<Tensor<Element>, Tensor<Element>, Element>,
    named reference: (String) -> String
  ) -> [(name: String, difference: Double)] {
    var model = model
    var found: [(name: String, difference: Double)] = []
    func compare(_ name: String, _ value: Tensor<Element>) {
      let expected: Tensor<Element>? = tensor(name)
      found.append((name, expected.map { TestSupport.difference($0, value) } ?? .infinity))
    }
    model.visitParameters { name, parameter in
      if let value: Tensor<Element> = tensor(reference(name)) { parameter.value = value }
    }
    guard let input: Tensor<Element> = tensor("input"),
      let outputGradient: Tensor<Element> = tensor("doutput")
    else { return [("input", .infinity)] }
    let context = Context(lengths: lengths, threads: 2)
    var (state, cache) = (model.makeState(batch: input.shape[1]), model.makeCache())
    model.visitState(&state) { $1 = tensor(reference($0) + "0") ?? $1 }
    compare("output", model.forward(input, state: &state, cache: &cache, in: context))
    model.visitState(&state) { name, part in
      compare(reference(name) + "T", part)
      part = tensor(gradient(of: reference(name) + "T")) ?? part
    }
    compare(
      "dinput", model.backward(outputGradient, state: &state, cache: &cache, in: context))
    model.visitState(&state) { compare(gradient(of: reference($0) + "0"), $1) }
    model.visitParameters { compare(gradient(of: reference($0)), $1.gradient) }
    return found
  }

  private func gradient(of name: String) -> String { "d" + name }
}
