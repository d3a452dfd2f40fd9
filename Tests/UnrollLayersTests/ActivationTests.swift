import Testing
import TestSupport
import UnrollCore
import UnrollLayers

@Suite("Activation")
struct ActivationTests {
  private static let smooth: [ActivationFunction] = [.sigmoid, .tanh, .identity]

  @Test("is its function of every feature")
  func values() {
    let x = Tensor<Float>(shape: [1, 1, 4], scalars: [-3, -0.5, 0, 2])
    #expect(Activation(.relu)(x).scalars == [0, 0, 0, 2])
    #expect(Activation(.identity)(x) == x)
    #expect(Activation(.tanh)(x) == x.tanh())
    #expect(Activation(.sigmoid)(x) == x.sigmoid())
    #expect(Activation(.hardStep)(x).scalars == [0, 0, 0, 1])
    #expect(Activation(.hardSigmoid(slope: 0.2))(x).scalars == [0, 0.4, 0.5, 0.9])
  }

  @Test("leaves what is no number so", arguments: smooth + [.relu, .hardStep, .hardSigmoid()])
  func notANumber(function: ActivationFunction) {
    let y = Activation(function)(Tensor(shape: [1, 19], repeating: .nan))
    #expect(y.scalars.allSatisfy { $0.isNaN })
  }

  @Test("has the right gradients", arguments: smooth, [nil, [3, 2], [0, 1]] as [[Int]?])
  func gradients(function: ActivationFunction, lengths: [Int]?) {
    expectGradients(
      of: Activation<Double>(function), noise([3, 2, 4]), Context(lengths: lengths))
  }

  @Test("has the right gradients away from its corners")
  func cornered() {
    let x: Tensor<Double> = noise([3, 2, 4]).map { abs($0) < 0.1 ? 0.5 : 4 * $0 }
    expectGradients(of: Activation<Double>(.relu), x)
    expectGradients(of: Activation<Double>(.hardSigmoid(slope: 0.3)), x)
  }

  @Test("does not let padding leak", arguments: smooth + [.relu, .hardSigmoid(slope: 0.2)])
  func padding(function: ActivationFunction) {
    expectPaddingDoesNotLeak(Activation(function), features: 3)
    expectPaddingDoesNotLeak(
      Sequential<Tensor<Float>, Tensor<Float>, Float> {
        Residual { Dense(inputSize: 3, outputSize: 3) }
        Activation(function)
        Dense(inputSize: 3, outputSize: 4)
      }, features: 3)
  }
}
