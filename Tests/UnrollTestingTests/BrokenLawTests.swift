import TestSupport
import Testing
import UnrollCore
import UnrollTesting

/// For each law a layer that breaks it and no other.
@Suite("A layer that breaks one law is told so, and no more")
struct BrokenLawTests {
  private func expect<L: Layer<Double>>(
    _ layer: L, breaks law: Law, saying part: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) where L.Input == Tensor<Double>, L.Output == Tensor<Double> {
    let broken = brokenLaws(of: layer, input: noise([3, 2, 4]))
    #expect(broken.map(\.law) == [law], "\(broken)", sourceLocation: sourceLocation)
    let description = broken.first?.description ?? ""
    #expect(description.hasPrefix(law.rawValue), sourceLocation: sourceLocation)
    #expect(description.contains(law.sentence), sourceLocation: sourceLocation)
    #expect(description.contains(part), "\(description)", sourceLocation: sourceLocation)
    #expect(
      broken.allSatisfy {
        $0.findings.allSatisfy { $0.contains(where: \.isNumber) || $0.hasSuffix("inf") }
      },
      "\(description)", sourceLocation: sourceLocation)
  }

  @Test("visits") func visits() {
    expect(ForgetfulScale(), breaks: .visits, saying: "stores 2 parameters and visits 1")
  }

  @Test("repetition") func repetition() {
    expect(OwnNoise(), breaks: .repetition, saying: "again, output: element")
  }

  @Test("shapes") func shapes() {
    expect(SideBySide(), breaks: .shapes, saying: "makes [3, 2, 8], and outputShape says [3, 2, 4]")
  }

  @Test("gradientShapes") func gradientShapes() {
    expect(
      Flattening(), breaks: .gradientShapes, saying: "has the shape [6, 4], expected [3, 2, 4]")
  }

  @Test("streams, of an output without them") func outputStreams() {
    expect(
      FirstStream(), breaks: .streams, saying: "the output of 2 streams has the shape [3, 1, 4]")
  }

  @Test("streams, of a state that is not visited") func streams() {
    expect(Total(fault: .unvisitedState), breaks: .streams, saying: "[1, 0], output: element")
  }

  @Test("streams, of a state with another axis 0") func streamAxis() {
    expect(Total(fault: .transposedState), breaks: .streams, saying: "[4, 2] for 2 streams")
  }

  @Test("gradients, of a parameter") func gradients() {
    expect(
      WrongScale(), breaks: .gradients, saying: "the gradient of scale has a relative error of")
  }

  @Test("gradients, of a state where a stream begins anew") func stateGradients() {
    expect(Total(fault: .unforgettingBackward), breaks: .gradients, saying: "state total")
  }

  @Test("accumulation") func accumulation() {
    expect(AssigningScale(), breaks: .accumulation, saying: "gradient of scale: element")
  }

  @Test("singleStep") func singleStep() {
    expect(WithSumByOthers(), breaks: .singleStep, saying: "inf")
  }

  @Test("rows") func rows() {
    expect(MinusBatchMean(), breaks: .rows, saying: "stream 0: output: element")
  }

  @Test("causality") func causality() {
    expect(WithNextStep(), breaks: .causality, saying: "output before step 1")
  }

  @Test("pieces") func pieces() {
    expect(WithPreviousStep(), breaks: .pieces, saying: "in 3 pieces, output: element")
  }

  @Test("padding that is mixed in") func padding() {
    expect(WithMean(), breaks: .padding, saying: "with the lengths [3, 2]")
  }

  @Test("padding over which a state goes on") func paddedState() {
    expect(Total(fault: .endless), breaks: .padding, saying: "output of chunk 1: element")
  }

  @Test("restarts") func restarts() {
    expect(Total(fault: .unforgetting), breaks: .restarts, saying: "[false, true]")
  }

  @Test("modes") func modes() {
    expect(TwiceInTraining(), breaks: .modes, saying: "in inference, output: element")
  }

  @Test("copies") func copies() {
    expect(SharedScale(), breaks: .copies, saying: "the original's scale: element")
  }

  @Test("coding") func coding() {
    expect(Times(factor: 3), breaks: .coding, saying: "output of the loaded model: element")
  }

  @Test("threads") func threads() {
    expect(MoreByThreads(), breaks: .threads, saying: "by 2 threads, output: element")
  }

  @Test("memory, of ever larger blocks") func memory() {
    expect(Hoarder(), breaks: .memory, saying: "of 200 stretches of 4 steps, ")
  }

  @Test("memory, of blocks of one size") func leak() {
    // What other tests give back at the same time may hide it, and will not do so for long.
    let others = Set(Law.allCases).subtracting([.memory])
    let isFound = (0..<10).contains { _ in
      !brokenLaws(of: Leak(), input: noise([3, 2, 4]), except: others).isEmpty
    }
    #expect(isFound)
    #expect(brokenLaws(of: Leak(), input: noise([3, 2, 4]), except: [.memory]).isEmpty)
  }
}
