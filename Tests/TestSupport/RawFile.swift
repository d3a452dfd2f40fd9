import Foundation

/// A file with the header as it is given, whatever it says.
package func rawFile(_ header: String, data: [UInt8] = []) -> Data {
  rawFile(Array(header.utf8), data: data)
}

package func rawFile(_ header: [UInt8], data: [UInt8] = [], announced: UInt64? = nil) -> Data {
  let count = announced ?? UInt64(header.count)
  return Data((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + header + data)
}

/// Whether an error's description is one line.
package func isOneLine(_ text: String) -> Bool {
  !text.isEmpty && !text.contains(where: \.isNewline)
}
