import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("Activation")
struct ActivationTests {
  private static let smooth: [ActivationFunction] = [
    .sigmoid, .tanh, .identity, .scaledTanh(scale: 1.7, slope: 0.6), .softsign, .softplus,
    .affine(slope: 0.5, offset: -3),
  ]
  private static let cornered: [ActivationFunction] = [
    .relu, .hardStep, .hardSigmoid(), .hardSigmoid(slope: 0.3, offset: 0.1),
    .leakyReLU(slope: 0.2), .thresholdedReLU(threshold: 0.3), .elu(scale: 0.7),
  ]

  @Test("is its function of every feature")
  func values() {
    let x = Tensor<Float>(shape: [1, 1, 4], scalars: [-3, -0.5, 0, 2])
    #expect(Activation(.relu)(x).scalars == [0, 0, 0, 2])
    #expect(Activation(.identity)(x) == x)
    #expect(Activation(.tanh)(x) == x.tanh())
    #expect(Activation(.sigmoid)(x) == x.sigmoid())
    #expect(Activation(.hardStep)(x).scalars == [0, 0, 0, 1])
    #expect(Activation(.hardSigmoid(slope: 0.2))(x).scalars == [0, 0.4, 0.5, 0.9])
    #expect(Activation(.hardSigmoid(slope: 0.5, offset: 0.25))(x).scalars == [0, 0, 0.25, 1])
    #expect(Activation(.leakyReLU(slope: 0.25))(x).scalars == [-0.75, -0.125, 0, 2])
    #expect(Activation(.thresholdedReLU())(x).scalars == [0, 0, 0, 2])
    #expect(Activation(.thresholdedReLU(threshold: 2))(x).scalars == [0, 0, 0, 0])
    #expect(Activation(.softsign)(x).scalars == [-0.75, -0.5 / 1.5, 0, 2.0 / 3])
    #expect(Activation(.affine(slope: 2, offset: 1))(x).scalars == [-5, 0, 1, 5])
    #expect(Activation(.elu(scale: 0))(x).scalars == [0, 0, 0, 2])
    #expect(Activation(.softplus)(x).scalars[2] == Float(0.6931471805599453))
    #expect(difference(Activation(.scaledTanh(scale: 2, slope: 0.5))(x), (x * 0.5).tanh() * 2) == 0)
  }

  @Test("does not overflow")
  func large() {
    let x = Tensor<Float>(shape: [1, 4], scalars: [-3e38, 3e38, -.infinity, .infinity])
    #expect(Activation(.softsign)(x).scalars == [-1, 1, -1, 1])
    #expect(Activation(.softplus)(x).scalars == [0, 3e38, 0, .infinity])
    #expect(Activation(.elu())(x).scalars == [-1, 3e38, -1, .infinity])
    #expect(Activation(.scaledTanh(scale: 3, slope: 1))(x).scalars == [-3, 3, -3, 3])
    #expect(Activation(.leakyReLU())(x).scalars[3] == .infinity)
  }

  private static let outOfRange: [ActivationFunction] = [
    .hardSigmoid(slope: -1), .hardSigmoid(offset: .nan), .leakyReLU(slope: -0.1),
    .thresholdedReLU(threshold: -1), .elu(scale: -.infinity), .scaledTanh(scale: 0, slope: 1),
    .scaledTanh(scale: 1, slope: -1), .affine(slope: -1, offset: 0), .affine(offset: .infinity),
  ]

  @Test("with a parameter out of its range stops the program", arguments: outOfRange.indices)
  func ranges(index: Int) async {
    await #expect(processExitsWith: .failure) { [index = index as Int] in
      _ = Activation<Float>(Self.outOfRange[index])
    }
    await #expect(processExitsWith: .failure) { [index = index as Int] in
      _ = RNN<Float>(inputSize: 1, hiddenSize: 1, activation: Self.outOfRange[index])
    }
    await #expect(processExitsWith: .failure) { [index = index as Int] in
      _ = GRU<Float>(
        inputSize: 1, hiddenSize: 1, options: GRUOptions(candidate: Self.outOfRange[index]))
    }
  }

  @Test("leaves what is no number so", arguments: smooth + cornered)
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
  func corners() {
    let x: Tensor<Double> = noise([3, 2, 4]).map { abs($0) < 0.1 ? 0.5 : 4 * $0 }
    for function in Self.cornered where function != .hardStep {
      expectGradients(of: Activation<Double>(function), x)
    }
  }

  @Test("does not let padding leak", arguments: smooth + cornered)
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
