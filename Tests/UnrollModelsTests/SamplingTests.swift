import Foundation
import Testing
import UnrollModels

@Suite("Sampling")
struct SamplingTests {
  /// Probabilities 0.1, 0.4, 0.2, 0.3.
  private let logs = [0.1, 0.4, 0.2, 0.3].map { Float(log($0)) }

  private func frequencies(_ sampling: Sampling, excluding: Int? = nil) -> [Double] {
    var counts = [0, 0, 0, 0]
    for i in 0..<1000 {
      let u = (Double(i) + 0.5) / 1000
      counts[sampling.choose(from: logs, uniform: u, excluding: excluding)] += 1
    }
    return counts.map { Double($0) / 1000 }
  }

  @Test("At temperature 1 the distribution is the model's")
  func plain() { #expect(frequencies(Sampling()) == [0.1, 0.4, 0.2, 0.3]) }

  @Test("At temperature 0 the likeliest is taken")
  func greedy() { #expect(frequencies(Sampling(temperature: 0)) == [0, 1, 0, 0]) }

  @Test("At temperature 1/2 probabilities are squared")
  func cold() { #expect(frequencies(Sampling(temperature: 0.5)) == [0.033, 0.534, 0.133, 0.3]) }

  @Test("Of the likeliest k, and of the likeliest that reach p, the rest are left out")
  func topKAndP() {
    #expect(frequencies(Sampling(topK: 2)) == [0, 0.571, 0, 0.429])
    #expect(frequencies(Sampling(topK: 1)) == [0, 1, 0, 0])
    #expect(frequencies(Sampling(topK: 9)) == [0.1, 0.4, 0.2, 0.3])
    #expect(frequencies(Sampling(topP: 0.5)) == [0, 0.571, 0, 0.429])
    #expect(frequencies(Sampling(topP: 0.1)) == [0, 1, 0, 0])
    #expect(frequencies(Sampling(topP: 1)) == [0.1, 0.4, 0.2, 0.3])
  }

  @Test("An excluded index is never chosen")
  func excluded() { #expect(frequencies(Sampling(), excluding: 1)[1] == 0) }
}
