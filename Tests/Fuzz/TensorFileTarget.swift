import Foundation
import UnrollFiles

/// A tensor file of any bytes is read or refused, and what is read holds together.
///
/// The input is a file where its first byte is zero, after that byte. Else it is a header and data
/// without the length of the header, which few changed inputs would keep: the header ends with the
/// last brace.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Data(UnsafeBufferPointer(start: bytes, count: count))
  check(input.first == 0 ? input.dropFirst() : withLength(input))
  return 0
}

private func withLength(_ input: Data) -> Data {
  let end = input.lastIndex(of: UInt8(ascii: "}")).map { $0 + 1 } ?? input.endIndex
  let length = UInt64(end - input.startIndex)
  return Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }) + input
}

private func check(_ data: Data) {
  do {
    let file = try TensorFile(data: data, path: "m.safetensors")
    var writer = TensorFileWriter(metadata: file.metadata)
    for (index, entry) in file.entries.enumerated() {
      precondition(file.entries.index(of: entry.name) == index && file.entry(entry.name) == entry)
      try file.withBytes(of: entry.name) { bytes in
        precondition(bytes.count == entry.byteRange.count)
        let copy = Array(bytes)
        writer.add(entry.name, type: entry.type, shape: entry.shape) { take in
          try copy.withUnsafeBytes(take)
        }
      }
    }
    let copy = try TensorFile(data: writer.serialized())
    precondition(copy.isVerified && copy.metadata == file.metadata)
    precondition(Set(copy.entries.map(\.name)) == Set(file.entries.map(\.name)))
  } catch let error as TensorFileError {
    checkLine(error.description)
  } catch {
    preconditionFailure("\(error)")
  }
}

/// An error's description is one line.
private func checkLine(_ line: String) {
  precondition(!line.isEmpty && !line.contains(where: \.isNewline) && line.utf8.count < 10_000)
}
