import UnrollCore

/// A pair is looked at whole: what is written depends on all of what is read.
extension SequencePair: CheckableInput {
  public var inputShape: [Int] { [decoderInput.time, batch] }
  public var stepCount: Int? { nil }
  public var streamCount: Int { batch }

  public func selecting(steps: Range<Int>) -> SequencePair { self }

  public func selecting(streams: [Int]) -> SequencePair {
    SequencePair(
      source: source.selecting(streams: streams), sourceLengths: streams.map { sourceLengths[$0] },
      decoderInput: decoderInput.selecting(streams: streams), sampling: sampling)
  }

  public func changing(
    to filler: CheckFiller, where isChanged: (_ step: Int, _ stream: Int) -> Bool
  ) -> SequencePair {
    SequencePair(
      source: source.changing(to: filler) { isChanged(0, $1) }, sourceLengths: sourceLengths,
      decoderInput: decoderInput.changing(to: filler) { isChanged(0, $1) }, sampling: sampling)
  }

  public static var fillers: [CheckFiller] { [.other] }
  public static func tensor(of gradient: NoGradient) -> Tensor<Double>? { nil }
}
