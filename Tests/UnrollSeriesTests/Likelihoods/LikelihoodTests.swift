import Foundation
import Testing
import UnrollCore

import UnrollSeries

@Suite("Likelihood")
struct LikelihoodTests {
  /// A number, outputs for it, and the loss and its slopes, by torch.distributions in double precision:
  /// `-Normal(o[0], softplus(o[1]) + 1e-3).log_prob(y)`, and StudentT of `2 + softplus(o[2])` degrees.
  /// The negative binomial of a count and a unit: `NegativeBinomial(1 / a, logits: log(a m))`.
  private static let counts: [(count: Double, unit: Double, [Float], Double, [Double])] = [
    (3, 2, [0.4, -0.7], 2.0786104223379693, [-0.4414661842012254, 0.18257514953091095]),
    (0, 7, [-1.5, 2], 0.6532405438650225, [0.31804831296885616, -0.12431941746972303]),
    (40, 10, [2.5, -6], 5.854506338576897, [-4.668367237193834, -0.16038569723917628]),
    (1200, 850, [0.3, 0.1], 8.12389985933177, [-0.5850055092657374, 0.25277117372558405]),
  ]

  private static let golden: [(Likelihood, Double, [Float], Double, [Double])] = [
    (.gaussian, 0.3, [0.1, -0.7], 0.13548276655140934, [-1.2242422332994098, 0.6199336170939018]),
    (.gaussian, -4, [1.5, 2], 5.014356870047875, [1.2146434892120475, -2.3513024381051992]),
    (.gaussian, 2.5, [2.5, 0], 0.5538672679792519, [0, 0.7203083351814046]),
    (
      .studentT, 0.3, [0.1, -0.7, 0.4], 0.25528198942543334,
      [-1.516999778349839, 0.5718663799858295, -0.023790442675058344]
    ),
    (
      .studentT, -4, [1.5, 2, -3], 4.00165417162468,
      [0.42420587672372345, -0.551813335631946, 0.004786480652843346]
    ),
    (
      .studentT, 2.5, [2.5, 0, 5], 0.5894289919962161,
      [0, 0.7203083351814046, -0.005008607969842129]
    ),
  ]

  @Test("Losses and slopes are those of PyTorch")
  func values() {
    let all =
      Self.golden.map { ($0.0, $0.1, 1, $0.2, $0.3, $0.4) }
      + Self.counts.map { (.negativeBinomial, $0.0 / $0.1, $0.1, $0.2, $0.3, $0.4) }
    for (likelihood, y, unit, outputs, loss, slopes) in all {
      var got = [Double](repeating: 0, count: outputs.count)
      let value = outputs.withUnsafeBufferPointer { outputs in
        got.withUnsafeMutableBufferPointer { got in
          outputs.baseAddress.map {
            likelihood.loss($0, of: y, unit: unit, slopes: got.baseAddress)
          } ?? 0
        }
      }
      // Outputs are floats.
      #expect(abs(value - loss) < 1e-6 * max(1, abs(loss)), "\(likelihood) \(y)")
      for (a, b) in zip(got, slopes) {
        #expect(abs(a - b) < 2e-6 * max(1, abs(b)), "\(likelihood) \(y)")
      }
    }
  }

  @Test("Steps beyond a stream's length do not count, and the gradient is that of the sum")
  func lengths() {
    let output = Tensor<Float>(shape: [3, 2, 2], scalars: (0..<12).map { Float($0 % 5) / 4 - 0.3 })
    let target = Tensor<Float>(shape: [3, 2, 1], scalars: [0.1, 0.5, -1, 2, 9, 9])
    let context = Context(.training, lengths: [3, 2])
    let likelihood = Likelihood.gaussian
    let sum = likelihood.loss(output, of: target, in: context)
    #expect(sum.count == 5)
    let gradient = likelihood.gradient(output, of: target, scale: 0.5, in: context)
    for i in 0..<12 {
      var (up, down) = (output, output)
      up[flat: i] += 1e-3
      down[flat: i] -= 1e-3
      let slope =
        (likelihood.loss(up, of: target, in: context).total
          - likelihood.loss(down, of: target, in: context).total)
        / Double(up[flat: i] - down[flat: i]) * 0.5
      #expect(abs(Double(gradient[flat: i]) - slope) < 1e-3 * max(1, abs(slope)), "\(i)")
    }
    #expect(gradient[2, 1, 0] == 0 && gradient[2, 1, 1] == 0)
  }

  @Test("Samples of counts are whole numbers with the mean and the variance that the outputs say")
  func counts() {
    let random = RandomSource(seed: 4)
    let likelihood = Likelihood.negativeBinomial
    // Small and large means, of little and of much variance; a shape of the gamma below and above 1.
    for (unit, outputs) in [
      (1, [0.4, -0.7]), (7, [-1.5, 2]), (10, [2.5, -6]), (850, [0.3, 0.1]), (1, [3, -8]),
    ] as [(Double, [Float])] {
      let drawn = (0..<20_000).map {
        likelihood.sample(outputs, unit: unit, random, draw: $0) * unit
      }
      #expect(drawn.allSatisfy { $0 >= 0 && abs($0 - $0.rounded()) < 1e-9 })
      let mean = drawn.reduce(0, +) / 20_000
      let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
      let expected = unit * likelihood.mean(outputs)
      let spread = softplus(Double(outputs[1])) + 1e-3
      let whole = expected + spread * expected * expected
      #expect(abs(mean - expected) < 4 * (whole / 20_000).squareRoot(), "\(unit) \(outputs)")
      #expect(abs(variance / whole - 1) < 0.12, "\(unit) \(outputs): \(variance) of \(whole)")
    }
  }

  @Test("Samples have the mean and the deviation that the outputs say")
  func samples() {
    let random = RandomSource(seed: 3)
    for (likelihood, outputs) in [
      (Likelihood.gaussian, [1.5, 0.2] as [Float]), (.studentT, [1.5, 0.2, 6]),
    ] {
      let drawn = (0..<20_000).map { likelihood.sample(outputs, random, draw: $0) }
      let mean = drawn.reduce(0, +) / 20_000
      let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
      let width = softplus(Double(outputs[1])) + 1e-3
      let freedom = likelihood == .studentT ? 2 + softplus(6) : .infinity
      let expected = width * width * (freedom.isFinite ? freedom / (freedom - 2) : 1)
      #expect(abs(mean - 1.5) < 0.03)
      #expect(abs(variance / expected - 1) < 0.06)
    }
  }

  @Test("log Γ and digamma of known arguments")
  func gammas() {
    // Γ(5) = 24, Γ(1/2) = sqrt(π); digamma(1) = -0.5772..., digamma(1/2) = -γ - 2 log 2.
    #expect(abs(logGamma(5) - log(24.0)) < 1e-13)
    #expect(abs(logGamma(0.5) - log(Double.pi) / 2) < 1e-13)
    #expect(abs(digamma(1) + 0.577_215_664_901_532_9) < 1e-13)
    #expect(abs(digamma(0.5) + 1.963_510_026_021_423_5) < 1e-13)
  }
}
