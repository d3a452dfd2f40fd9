import Foundation
import UnrollModels

do {
  guard let path = CommandLine.arguments.dropFirst().first else {
    print("Writes text with a model: run-a-model MODEL.safetensors [PROMPT]")
    exit(EX_USAGE)
  }
  let model = try LanguageModel(contentsOf: path)
  let prompt = CommandLine.arguments.dropFirst(2).joined(separator: " ")
  let text = try model.generate(prompt: prompt, sampling: Sampling(temperature: 0.7))
  print(prompt + text.prefix(200).joined())
} catch {
  FileHandle.standardError.write(Data("run-a-model: \(error)\n".utf8))
  exit(1)
}
