import UnrollCore
import UnrollFiles

/// The exponential moving average of a model's weights (Polyak and Juditsky 1992): less noisy than the
/// weights of any one step.
///
///     a = a + (1 - d) (w - a)        d = min(decay, (1 + t) / (10 + t)) at update t
///
/// The first updates forget faster, so that the average does not drag the first weights along.
struct WeightAverage<Element: Scalar>: Sendable {
  let decay: Double
  /// The averages, by the parameters' names; empty before the first update.
  var values: [String: Tensor<Element>] = [:]

  init(decay: Double, values: [String: Tensor<Element>] = [:]) {
    require(0..<1 ~= decay, "Trainer: the decay \(decay) of the average is not in 0..<1")
    self.decay = decay
    self.values = values
  }

  /// Takes note of the weights after a step, counted from 1.
  mutating func update<Model: Layer<Element>>(_ model: borrowing Model, step: Int) {
    let kept = min(decay, (1 + Double(step)) / (10 + Double(step)))
    let share = Element(1 - kept)
    for (name, value) in model.parameters {
      var average = values.removeValue(forKey: name) ?? value
      Self.move(&average, towards: value, share)
      values[name] = average
    }
  }

  /// A model with the averages in the place of its weights.
  func applied<Model: Layer<Element>>(to model: Model) -> Model {
    var model = model
    model.visitParameters { name, parameter in
      if let average = values[name] { parameter.value = average }
    }
    return model
  }

  @specialized(where Element == Float)
  private static func move(
    _ average: inout Tensor<Element>, towards value: Tensor<Element>, _ share: Element
  ) {
    average.withUnsafeMutableBufferPointer { a in
      value.withUnsafeBufferPointer { w in
        for i in a.indices { a[i] += share * (w[i] - a[i]) }
      }
    }
  }
}
