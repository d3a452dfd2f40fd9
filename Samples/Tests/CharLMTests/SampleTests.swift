import Foundation
import ProgramTesting
import Testing

@Suite("The samples")
struct SampleTests {
  private let folder = try? TemporaryFolder()

  @Test("A file that is not there is told in one line", arguments: ["compose"])
  func missing(program: String) throws {
    let folder = try #require(folder)
    let result = try Program.run([], program: program, in: folder.path)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(
      result.errors
        == "compose: Samples/CharLM/Data/tales.txt: there is no such file\n")
  }

  #if os(Linux)
    @Test("A file that cannot be written is told in one line")
    func unwritable() throws {
      let result = try Program.run([], program: "write-a-layer", in: "/proc")
      #expect(result.status == 1 && result.output.hasPrefix("Scale keeps the "))
      #expect(result.errors.hasPrefix("write-a-layer: ") && result.errors.contains("scaled"))
      #expect(result.errors.count { $0 == "\n" } == 1)
    }
  #endif
}
