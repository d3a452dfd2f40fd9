import UnrollCore

/// A number of 64 bits made of others in their order, to tell data apart.
struct Fingerprint: Sendable, CustomStringConvertible {
  private var source: RandomSource

  /// - Parameter kind: what the data are of.
  init(_ kind: String) { source = RandomSource(seed: 0).child(kind) }

  mutating func combine(_ value: Int) { source = source.child(value) }

  /// All elements, and how many they are.
  mutating func combine(_ ids: [Int32]) { combine(TokenSequence(ids)) }

  /// All elements, and how many they are, however they are stored.
  mutating func combine(_ ids: TokenSequence) {
    var source = source.child(ids.count)
    ids.forEachID { source = source.child(Int($0)) }
    self.source = source
  }

  /// The shape and all elements.
  mutating func combine(_ tensor: Tensor<Float>) {
    combine(tensor.shape.map { Int32(truncatingIfNeeded: $0) })
    tensor.withUnsafeBufferPointer { for x in $0 { combine(Int(x.bitPattern)) } }
  }

  /// Sixteen hexadecimal digits.
  var description: String {
    let digits = String(source.key, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
