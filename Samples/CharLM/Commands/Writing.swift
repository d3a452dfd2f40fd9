import Foundation
import Unroll
import UnrollModels

/// Shows some text of the model's own after each validation.
struct WritingSample: TrainingObserver {
  let vocabulary: Vocabulary
  let seed: UInt64
  private let terminal = StatusLine()

  init(vocabulary: Vocabulary, seed: UInt64) {
    self.vocabulary = vocabulary
    self.seed = seed
  }

  mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    guard case .validated = event,
      let network = run.averagedModel as? LanguageModel.Network
    else { return .continue }
    let model = LanguageModel(vocabulary: vocabulary, network: network)
    let text = try model.writing(120, sampling: Sampling(temperature: 0.7), seed: seed)
    for line in text.split(whereSeparator: \.isNewline) {
      let shown = line.filter {
        !$0.unicodeScalars.contains { $0.properties.generalCategory == .control }
      }
      print(
        "    | \(terminal.isInteractive ? shown.prefix(max(0, terminal.width - 7)) : shown[...])")
    }
    fflush(nil)
    return .continue
  }
}

extension LanguageModel {
  /// Text of the model's own, of about so many characters.
  func writing(_ length: Int, sampling: Sampling, seed: UInt64) throws -> String {
    let count = vocabulary.unit == .word ? length / 5 : length
    return try generate(sampling: sampling, seed: seed).prefix(count).joined()
  }
}
