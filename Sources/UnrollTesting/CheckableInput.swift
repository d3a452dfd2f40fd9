import UnrollCore

/// An input with which a layer can be held to the laws: it can be cut along time, picked from along
/// the batch, and changed in places.
///
/// `Tensor<Double>` is one, `[T, B, ...]` or, without time, `[B, F]`; so are `Tokens`, `[T, B]`. An
/// input of your own becomes one by these few functions.
public protocol CheckableInput: Signal {
  /// What `outputShape(of:)` takes.
  var inputShape: [Int] { get }
  /// T; `nil` where the input is no sequence.
  var stepCount: Int? { get }
  /// B.
  var streamCount: Int { get }

  /// Some steps of a sequence.
  func selecting(steps: Range<Int>) -> Self
  /// Streams in a new order, each as often as it is named.
  func selecting(streams: [Int]) -> Self
  /// Something else in some places, and the same elsewhere. Without time, the step is 0.
  func changing(
    to filler: CheckFiller, where isChanged: (_ step: Int, _ stream: Int) -> Bool
  ) -> Self

  /// The fillers that can be told apart in an input like this, at least one.
  static var fillers: [CheckFiller] { get }
  /// The gradient with respect to the input; `nil` where there is none.
  static func tensor(of gradient: Gradient) -> Tensor<Double>?
}

/// What to put in places of an input.
public enum CheckFiller: Sendable {
  /// Another value like those of the input.
  case other
  /// A value far from those of the input.
  case large
  /// What is no number.
  case notANumber
}

extension Tensor: CheckableInput where Element == Double {
  public static var fillers: [CheckFiller] { [.other, .large, .notANumber] }
  public static func tensor(of gradient: Tensor<Double>) -> Tensor<Double>? { gradient }

  public var inputShape: [Int] { shape }
  public var stepCount: Int? { rank > 2 ? shape[0] : nil }
  public var streamCount: Int { shape[streamAxis] }
  private var streamAxis: Int { rank > 2 ? 1 : 0 }

  public func selecting(steps: Range<Int>) -> Tensor { self.steps(steps) }

  public func selecting(streams: [Int]) -> Tensor {
    guard let time = stepCount else { return gathering(streams) }
    let joined = reshaped([time * streamCount] + shape.dropFirst(2))
    let rows = (0..<time).flatMap { t in streams.map { t * streamCount + $0 } }
    return joined.gathering(rows).reshaped([time, streams.count] + shape.dropFirst(2))
  }

  public func changing(
    to filler: CheckFiller, where isChanged: (_ step: Int, _ stream: Int) -> Bool
  ) -> Tensor {
    var changed = self
    let width = shape.dropFirst(streamAxis + 1).reduce(1, *)
    let random = RandomSource(seed: 11)
    for i in 0..<count where isChanged(i / width / streamCount, i / width % streamCount) {
      switch filler {
      case .other: changed[flat: i] += random.uniform(i) + 0.5
      case .large: changed[flat: i] = 100
      case .notANumber: changed[flat: i] = .nan
      }
    }
    return changed
  }
}

extension Tokens: CheckableInput {
  public static var fillers: [CheckFiller] { [.other] }
  public static func tensor(of gradient: NoGradient) -> Tensor<Double>? { nil }

  public var inputShape: [Int] { [time, batch] }
  public var stepCount: Int? { time }
  public var streamCount: Int { batch }

  public func selecting(steps: Range<Int>) -> Tokens {
    Tokens(
      time: steps.count, batch: batch,
      ids: Array(ids[(steps.lowerBound * batch)..<(steps.upperBound * batch)]))
  }

  public func selecting(streams: [Int]) -> Tokens {
    Tokens(
      time: time, batch: streams.count,
      ids: (0..<time).flatMap { t in streams.map { ids[t * batch + $0] } })
  }

  /// Other tokens are those of the input: no more is known of the vocabulary.
  public func changing(
    to filler: CheckFiller, where isChanged: (_ step: Int, _ stream: Int) -> Bool
  ) -> Tokens {
    let known = Set(ids).sorted()
    var changed = self
    for (i, id) in ids.enumerated() where isChanged(i / batch, i % batch) {
      let next = known.firstIndex { $0 > id } ?? 0
      changed.ids[i] = known[next]
    }
    return changed
  }
}
