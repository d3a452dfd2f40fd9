import Foundation
import Testing
import UnrollCore

@Suite("Random numbers")
struct RandomSourceTests {
  private let source = RandomSource(seed: 7)

  // From an implementation of SplitMix64 and FNV-1a in Python.
  @Test("are the same on every platform")
  func known() {
    #expect(RandomSource(seed: 0).key == 0xE220_A839_7B1D_CDAF)
    #expect(source.key == 0x63CB_E1E4_5932_0DD7)
    #expect(source.bits(0) == 0xB8B4_C297_7EAB_CE45)
    #expect(source.bits(1) == 0xA653_05FD_338E_C8FE)
    #expect(source.bits(1_000_000) == 0x8A0F_50EA_F8D3_7066)
    #expect(source.bits(-1) == 0x74B5_ABCC_66B8_BDC1)
    #expect(source.uniform(0) == 0.7215081806049702)
    #expect(source.uniform(2) == 0.5493743249193239)
    #expect(source.normal(0) == 1.2343136254758922)
    #expect(source.normal(2) == 2.464787756436036)
    #expect(source.child(0).key == 0xB8EA_B608_22B8_B526)
    #expect(source.child(-1).key == 0x8CA1_B824_ACD1_202A)
    #expect(source.child("0.weight").key == 0x742E_0DDC_ADE6_386B)
    #expect(source.child("größe").key == 0x03C1_44C8_995F_C993)
  }

  @Test("of children differ, and from those of their parent")
  func children() {
    var keys: Set = [source.key]
    for i in -500..<500 { keys.insert(source.child(i).key) }
    for i in 0..<1000 { keys.insert(source.child("\(i)").key) }
    for i in 0..<1000 { keys.insert(source.child(1).child(i).key) }
    #expect(keys.count == 3001)
    #expect(source.child(0).child(1) != source.child(1).child(0))
    #expect(RandomSource(seed: 8).child(0) != source.child(0))
  }

  @Test("that are uniform lie in [0, 1), with the mean and variance of that")
  func uniform() {
    let numbers = (0..<20_000).map { source.uniform($0) }
    #expect(numbers.allSatisfy { (0..<1).contains($0) })
    let (mean, variance) = moments(numbers)
    #expect(abs(mean - 0.5) < 0.01)
    #expect(abs(variance - 1.0 / 12) < 0.002)
    for tenth in 0..<10 {
      #expect(abs(numbers.count { Int($0 * 10) == tenth } - 2000) < 200)
    }
  }

  @Test("that are normal have mean 0, variance 1, and no relation to their neighbours")
  func normal() {
    let numbers = (0..<20_000).map { source.normal($0) }
    let (mean, variance) = moments(numbers)
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 1) < 0.04)
    #expect(abs(moments(zip(numbers, numbers.dropFirst()).map { $0 * $1 }).mean) < 0.03)
    #expect(abs(Double(numbers.count { abs($0) < 1 }) / 20_000 - 0.683) < 0.02)
  }

  private func moments(_ numbers: [Double]) -> (mean: Double, variance: Double) {
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    return (mean, numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count))
  }

  @Test("come one after another from a stream")
  func stream() {
    var stream = RandomStream(source)
    #expect((0..<5).map { _ in stream.next() } == (0..<5).map { source.bits($0) })
    #expect(stream.position == 5)
    #expect(stream.uniform() == source.uniform(5))
    #expect([1, 2, 3, 4, 5].shuffled(using: &stream).sorted() == [1, 2, 3, 4, 5])
  }

  @Test("go on after a stream was coded where they stopped")
  func coding() throws {
    var stream = RandomStream(source.child("a source with a large key"))
    for _ in 0..<5 { _ = stream.next() }
    var decoded = try JSONDecoder().decode(RandomStream.self, from: JSONEncoder().encode(stream))
    #expect(decoded.source == stream.source)
    for _ in 0..<5 { #expect(decoded.next() == stream.next()) }
    #expect(decoded.position == 10)
  }
}
