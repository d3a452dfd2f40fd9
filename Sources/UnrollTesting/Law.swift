/// A law of the `Layer` protocol: what the compiler cannot check and everybody relies on.
///
/// ``checkLayer(_:input:seed:registry:except:)`` holds a layer to all of them. A law that says
/// nothing of a layer, such as that of pieces of one that is not causal, is kept by it.
public enum Law: String, CaseIterable, Sendable {
  // A law comes after those that it presupposes.
  case repetition
  case copies
  case visits
  case shapes
  case gradientShapes
  case streams
  case gradients
  case accumulation
  case singleStep
  case rows
  case causality
  case pieces
  case padding
  case restarts
  case modes
  case coding
  case threads
  case memory

  /// What the law says.
  public var sentence: String {
    switch self {
    case .repetition:
      "the same seed and the same random numbers give the same result"
    case .copies:
      "a copy that is trained leaves the original as it was"
    case .visits:
      "every stored parameter is visited, once and by a name of its own"
    case .shapes:
      "outputShape(of:) gives the shape of what forward makes, and inputFeatures what it takes"
    case .gradientShapes:
      "a gradient has the shape of what it is the gradient of"
    case .streams:
      "every tensor of the state is visited and has the streams as axis 0; outputs have them too"
    case .gradients:
      "the gradients agree with central differences"
    case .accumulation:
      "backward adds to the gradients of the parameters"
    case .singleStep:
      "a sequence may have one step"
    case .rows:
      "a batch equals its streams run alone"
    case .causality:
      "no output of a causal layer depends on a later input"
    case .pieces:
      "a sequence in pieces, the state carried between them, equals the sequence whole"
    case .padding:
      "a padded sequence equals the sequence alone, whatever the padding holds"
    case .restarts:
      "a stream that begins anew forgets its state, and the others do not"
    case .modes:
      "inference computes what training computes, where nothing is random"
    case .coding:
      "a model that is saved, loaded and saved again gives the same file and the same output"
    case .threads:
      "any number of threads gives the same bytes"
    case .memory:
      "a steady training step allocates no tensor storage and keeps none"
    }
  }

  /// The laws without which this one cannot be judged. A layer that never gives the same result
  /// twice, for instance, equals nothing that it is compared with.
  var presupposed: [Law] {
    switch self {
    case .repetition, .shapes, .gradientShapes, .memory: []
    case .copies, .streams, .accumulation, .causality, .modes: [.repetition]
    // The audit of visits marks the parameters of a copy.
    case .visits: [.copies]
    case .threads: [.repetition, .streams]
    case .gradients, .rows: [.repetition, .gradientShapes, .streams]
    case .singleStep: [.repetition, .shapes, .gradientShapes, .streams, .gradients]
    case .pieces: [.repetition, .gradientShapes, .streams, .causality]
    case .padding, .restarts: [.repetition, .gradientShapes, .streams, .rows]
    case .coding: [.repetition, .copies, .visits, .shapes]
    }
  }
}
