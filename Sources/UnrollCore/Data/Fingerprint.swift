/// A number of 64 bits made of others in their order, to tell data apart.
package struct Fingerprint: Sendable, Equatable, CustomStringConvertible {
  private var source: RandomSource

  /// - Parameter kind: what the data are of.
  package init(_ kind: String) { source = RandomSource(seed: 0).child(kind) }

  package mutating func combine(_ value: Int) { source = source.child(value) }

  package mutating func combine(_ other: Fingerprint) {
    combine(Int(truncatingIfNeeded: other.source.key))
  }

  /// All elements, and how many they are.
  package mutating func combine(_ ids: [Int32]) {
    combine(ids.count)
    for id in ids { combine(Int(id)) }
  }

  /// The shape and all elements.
  package mutating func combine(_ tensor: Tensor<Float>) {
    combine(tensor.shape.map { Int32(truncatingIfNeeded: $0) })
    tensor.withUnsafeBufferPointer { for x in $0 { combine(Int(x.bitPattern)) } }
  }

  /// Sixteen hexadecimal digits.
  package var description: String {
    let digits = String(source.key, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
