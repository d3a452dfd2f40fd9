import TestSupport
import Testing
import UnrollCore
import UnrollLayers

@Suite("Dropout")
struct DropoutTests {
  private func masks(_ layer: Dropout<Float>, threads: Int = 1) -> Tensor<Float> {
    let context = Context(threads: threads, random: RandomSource(seed: 3))
    let ones = Tensor<Float>(shape: [4, 3, 5000], repeating: 1)
    return Training(layer, ones, batch: 3, context) { $0 }.output
  }

  @Test("per sequence has one mask for all steps of a stream, and another for each stream")
  func perSequence() {
    let y = masks(Dropout(rate: 0.25, mask: .perSequence))
    for t in 1..<4 { #expect(y.step(t) == y.step(0)) }
    #expect(y.streams(0..<1) != y.streams(1..<2))
    let kept = y.scalars.count { $0 != 0 }
    #expect(abs(Double(kept) / Double(y.count) - 0.75) < 0.02)
    #expect(y.scalars.allSatisfy { $0 == 0 || abs($0 - 4.0 / 3) < 1e-6 })
  }

  @Test("per element has another at each step")
  func perElement() {
    let y = masks(Dropout(rate: 0.25))
    #expect(Dropout<Float>(rate: 0.25).mask == .perElement)
    for t in 1..<4 { #expect(y.step(t) != y.step(0)) }
  }

  @Test("draws the same masks with any number of threads")
  func threads() {
    for mask in [DropoutMask.perElement, .perSequence] {
      #expect(
        masks(Dropout(rate: 0.25, mask: mask), threads: 3) == masks(Dropout(rate: 0.25, mask: mask))
      )
    }
  }

  @Test("per sequence has the right gradients, of sequences and of what has no time")
  func gradients() {
    let layer = Dropout<Double>(rate: 0.4, mask: .perSequence)
    expectGradients(of: layer, noise([3, 2, 4]))
    expectGradients(of: layer, noise([3, 4]))
    expectGradients(of: layer, noise([3, 2, 4]), Context(lengths: [3, 1]))
  }

  @Test("is nothing in inference")
  func inference() {
    let x: Tensor<Float> = noise([3, 2, 4])
    #expect(Dropout(rate: 0.9, mask: .perSequence)(x, batch: 2) == x)
  }
}
