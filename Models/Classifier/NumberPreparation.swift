import Foundation
import UnrollCore
import UnrollFiles
import UnrollSeries

/// How the numbers of a sequence become those that a classifier's network sees: each column by its scale, and the shape of a
/// sequence apart from its size.
///
///     s = (x - center) / width                  as ``ColumnScale`` has it
///     z = (s - m) / d                           m, d the mean and the deviation of the sequence
///
/// With shapes the network sees z, log(d + 1e-3) and m of each column beside s: what matters may be the form of
/// a curve, whatever its size, and the size itself.
///
/// # Shapes
/// A sequence `[T, F]`; the network sees `[T, B, F]`, or `[T, B, 4 F]` with shapes.
public struct NumberPreparation: SequencePreparation {
  public static var kind: String { "numbers" }

  /// The names of the columns, F of them.
  public let columns: [String]
  public let scales: [ColumnScale]
  /// Whether the network sees the shape of a sequence apart from its size.
  public let withShapes: Bool

  /// Learns the scales.
  ///
  /// - Parameters:
  ///   - sequences: those to learn from, `[T, F]`.
  ///   - columns: the names of the columns.
  ///   - withShapes: whether the network is to see the shape of a sequence apart from its size.
  /// - Throws: ``SeriesError`` where a column has no number.
  public init(
    _ sequences: some Collection<Tensor<Float>>, columns: [String],
    kind: ColumnScale.Kind = .standard, withShapes: Bool = false
  ) throws {
    for sequence in sequences {
      sequence.expectShape([nil, columns.count], axes: "TF", of: "NumberPreparation sequence")
    }
    self.columns = columns
    self.withShapes = withShapes
    scales = try columns.enumerated().map { f, name in
      let values = sequences.lazy.map { sequence in
        (0..<sequence.shape[0]).lazy.map { Double(sequence[$0, f]) }
      }.joined()
      return try ColumnScale(of: values, kind: kind, column: name)
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    columns = try container.decode([String].self, forKey: .columns)
    scales = try container.decode([ColumnScale].self, forKey: .scales)
    withShapes = try container.decode(Bool.self, forKey: .withShapes)
    guard !columns.isEmpty, columns.count < 1 << 16, scales.count == columns.count,
      Set(columns).count == columns.count
    else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "\(scales.count) scales of \(columns.count) different columns"))
    }
  }

  /// The features of a step that the network sees.
  public var features: Int { columns.count * (withShapes ? 4 : 1) }
  public var inputShape: [Int] { [1, 1, features] }
  public var emptyInput: Tensor<Float> { Tensor(shape: inputShape) }

  /// What the network sees of a sequence.
  public func prepared(_ sequence: Tensor<Float>) -> Tensor<Float> {
    sequence.expectShape([nil, columns.count], axes: "TF", of: "NumberPreparation sequence")
    let scaled = scales.seen(sequence)
    guard withShapes else { return scaled }
    let (time, width) = (sequence.shape[0], columns.count)
    var seen = Tensor<Float>(shape: [time, 4 * width])
    for f in 0..<width {
      let values = (0..<time).map { Double(scaled[$0, f]) }
      let mean = values.reduce(0, +) / Double(max(1, time))
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(max(1, time))).squareRoot()
      for (t, value) in values.enumerated() {
        // What is left of a sequence that stands still is rounding, and not to be blown up.
        seen[t, 4 * f] = Float(value)
        seen[t, 4 * f + 1] = deviation > 1e-6 ? Float((value - mean) / deviation) : 0
        seen[t, 4 * f + 2] = Float(log(deviation + 1e-3))
        seen[t, 4 * f + 3] = Float(mean)
      }
    }
    return seen
  }

  public func batches(
    _ examples: [Tensor<Float>], labels: [Int32], batchSize: Int, seed: UInt64?
  ) throws -> PaddedSequences<Tensor<Float>> {
    try PaddedSequences(
      examples.map(prepared), labels: labels, batching: seed == nil ? .mixed : .similarLengths(),
      batchSize: batchSize, seed: seed)
  }
}
