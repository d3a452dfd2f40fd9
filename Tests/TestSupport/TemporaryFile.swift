import Foundation

/// Calls `body` with the path of a file of these bytes, which is gone afterwards.
@discardableResult
package func withFile<Result>(
  _ bytes: some Sequence<UInt8>, extension suffix: String = "csv",
  _ body: (String) throws -> Result
) throws -> Result {
  let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("unroll-\(UUID().uuidString).\(suffix)")
  try Data(bytes).write(to: url)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path)
}

/// Calls `body` with the path of a file of this text, which is gone afterwards.
@discardableResult
package func withFile<Result>(
  _ text: String, extension suffix: String = "csv", _ body: (String) throws -> Result
) throws -> Result {
  try withFile(text.utf8, extension: suffix, body)
}
