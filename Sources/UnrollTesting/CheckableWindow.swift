import UnrollCore

/// A window is looked at whole: it has no steps that a layer could take apart. What is changed is its past and
/// what is known ahead.
extension WindowInput: CheckableInput where Element == Double {
  public var inputShape: [Int] { past.shape }
  public var stepCount: Int? { nil }
  public var streamCount: Int { batch }

  public func selecting(steps: Range<Int>) -> WindowInput { self }

  public func selecting(streams: [Int]) -> WindowInput {
    WindowInput(
      past: past.selecting(streams: streams), future: future.selecting(streams: streams),
      categories: categories.selecting(streams: streams))
  }

  public func changing(
    to filler: CheckFiller, where isChanged: (_ step: Int, _ stream: Int) -> Bool
  ) -> WindowInput {
    WindowInput(
      past: past.changing(to: filler) { isChanged(0, $1) },
      future: future.changing(to: filler) { isChanged(0, $1) }, categories: categories)
  }

  public static var fillers: [CheckFiller] { [.other, .large, .notANumber] }
  public static func tensor(of gradient: NoGradient) -> Tensor<Double>? { nil }
}
