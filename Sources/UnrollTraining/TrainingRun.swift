import UnrollCore

/// A run of a ``Trainer`` as its observers see it.
public protocol TrainingRun<Element> {
  associatedtype Element: Scalar
  associatedtype Model: Layer<Element>

  /// The model as the last step left it.
  var model: Model { get }
  /// The model that is validated: with averaged weights, where they are averaged.
  var averagedModel: Model { get }
  /// The model of the best validation so far; before the first one ``averagedModel``.
  var bestModel: Model { get }
  /// The loss of the best validation so far.
  var bestLoss: Double? { get }
  /// Steps done.
  var step: Int { get }

  /// Writes everything that the run is, or nothing.
  ///
  /// - Parameter metadata: what else to keep, text by key.
  func writeCheckpoint(to path: String, metadata: [String: String]) throws
}
