/// Random numbers by position: number `i` of a source is a function of its key and of `i`, the same
/// on every platform, in whatever order they are asked for.
///
/// The function is that of SplitMix64 (Steele, Lea and Flood 2014). Sources form a tree: the
/// children of a source are independent of it and of each other.
public struct RandomSource: Sendable, Hashable, Codable {
  /// What distinguishes this source from others.
  public let key: UInt64

  /// The source of a seed.
  public init(seed: UInt64) {
    key = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
  }

  private init(key: UInt64) {
    self.key = key
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The source with this index below this one.
  public func child(_ index: Int) -> RandomSource {
    RandomSource(
      key: Self.mix(key ^ Self.mix(UInt64(bitPattern: Int64(index)) &+ 0xD1B5_4A32_D192_ED03)))
  }

  /// The source with this name below this one.
  public func child(_ name: String) -> RandomSource {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return RandomSource(key: Self.mix(key ^ Self.mix(hash)))
  }

  /// Number `i`: 64 random bits.
  public func bits(_ i: Int) -> UInt64 {
    Self.mix(key &+ (UInt64(bitPattern: Int64(i)) &+ 1) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// Number `i`, uniform in `[0, 1)`.
  public func uniform(_ i: Int) -> Double { Double(bits(i) >> 11) * 0x1p-53 }

  /// Number `i` of mean 0 and variance 1, nearly normal: twelve uniform numbers added up, which is
  /// exact arithmetic, where a logarithm would differ between platforms.
  public func normal(_ i: Int) -> Double {
    (0..<12).reduce(-6) { $0 + uniform(i &* 12 &+ $1) }
  }
}

/// The numbers of a ``RandomSource`` one after another.
public struct RandomStream: RandomNumberGenerator, Sendable, Codable {
  public let source: RandomSource
  /// How many numbers were taken.
  public private(set) var position = 0

  public init(_ source: RandomSource) {
    self.source = source
  }

  public mutating func next() -> UInt64 {
    defer { position += 1 }
    return source.bits(position)
  }

  /// The next number, uniform in `[0, 1)`.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
