import UnrollCore

/// What stops training at once.
public struct TrainingError: Error, CustomStringConvertible, Equatable {
  /// What was not finite.
  public enum Quantity: String, Sendable {
    case data
    case weights
    case loss
    case gradient
  }

  public let quantity: Quantity
  /// The step that was not done, counted from 1.
  public let step: Int
  /// The parameter that is to blame: the first whose value is not finite, or the one of the layer
  /// from which a gradient that is not came back; `nil` where there is none.
  public let parameter: String?
  /// The kind of that parameter's layer.
  public let layer: String?

  public init(quantity: Quantity, step: Int, parameter: String? = nil, layer: String? = nil) {
    self.quantity = quantity
    self.step = step
    self.parameter = parameter
    self.layer = layer
  }

  public var description: String {
    let place = parameter.map { name in
      ", '\(name)'\(layer.map { " of the layer \($0)" } ?? "") first"
    }
    let remedy =
      switch quantity {
      case .data: "look for what is no number in the data"
      case .weights: "go back to a checkpoint, with a lower learning rate or stronger clipping"
      case .loss, .gradient: "try a lower learning rate or stronger clipping"
      }
    let verb = quantity == .data || quantity == .weights ? "are" : "is"
    return
      "the \(quantity) of step \(step) \(verb) not finite\(place ?? ""); the step was not done: "
      + remedy
  }
}

extension TrainingError {
  /// What is to blame for the loss of an input that is not finite: the data, else the first weight that
  /// is not, else the loss itself.
  init<Input: Signal, Output, Element>(
    at step: Int, in model: Sequential<Input, Output, Element>, input: Input
  ) {
    if let input = input as? Tensor<Element>, !input.sumOfSquares().isFinite {
      self.init(quantity: .data, step: step)
    } else if let name = model.parameters.first(where: { !$0.value.sumOfSquares().isFinite })?.name
    {
      self.init(quantity: .weights, step: step, parameter: name, layer: model.kind(of: name))
    } else {
      self.init(quantity: .loss, step: step)
    }
  }

  /// What is to blame for gradients that are not finite. They go back from the last layer to the first,
  /// so that the last one that is not finite was the first one.
  init<Input, Output, Element>(
    at step: Int, in model: Sequential<Input, Output, Element>
  ) {
    var copy = model
    var parameter: String?
    copy.visitParameters { if !$1.gradient.sumOfSquares().isFinite { parameter = $0 } }
    self.init(
      quantity: .gradient, step: step, parameter: parameter,
      layer: parameter.flatMap { model.kind(of: $0) })
  }
}

extension Sequential {
  /// The kind of the layer that a parameter is in.
  fileprivate func kind(of parameter: String) -> String? {
    guard let index = parameter.split(separator: ".").first.flatMap({ Int($0) }), index < count
    else { return nil }
    return type(of: self[index]).kind
  }
}
