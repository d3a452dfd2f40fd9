import Foundation
import Unroll

/// Writes bytes to standard output as they are, at once.
///
/// - Throws: where they did not arrive, as on a full disk.
public func writeOutput(_ bytes: [UInt8]) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno != EINTR {
      throw ProgramError(
        description: "standard output cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}

/// Ends writing to standard output.
///
/// - Throws: where what was written did not arrive, as on a full disk.
public func finishOutput() throws {
  if fflush(nil) != 0 {
    throw ProgramError(
      description: "standard output cannot be written: \(String(cString: strerror(errno)))")
  }
}

/// A number as JSON has it: `null` where it is not finite, for which JSON has no number.
public struct JSONNumber: Encodable {
  private let value: Double

  public init(_ value: Double) { self.value = value }

  /// In a few digits.
  public var text: String {
    guard value.isFinite else { return "-" }
    let digits = max(0, min(6, 3 - Int(log10(max(abs(value), 1e-9)).rounded(.down))))
    return TerminalFormat.fixed(value, digits)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
  }
}

/// Prints a value as JSON, keys sorted.
public func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
