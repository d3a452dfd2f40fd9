import Foundation
import Testing
import UnrollFiles

@Suite("A tensor file that PyTorch wrote")
struct TensorFilePyTorchTests {
  /// Made by safetensors 0.8.0 with PyTorch 2.15.0:
  ///
  ///     data = safetensors.torch.save({
  ///         "lstm.weight_ih_l0": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4,
  ///         "half": torch.tensor([1.0, -2.0], dtype=torch.float16),
  ///         "steps": torch.tensor(-7),
  ///         "empty": torch.zeros(0, 4, dtype=torch.float64),
  ///         "mask": torch.tensor([True, False, True]),
  ///     }, metadata={"format": "pt", "note": 'a "word"\n\u00e9'})
  ///     print(textwrap.fill(base64.b64encode(data).decode(), 90))
  private static let base64 = """
    aAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJub3RlIjoiYSBcIndvcmRcIlxuw6kiLCJmb3JtYXQiOiJwdCJ9LCJzdG
    VwcyI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImVtcHR5Ijp7ImR0eXBl
    IjoiRjY0Iiwic2hhcGUiOlswLDRdLCJkYXRhX29mZnNldHMiOls4LDhdfSwibHN0bS53ZWlnaHRfaWhfbDAiOnsiZH
    R5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzgsMzJdfSwiaGFsZiI6eyJkdHlwZSI6IkYx
    NiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzMyLDM2XX0sIm1hc2siOnsiZHR5cGUiOiJCT09MIiwic2hhcG
    UiOlszXSwiZGF0YV9vZmZzZXRzIjpbMzYsMzldfX35/////////wAAAAAAAIA+AAAAPwAAQD8AAIA/AACgPwA8AMAB
    AAE=
    """

  private func file() throws -> TensorFile {
    try TensorFile(
      data: try #require(Data(base64Encoded: Self.base64, options: .ignoreUnknownCharacters)))
  }

  @Test("Its tensors have the names, types, shapes and values that they had there")
  func tensors() throws {
    let file = try file()
    #expect(Set(file.entries.map(\.name)).count == 5)
    #expect(file.entry("lstm.weight_ih_l0")?.shape == [2, 3])
    let weights = try file.values(of: "lstm.weight_ih_l0", as: Float.self)
    #expect(weights == [0, 0.25, 0.5, 0.75, 1, 1.25])
    #expect(file.entry("half")?.type == .float16)
    #expect(try file.withBytes(of: "half") { Array($0) } == [0, 0x3C, 0, 0xC0])
    #expect(file.entry("steps")?.shape == [])
    #expect(try file.values(of: "steps", as: Int64.self) == [-7])
    #expect(file.entry("empty")?.shape == [0, 4])
    #expect(try file.values(of: "empty", as: Double.self) == [])
    #expect(file.entry("mask")?.type == .bool)
    #expect(try file.withBytes(of: "mask") { Array($0) } == [1, 0, 1])
  }

  @Test("Its metadata is read, and it needs no digest")
  func metadata() throws {
    let file = try file()
    #expect(file.metadata == ["format": "pt", "note": "a \"word\"\n\u{E9}"])
    #expect(!file.isVerified)
  }
}
