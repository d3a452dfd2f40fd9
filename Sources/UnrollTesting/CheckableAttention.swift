import UnrollCore

/// Queries are looked at step by step; the memory is the same for all of them.
extension AttentionInput: CheckableInput where Element == Double {
  public var inputShape: [Int] { queries.shape }
  public var stepCount: Int? { queries.shape[0] }
  public var streamCount: Int { queries.shape[1] }

  public func selecting(steps: Range<Int>) -> AttentionInput {
    AttentionInput(
      queries: queries.selecting(steps: steps), memory: memory, memoryLengths: memoryLengths)
  }

  public func selecting(streams: [Int]) -> AttentionInput {
    AttentionInput(
      queries: queries.selecting(streams: streams), memory: memory.selecting(streams: streams),
      memoryLengths: streams.map { memoryLengths[$0] })
  }

  public func changing(
    to filler: CheckFiller, where isChanged: (_ step: Int, _ stream: Int) -> Bool
  ) -> AttentionInput {
    AttentionInput(
      queries: queries.changing(to: filler, where: isChanged), memory: memory,
      memoryLengths: memoryLengths)
  }

  public static var fillers: [CheckFiller] { [.other, .large, .notANumber] }
  public static func tensor(of gradient: Gradient) -> Tensor<Double>? { gradient.queries }
}
