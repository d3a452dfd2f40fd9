import Foundation
import TestSupport
import UnrollFiles

/// The problem that reading `data` ends with, or nothing where it is read.
func problem(of data: Data) -> TensorFileError.Problem? {
  do {
    _ = try TensorFile(data: data)
    return nil
  } catch {
    return (error as? TensorFileError)?.problem
  }
}

/// Some of everything: types of several sizes, a scalar, an empty tensor, odd byte counts, texts
/// that need escapes.
func sampleWriter() -> TensorFileWriter {
  var writer = TensorFileWriter(metadata: [
    "architecture": #"{"kind":"LSTM","note":"a \"quoted\" word"}"#,
    "zebra": "\u{1F993}\n\u{1}", "": "",
  ])
  let weights: [Float] = [1.5, -2, 3, .pi, -.infinity, .leastNonzeroMagnitude]
  writer.add("1.weight_ih", shape: [3, 2], values: weights)
  writer.add("0.bytes", shape: [5], values: [1, 2, 3, 4, 5] as [UInt8])
  writer.add("steps", shape: [], values: [-9_007_199_254_740_993] as [Int64])
  writer.add("moments", shape: [1, 2], values: [0.1, -.zero] as [Double])
  writer.add("nothing", shape: [4, 0], values: [] as [Float])
  writer.add("größe", shape: [3], values: [Int32.min, 0, .max])
  return writer
}
