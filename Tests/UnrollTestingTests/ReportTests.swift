import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollTesting

@Suite("The report of broken laws")
struct ReportTests {
  private let x: Tensor<Double> = noise([3, 2, 4])

  @Test("names the layer, and each law with its numbers in a line") func lines() throws {
    let error = try #require(throws: BrokenLaws.self) {
      try checkLayer(Times(factor: 3), input: x)
    }
    let lines = error.description.split(separator: "\n")
    #expect(lines.first == "Times breaks 1 of the laws of a layer:")
    #expect(lines.count == 2)
    #expect(lines.last?.hasPrefix("  coding (\(Law.coding.sentence)): output of the ") == true)
    #expect(error.localizedDescription == error.description)
  }

  @Test("says which laws were not judged because of another") func unjudged() {
    let broken = brokenLaws(of: MinusBatchMean(), input: x)
    #expect(broken.map(\.unjudged) == [[.padding, .restarts]])
    #expect(broken.first?.description.hasSuffix("; not judged before: padding, restarts") == true)
  }

  @Test("shows a few findings and counts the others") func manyFindings() throws {
    let law = try #require(brokenLaws(of: WithMean(), input: x).first)
    #expect(law.findings.count > 4)
    #expect(law.description.hasSuffix("; and \(law.findings.count - 4) more"))
  }

  @Test("leaves out the laws that a layer is known not to keep") func exceptions() throws {
    try checkLayer(TwiceInTraining(), input: x, except: [.modes])
    try checkLayer(MinusBatchMean(), input: x, except: [.rows, .padding, .restarts])
  }

  @Test("tells of an inner layer that the registry does not know") func unregistered() {
    let layer = Residual<Double> { Scale() }
    let broken = brokenLaws(of: layer, input: x)
    #expect(broken.map(\.law) == [.coding])
    #expect(broken.first?.findings.first?.contains("no layer of kind 'Scale'") == true)
  }

  @Test("A seed of nil leaves parameters as they are: here zeros, which hide a wrong gradient")
  func seeds() {
    /// y = s * s * x, with the gradient of y = s * x.
    struct Square: Scaling {
      var scale = Parameter<Double>([4], .zeros)

      func forward(
        _ x: Tensor<Double>, cache: inout Tensor<Double>?, in context: Context
      ) -> Tensor<Double> {
        if context.mode == .training { cache = x }
        return x.scalingColumns(by: scale.value * scale.value)
      }

      mutating func add(_ gradient: Tensor<Double>) { scale.gradient += gradient * scale.value }
    }
    #expect(brokenLaws(of: Square(), input: x, seed: nil).isEmpty)
    #expect(brokenLaws(of: Square(), input: x).map(\.law) == [.gradients])
  }

  @Test("Every law is said in words of its own") func sentences() {
    #expect(Set(Law.allCases.map(\.sentence)).count == Law.allCases.count)
  }
}
