import UnrollCore
import UnrollFiles
import UnrollSeries

extension RecursiveForecaster {
  /// A series as it comes, number by number: what it costs does not grow with what came before.
  ///
  /// A value: a copy goes on by itself from where it was taken.
  public struct Stream: Sendable {
    fileprivate var stepper: Stepper<Tensor<Float>, Float>
    /// The outputs for the next number, once there was one.
    fileprivate(set) var outputs: [Float] = []
    /// The rows that were read.
    public fileprivate(set) var count = 0
    private var input: Tensor<Float>

    fileprivate init(_ stepper: Stepper<Tensor<Float>, Float>, columns: Int) {
      self.stepper = stepper
      input = Tensor(shape: [stepper.batch, columns])
    }

    /// Reads a number of each of its streams, written by `write` into what the model sees.
    mutating func read(
      _ values: [Float], row: Int,
      _ write: (_ value: Float, _ input: UnsafeMutableBufferPointer<Float>) -> Void
    ) {
      let columns = input.columns
      input.withUnsafeMutableBufferPointer { x in
        for (b, value) in values.enumerated() {
          write(value, UnsafeMutableBufferPointer(rebasing: x[(b * columns)..<((b + 1) * columns)]))
        }
      }
      outputs = stepper.step(input).scalars
      count = row + 1
    }

    fileprivate mutating func read(
      _ values: [Float], of series: PreparedSeries, row: Int, _ preparation: SeriesPreparation
    ) {
      read(values, row: row) {
        preparation.stepInput(of: series, row: row, value: $0, into: $1)
      }
    }

    /// What is carried from number to number, as the network's state.
    public var state: Network.State { stepper.state }
  }

  /// A stream at the beginning of a series.
  public func makeStream(threads: Int = 1) -> Stream {
    Stream(
      Stepper(network, batch: 1, in: Context(.inference, threads: threads)),
      columns: preparation.stepColumns)
  }

  /// A stream that was saved: its state, its outputs, and how many rows it has read.
  func makeStream(from state: Network.State, outputs: [Float], count: Int) -> Stream {
    var stream = Stream(
      Stepper(network, from: state, batch: 1, in: Context(.inference, threads: 1)),
      columns: preparation.stepColumns)
    (stream.outputs, stream.count) = (outputs, count)
    return stream
  }

  /// Reads the rows of a series from where a stream is up to a row. For a number that is missing the model's own mean is
  /// taken.
  public func read(_ series: PreparedSeries, upTo last: Int, into stream: inout Stream) {
    for row in stream.count..<max(stream.count, last + 1) {
      let value = series.window.past[row, 0]
      stream.read(
        [value.isFinite ? value : mean(stream)], of: series, row: row, preparation)
    }
  }

  /// What the model expects next; 0 before the first number.
  func mean(_ stream: Stream) -> Float {
    stream.outputs.isEmpty ? 0 : Float(likelihood.mean(stream.outputs))
  }

  /// The mean of each of some rows after those that a stream has read, one after the other said to it in place of what
  /// came; relative as the preparation has it.
  public func means(_ steps: Int, after stream: Stream, of series: PreparedSeries) -> [Float] {
    var (stream, means) = (stream, [Float]())
    for step in 0..<steps {
      let mean = mean(stream)
      means.append(mean)
      if step + 1 < steps { stream.read([mean], of: series, row: stream.count, preparation) }
    }
    return means
  }

  /// Paths of some rows after those that a stream has read, each number drawn and then said to it.
  ///
  /// - Returns: `[paths][steps]`.
  func paths(
    _ steps: Int, count: Int, after stream: Stream, of series: PreparedSeries,
    _ random: RandomSource
  ) -> [[Float]] {
    let forked = network.gathering(Array(repeating: 0, count: count), of: stream.stepper.state)
    var ahead = Stream(
      Stepper(network, from: forked, batch: count, in: Context(.inference, threads: 1)),
      columns: preparation.stepColumns)
    let width = likelihood.outputs
    var outputs = Array(repeating: stream.outputs, count: count).flatMap(\.self)
    var paths = [[Float]](repeating: [], count: count)
    for step in 0..<steps {
      let drawn = (0..<count).map { path in
        Float(
          likelihood.sample(
            Array(outputs[(path * width)..<((path + 1) * width)]), unit: series.scale.width, random,
            draw: step * count + path))
      }
      for path in 0..<count { paths[path].append(drawn[path]) }
      guard step + 1 < steps else { break }
      ahead.read(drawn, of: series, row: stream.count + step, preparation)
      outputs = ahead.outputs
    }
    return paths
  }
}
