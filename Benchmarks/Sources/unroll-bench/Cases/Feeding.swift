import Foundation
import Unroll

/// Training on windows of a file that is larger than what is kept of it, beside training on the same tensors in
/// memory.
struct Streaming: Workload {
  private var sides: SideBySide<Recorded<StreamedWindows>, Replayed>
  private let file: InterleavedTable
  private let summary: String

  /// - Parameters:
  ///   - rows: those of the file.
  ///   - block: the windows that are shuffled together; a round is as many.
  init(rows: Int, hidden: Int, length: Int, batch: Int, block: Int, threads: Int) throws {
    file = try InterleavedTable(rows: rows)
    let (clock, tape) = (ContinuousClock(), Tape())
    let began = clock.now
    let source = try StreamedWindows(
      TableWindows(file.path, InterleavedTable.description, rows: length + 1), horizon: 1,
      inputs: InterleavedTable.columns, targets: ["x1"],
      scales: ["x1": ColumnScale(center: 0.1, width: 1.2)], shuffleBuffer: block, batchSize: batch)
    let counted = clock.now - began
    summary = String(
      format: "%d rows of 50 series, counted in %.2f s: %.2f us a row; ", rows,
      counted / .seconds(1), counted / .microseconds(rows))
    let network = Sequential<Tensor<Float>, Tensor<Float>, Float>(seed: 1) {
      GRU(inputSize: InterleavedTable.columns.count, hiddenSize: hidden)
      LastStep()
      Dense(inputSize: hidden, outputSize: 1)
    }
    sides = SideBySide(
      network, Recorded(source: source, tape: tape),
      Replayed(tape: tape, batchSize: batch, batchesPerEpoch: source.batchesPerEpoch),
      names: ("streamed", "in memory"), steps: source.shuffleBuffer / batch, threads: threads)
  }

  var unitsPerRun: Int { sides.unitsPerRun }
  var operations: Double { 0 }
  var note: String? { sides.note.map { summary + $0 } }

  mutating func run() throws { try sides.run() }
}

extension Case {
  private static func streaming(
    _ name: String, rows: Int, hidden: Int, length: Int = 48, batch: Int = 64, isLarge: Bool = false
  ) -> Case {
    let block = 1 << 14
    return Case(
      name: name,
      summary:
        "windows of \(rows) rows of a file, GRU \(hidden), B \(batch), T \(length), beside the "
        + "same in memory", isLarge: isLarge
    ) { threads in
      try Streaming(
        rows: rows, hidden: hidden, length: length, batch: batch, block: block, threads: threads)
    }
  }

  /// Windows in memory, prepared ahead and not.
  private static func prefetching(_ name: String, hidden: Int, batch: Int) -> Case {
    Case(
      name: name,
      summary:
        "windows of 17,420 x 7 in memory, GRU \(hidden), B \(batch), T 96, H 24, prepared ahead "
        + "beside not"
    ) { threads in
      let random = RandomSource(seed: 3)
      let past = Tensor<Float>(
        shape: [17_420, 7], scalars: (0..<(17_420 * 7)).map { Float(random.normal($0)) })
      let windows = try ForecastWindows(
        [WindowSeries(past: past)], in: [0..<12_194], shape: WindowShape(length: 96, horizon: 24),
        batchSize: batch)
      let network = Sequential<WindowInput<Float>, Tensor<Float>, Float>(seed: 1) {
        WindowSteps(horizon: 24, pastColumns: 7)
        GRU(inputSize: 7, hiddenSize: hidden)
        LastStep()
        Dense(inputSize: hidden, outputSize: 24)
      }
      return SideBySide(
        network, Prefetched(windows), windows, names: ("ahead", "not"), steps: 2048 / batch,
        threads: threads)
    }
  }

  static let feeding = [
    streaming("stream-gru-64", rows: 1_000_000, hidden: 64),
    streaming("stream-gru-64-10m", rows: 10_000_000, hidden: 64, isLarge: true),
    streaming("stream-gru-16", rows: 1_000_000, hidden: 16),
    streaming("stream-gru-8-t8", rows: 1_000_000, hidden: 8, length: 8),
    prefetching("prefetch-gru-64-b32", hidden: 64, batch: 32),
    prefetching("prefetch-gru-16-b1", hidden: 16, batch: 1),
  ]
}
