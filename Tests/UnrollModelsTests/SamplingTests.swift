import Foundation
import Testing
import UnrollCore
import UnrollModels
import UnrollText

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

@Suite("Generator")
struct GeneratorTests {
  /// A model of which one weight is `value`.
  private func model(_ value: Float, in name: String = "2.bias", at index: Int = 1) throws
    -> LanguageModel
  {
    var model = LanguageModel(
      vocabulary: try Vocabulary("abc\n"), configuration: .init(embedding: 3, hidden: 5, layers: 1))
    model.network.visitParameters {
      guard $0 == name else { return }
      var scalars = $1.value.scalars
      scalars[index] = value
      $1.value = Tensor(shape: $1.shape, scalars: scalars)
    }
    return model
  }

  @Test(
    "A model whose weights are not numbers writes nothing and says so",
    arguments: ["2.bias", "2.weight", "1.weight_hh", "1.bias"])
  func notANumber(name: String) throws {
    for value in [Float.nan, .infinity] {
      // Of an infinite gate a sigmoid makes 1: there is no mistake to be seen.
      if value.isInfinite, name.hasPrefix("1.") { continue }
      let error = #expect(throws: LanguageModel.NotFinite.self) {
        try model(value, in: name).generate(prompt: "ab")
      }
      #expect(error?.description.contains("not numbers") == true)
    }
  }

  @Test("Writing ends where probabilities are no longer numbers")
  func ends() throws {
    // Only after an "a" is there a vector that is none.
    let model = try model(.nan, in: "0.weight", at: 3)
    var generator = try model.generate(prompt: "cb", sampling: Sampling(temperature: 9), seed: 3)
    var text = ""
    while let next = generator.next(), text.count < 1000 { text += next }
    #expect(generator.hasFailed && text.hasSuffix("a") && text.count < 1000)
    #expect(generator.next() == nil && generator.nextBytes() == nil)
  }

  @Test("Log-probabilities of minus infinity are none to refuse")
  func impossible() throws {
    var generator = try model(-.infinity).generate(sampling: Sampling(), seed: 2)
    #expect(generator.distribution[1] == -.infinity && !generator.hasFailed)
    let text = (0..<200).compactMap { _ in generator.next() }.joined()
    #expect(text.count == 200 && !text.contains("a"))
  }

  @Test("A model of bytes writes bytes; as text they are what is made of them")
  func bytes() throws {
    let model = LanguageModel(
      vocabulary: .allBytes, configuration: .init(embedding: 3, hidden: 5, layers: 1), seed: 4)
    var (raw, text) = (try model.generate(seed: 6), try model.generate(seed: 6))
    let bytes = (0..<300).flatMap { _ in raw.nextBytes() ?? [] }
    #expect(bytes.count == 300 && String(validating: bytes, as: UTF8.self) == nil)
    let pieces = (0..<300).compactMap { _ in text.next() }.joined()
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(pieces))
  }
}
