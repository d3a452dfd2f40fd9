import Foundation
import ProgramTesting
import Testing

@Suite("A model file that says what cannot be")
struct HostileModelTests {
  private let shops = ShopTable()

  /// A model file, and what its metadata says by its keys.
  private struct Model {
    var header: [String: Any]
    var data: Data

    init(_ bytes: [UInt8]) throws {
      let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let object = try JSONSerialization.jsonObject(with: Data(bytes[8..<(8 + length)]))
      header = try #require(object as? [String: Any])
      data = Data(bytes[(8 + length)...])
    }

    /// The bytes with another text of a key, as a file from elsewhere: without a digest.
    func changing(_ key: String, to text: String?) throws -> Data {
      var metadata = try #require(header["__metadata__"] as? [String: String])
      metadata["unroll.digest"] = nil
      metadata["unroll.format"] = nil
      metadata[key] = text
      var header = header
      header["__metadata__"] = metadata
      var json = try JSONSerialization.data(withJSONObject: header)
      json += Data(repeating: 0x20, count: (8 - json.count % 8) % 8)
      var length = UInt64(json.count).littleEndian
      return withUnsafeBytes(of: &length) { Data($0) } + json + data
    }

    func text(_ key: String) throws -> String {
      try #require((header["__metadata__"] as? [String: String])?[key])
    }
  }

  private static let key = "forecast.description"

