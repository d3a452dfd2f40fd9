import UnrollCore

/// Words are picked and changed with their spellings and features; spellings that no word has any longer stay.
extension WordSequences: CheckableInput {
  public static var fillers: [CheckFiller] { [.other] }
  public static func tensor(of gradient: NoGradient) -> Tensor<Double>? { nil }

  public var inputShape: [Int] { [time, batch] }
  public var stepCount: Int? { time }
  public var streamCount: Int { batch }

  public func selecting(steps: Range<Int>) -> WordSequences { map { $0.selecting(steps: steps) } }

  public func selecting(streams: [Int]) -> WordSequences {
    map { $0.selecting(streams: streams) }
  }

  public func changing(
    to filler: CheckFiller, where isChanged: (_ step: Int, _ stream: Int) -> Bool
  ) -> WordSequences {
    map { $0.changing(to: filler, where: isChanged) }
  }

  /// The same of all that there is for each word.
  private func map(_ transform: (Tokens) -> Tokens) -> WordSequences {
    WordSequences(
      words: transform(words), spellings: transform(spellings), characters: characters,
      characterCounts: characterCounts, features: features.map(transform))
  }
}
