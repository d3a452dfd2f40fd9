import Foundation
import UnrollCore

/// Holds a layer to every ``Law`` of the `Layer` protocol.
///
/// It is of use in any test framework: what it throws says in words and numbers what is wrong.
///
/// ```
/// @Test func scale() throws {
///   try checkLayer(Scale<Double>(features: 4), input: x)   // x is [T 3, B 2, F 4]
/// }
/// ```
///
/// Sizes that are pairwise different, T of at least 3 and B of at least 2 let nothing hide, and
/// small ones keep it fast: every number of the input, the state and the parameters is moved for
/// the central differences. A layer's own preconditions stop the program as they always do.
///
/// # Shapes
/// Input: `[T, B, ...]`, `[B, F]` or tokens `[T, B]`; output `[T, B, ...]` or `[B, F]`.
///
/// - Parameters:
///   - seed: what the parameters are drawn from. Those that begin at a constant, as biases do, are
///     moved away from it, so that they cannot hide an error; `nil` leaves all as they are.
///   - registry: the layers and cells inside the layer, by which it is loaded from a file.
///   - except: laws that the layer is known not to keep.
/// - Throws: ``BrokenLaws``.
public func checkLayer<L: Layer<Double>>(
  _ layer: L, input: L.Input, seed: UInt64? = 1,
  registry: LayerRegistry<Double> = LayerRegistry(), except: Set<Law> = []
) throws where L.Input: CheckableInput, L.Output == Tensor<Double> {
  let broken = brokenLaws(
    of: layer, input: input, seed: seed, registry: registry, except: except)
  guard broken.isEmpty else { throw BrokenLaws(kind: L.kind, laws: broken) }
}

/// The laws that a layer breaks, as ``checkLayer(_:input:seed:registry:except:)`` finds them.
public func brokenLaws<L: Layer<Double>>(
  of layer: L, input: L.Input, seed: UInt64? = 1,
  registry: LayerRegistry<Double> = LayerRegistry(), except: Set<Law> = []
) -> [BrokenLaw] where L.Input: CheckableInput, L.Output == Tensor<Double> {
  let subject = Subject(layer, input, seed: seed, registry: registry)
  var broken: [BrokenLaw] = []
  for law in Law.allCases where !except.contains(law) {
    if let first = broken.firstIndex(where: { law.presupposed.contains($0.law) }) {
      broken[first].unjudged.append(law)
      continue
    }
    let findings = subject.findings(against: law)
    if !findings.isEmpty { broken.append(BrokenLaw(law: law, findings: findings)) }
  }
  return broken
}

extension Subject {
  /// What speaks against a law, in words and numbers; nothing where it is kept.
  func findings(against law: Law) -> [String] {
    switch law {
    case .repetition: repetition()
    case .copies: copies()
    case .visits: visits()
    case .shapes: shapes()
    case .gradientShapes: gradientShapes()
    case .streams: streams()
    case .gradients: gradients()
    case .accumulation: accumulation()
    case .singleStep: singleStep()
    case .rows: rows()
    case .causality: causality()
    case .pieces: pieces()
    case .padding: padding()
    case .restarts: restarts()
    case .modes: modes()
    case .coding: coding()
    case .threads: threads()
    case .memory: memory()
    }
  }
}

/// A law that a layer breaks.
public struct BrokenLaw: Sendable, CustomStringConvertible {
  public let law: Law
  /// What was found, with the numbers.
  public let findings: [String]
  /// The laws that cannot be judged before this one is kept.
  public internal(set) var unjudged: [Law] = []

  /// The law and the first findings, in one line.
  public var description: String {
    let shown = 4
    var text = "\(law) (\(law.sentence)): \(findings.prefix(shown).joined(separator: "; "))"
    if findings.count > shown { text += "; and \(findings.count - shown) more" }
    if !unjudged.isEmpty {
      text += "; not judged before: \(unjudged.map(\.rawValue).joined(separator: ", "))"
    }
    return text
  }
}

/// The laws that a layer breaks, one to a line.
public struct BrokenLaws: LocalizedError, CustomStringConvertible {
  /// The kind of the layer.
  public let kind: String
  public let laws: [BrokenLaw]

  public var description: String {
    (["\(kind) breaks \(laws.count) of the laws of a layer:"] + laws.map { "  \($0)" })
      .joined(separator: "\n")
  }

  public var errorDescription: String? { description }
}
