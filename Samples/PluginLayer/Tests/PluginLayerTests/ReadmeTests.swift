import Foundation
import Testing
import Unroll
import UnrollTesting

@Suite("README")
struct ReadmeTests {
  private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func read(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  @Test("Its pieces of code are those of the sources")
  func snippets() throws {
    let sources = try [
      "Package.swift", "Sources/PluginLayer/RMSNorm.swift", "Sources/PluginLayer/GILR.swift",
      "Sources/plugin-model/main.swift", "Sources/plugin-charlm/main.swift",
      "Tests/PluginLayerTests/LawTests.swift",
    ].map(read)
    let snippets = try read("README.md").components(separatedBy: "```swift\n").dropFirst()
      .map { $0.components(separatedBy: "```")[0] }
    #expect(snippets.count > 10)
    for snippet in snippets {
      #expect(sources.contains { $0.contains(snippet) }, "\(snippet)")
    }
  }

  @Test("What it shows of a dropped term is what checkLayer finds")
  func report() throws {
    let error = #expect(throws: BrokenLaws.self) { try checkLayer(WithoutMean(), input: x) }
    #expect(try comparable(read("README.md")).contains(comparable(error?.description ?? "none")))
  }

  /// A text as its words, the digits of its fractions left out.
  private func comparable(_ text: String) -> String {
    text.replacing(/\d+\.\d+/, with: "#").split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
  }
}
