import UnrollCore

/// What stops training at once.
public struct TrainingError: Error, CustomStringConvertible, Equatable {
  /// What was not finite, or, of targets, missing.
  public enum Quantity: String, Sendable {
    case data
    case weights
    case loss
    case gradient
    case targets
  }

  public let quantity: Quantity
  /// The step, counted from 1; it was not done, unless it is the weights that are not finite.
  public let step: Int
  /// The layer that is to blame: the first one of which an output is not finite, or the one of
  /// ``parameter``; `nil` where there is none.
  public let layer: Layer?
  /// The parameter that is to blame: the first whose value is not finite, or the one of the layer
  /// from which a gradient that is not came back; `nil` where there is none.
  public let parameter: String?

  /// A layer of a model.
  public struct Layer: Sendable, Equatable, CustomStringConvertible {
    /// Where it is, from 0.
    public let position: Int
    public let kind: String

    public init(_ position: Int, _ kind: String) {
      self.position = position
      self.kind = kind
    }

    public var description: String { "layer \(position), \(kind)" }
  }

  public init(
    quantity: Quantity, step: Int, layer: Layer? = nil, parameter: String? = nil
  ) {
    self.quantity = quantity
    self.step = step
    self.layer = layer
    self.parameter = parameter
  }

  public var description: String {
    if quantity == .targets {
      return
        "no position of any batch of a whole pass has a target; step \(step) was not done: give "
        + "targets that are not ignored, within the lengths of the streams"
    }
    let verb = quantity == .data || quantity == .weights ? "are" : "is"
    let outcome = quantity == .weights ? "" : "; the step was not done"
    let place =
      switch (layer, parameter) {
      case (let layer?, let parameter?): "; '\(parameter)' of \(layer), is the first that is not"
      case (let layer?, nil): "; the output of \(layer), is the first that is not"
      default: ""
      }
    let remedy =
      switch quantity {
      case .data: "look for what is no number in the data"
      case .weights: "go back to a checkpoint, with a lower learning rate or stronger clipping"
      case .loss, .gradient, .targets: "try a lower learning rate or stronger clipping"
      }
    return
      "the \(quantity) of step \(step) \(verb) not finite\(place)\(outcome): \(remedy)"
  }
}

extension TrainingError {
  /// What is to blame for the loss of a batch that is not finite: the data, else the first weight that
  /// is not, else the first layer whose output is not, else the loss itself.
  ///
  /// - Parameter state: that before the batch.
  init<Model: UnrollCore.Layer, Target>(
    at step: Int, in model: Model, of batch: Batch<Model.Input, Target>, from state: Model.State,
    context: Context
  ) {
    let data = [batch.input as? Tensor<Model.Element>, batch.target as? Tensor<Model.Element>]
    if data.contains(where: { $0?.sumOfSquares().isFinite == false }) {
      self.init(quantity: .data, step: step)
    } else if let error = TrainingError(weightsOf: model, at: step) {
      self = error
    } else {
      let stack = model as? any NamedLayers
      let position = stack?.firstNotFinite(batch.input, from: state, in: context)
      self.init(quantity: .loss, step: step, layer: position.flatMap { stack?.layer(at: $0) })
    }
  }

  /// The first parameter of which a value is not finite; `nil` where all are.
  init?<Model: UnrollCore.Layer>(weightsOf model: Model, at step: Int) {
    let parameters = model.parameters
    guard let first = parameters.first(where: { !$0.value.sumOfSquares().isFinite }) else {
      return nil
    }
    self.init(
      quantity: .weights, step: step,
      layer: (model as? any NamedLayers)?.layer(of: first.name), parameter: first.name)
  }

  /// What is to blame for gradients that are not finite. They go back from the last layer to the first,
  /// so that the last one that is not finite was the first one.
  init<Model: UnrollCore.Layer>(gradientsOf model: Model, at step: Int) {
    var copy = model
    var parameter: String?
    copy.visitParameters { if !$1.gradient.sumOfSquares().isFinite { parameter = $0 } }
    let stack = model as? any NamedLayers
    self.init(
      quantity: .gradient, step: step, layer: parameter.flatMap { stack?.layer(of: $0) },
      parameter: parameter)
  }
}

extension NamedLayers {
  fileprivate func layer(at position: Int) -> TrainingError.Layer {
    TrainingError.Layer(position, kinds[position])
  }

  /// The layer that a parameter is in.
  fileprivate func layer(of parameter: String) -> TrainingError.Layer? {
    guard let index = parameter.split(separator: ".").first.flatMap({ Int($0) }),
      kinds.indices.contains(index)
    else { return nil }
    return layer(at: index)
  }
}