  /// What is replaced by what in the description.
  private static let changes: [(String, String)] = [
    (#""deviations":[]"#, #""deviations":.*?\]"#),
    (#""deviations":[0]"#, #""deviations":.*?\]"#), (#""deviations":[-1]"#, #""deviations":.*?\]"#),
    (#""deviations":[1,1]"#, #""deviations":.*?\]"#),
    (#""deviations":["1"]"#, #""deviations":.*?\]"#),
    (#""deviations":[1e999]"#, #""deviations":.*?\]"#),
    (#""season":0"#, #""season":[0-9]+"#), (#""season":-1"#, #""season":[0-9]+"#),
    (#""season":9223372036854775807"#, #""season":[0-9]+"#),
    (#""season":1.5"#, #""season":[0-9]+"#), (#""season":"7""#, #""season":[0-9]+"#),
    (#""layout":{}"#, #""layout":\{.*?\}"#), (#""layout":[]"#, #""layout":\{.*?\}"#),
    (#""decimalSign":"x""#, #""decimalSign":"\.""#), (#""gaps":"x""#, #""gaps":"[a-z]+""#),
    (#""isSorted":1"#, #""isSorted":false"#), (#""keys":"shop""#, #""keys":\["shop"\]"#),
    (#""keys":["shop","shop"]"#, #""keys":\["shop"\]"#),
    (#""keys":["units"]"#, #""keys":\["shop"\]"#), (#""time":"shop""#, #""time":"time""#),
    (#""time":"region""#, #""time":"time""#), (#""keys":[""]"#, #""keys":\["shop"\]"#),
    (#""keys":[1]"#, #""keys":\["shop"\]"#),
    (#""missing":"x""#, #""missing":"[a-z]+""#), (#""missing":null"#, #""missing":"[a-z]+""#),
    (#""time":"""#, #""time":"time""#), (#""time":1"#, #""time":"time""#),
    (#""step":{"microseconds":{"_0":0}}"#, #""step":\{.*?\}\}"#),
    (#""step":{"microseconds":{"_0":-1}}"#, #""step":\{.*?\}\}"#),
    (#""step":{"microseconds":{"_0":9223372036854775807}}"#, #""step":\{.*?\}\}"#),
    (#""step":{"months":{"_0":0}}"#, #""step":\{.*?\}\}"#),
    (#""step":{"months":{"_0":9223372036854775807}}"#, #""step":\{.*?\}\}"#),
    (#""step":{"count":{"_0":0}}"#, #""step":\{.*?\}\}"#), (#""step":{}"#, #""step":\{.*?\}\}"#),
    (#""step":"1d""#, #""step":\{.*?\}\}"#),
    (#""layout":{"step":{"count":{"_0":-3}},"#, #""layout":\{"#),
    (#""layout":{"timeFormat":"%Q","#, #""layout":\{"#),
    (#""layout":{"delimiter":"","#, #""layout":\{"#),
    (#""layout":{"delimiter":"\n","#, #""layout":\{"#),
    (#""layout":{"delimiter":"\"","#, #""layout":\{"#),
    (#""layout":{"delimiter":"é","#, #""layout":\{"#),
    (#""layout":{"digitGrouping":"7","#, #""layout":\{"#),
    (#""layout":{"digitGrouping":".","#, #""layout":\{"#),
    (#""layout":{"digitGrouping":"\u0000","#, #""layout":\{"#),
    (#""layout":{"more":1,"#, #""layout":\{"#),
    (#""split":{"last":{"test":-1,"validation":3}}"#, #""split":\{.*?\}\}"#),
    (#""split":{"last":{"test":1,"validation":-3}}"#, #""split":\{.*?\}\}"#),
    (#""split":{"rows":{"test":1,"training":-1,"validation":3}}"#, #""split":\{.*?\}\}"#),
    (#""split":{"first":{}}"#, #""split":\{.*?\}\}"#), (#""split":{}"#, #""split":\{.*?\}\}"#),
    (#""timePattern":"%Q""#, #""timePattern":"[^"]*""#),
    (#""timePattern":3"#, #""timePattern":"[^"]*""#),
    (#""training":"x""#, #""training":\[.*?\]"#), (#""training":[1]"#, #""training":\[.*?\]"#),
  ]

  @Test("Is refused in one line with its path by every command", arguments: changes.indices)
  func changed(index: Int) throws {
    let (new, old) = Self.changes[index]
    let table = try shops.write()
    let model = try Model(try #require(Self.trained))
    let text = try model.text(Self.key)
    let other = text.replacing(try Regex(old), with: new, maxReplacements: 1)
    #expect(other != text)
    try check(try model.changing(Self.key, to: other), table)
  }

  @Test(
    "So is one without a description, or with none that can be read",
    arguments: [nil, "", "{", "[]", "null", "{}", "\u{0}"])
  func unreadable(text: String?) throws {
    let model = try Model(try #require(Self.trained))
    try check(try model.changing(Self.key, to: text), try shops.write())
  }

  /// Trained once for all.
  private static let trained: [UInt8]? = {
    let shops = ShopTable()
    return try? shops.folder.map { folder in
      _ = try shops.train(try shops.write(), "m")
      return try folder.bytes("m.safetensors")
    }
  }()

  private func check(_ bytes: Data, _ table: String) throws {
    let folder = try #require(shops.folder)
    let path = try folder.write("hostile.safetensors", bytes)
    let output = try folder.write("o.csv", "as it was")
    for arguments in [
      ["inspect", path], ["evaluate", path, table], ["predict", path, table, "--output", output],
      ["backtest", path, table, "--output", output, "--refit-every", "2"], ["watch", path],
    ] {
      let line = try shops.error(arguments)
      #expect(line.hasPrefix("Error: \(path): "), "\(line)")
    }
    #expect(try folder.bytes("o.csv") == Array("as it was".utf8))
  }

  @Test(
    "Options of training that are not the model's, or none at all, are refused where they are needed",
    arguments: [
      "[]", #"["--help"]"#, #"["--version"]"#, #"["another"]"#, #"["--target=units"]"#,
      #"["--target=price","--horizon=5","--window=14"]"#,
      #"["--target=units","--horizon=99999","--window=14"]"#,
      #"["--target=units","--horizon=5","--window=14","--steps=0"]"#,
      #"["--target=units","--horizon=5","--window=14","--model=recursive"]"#,
    ])
  func otherTraining(options: String) throws {
    let folder = try #require(shops.folder)
    let table = try shops.write()
    let model = try Model(try #require(Self.trained))
    let text = try model.text(Self.key)
    let other = text.replacing(try Regex(#""training":\[.*?\]"#), with: "\"training\":\(options)")
    #expect(other != text)
    let path = try folder.write("m.safetensors", try model.changing(Self.key, to: other))
    let output = try shops.path("o.csv")
    let backtest = ["backtest", path, table, "--output", output]
    let line = try shops.error(backtest + ["--refit-every", "2"])
    #expect(line.hasPrefix("Error: \(path): says that it was trained by"), "\(line)")
    #expect(!FileManager.default.fileExists(atPath: output))
    #expect(try shops.forecast(backtest).status == 0)
  }

  @Test("A file from before the options of training were kept works, but cannot be refitted")
  func older() throws {
    let folder = try #require(shops.folder)
    let table = try shops.write()
    let model = try Model(try #require(Self.trained))
    let text = try model.text(Self.key)
    let older = text.replacing(try Regex(#","training":\[.*?\]"#), with: "")
    #expect(older != text)
    let path = try folder.write("old.safetensors", try model.changing(Self.key, to: older))
    let backtest = ["backtest", path, table, "--output", try shops.path("o.csv")]
    #expect(try shops.forecast(backtest).status == 0)
    #expect(try shops.error(backtest + ["--refit-every", "2"]).contains("train it anew"))
  }
}
