import ProgramSupport
import Unroll
import UnrollModels

/// The sentences of a run: those to learn from, and those to see how well it does.
struct TaggerData {
  let training: [TaggedSentence]
  let validation: [TaggedSentence]

  init(_ options: TrainTagger) throws {
    let layout = options.tokens.layout
    let (all, table) = try layout.read(options.file, tagged: true)
    if let path = options.validation {
      training = all
      validation = try layout.read(path, tagged: true).sentences
      return
    }
    let part = options.heldOut ?? 0
    let kept = Int((Double(all.count) * part).rounded())
    guard kept < all.count else {
      throw ProgramError(
        description:
          "\(table.path): nothing is left to learn from with --held-out \(part); give more "
          + "sentences, or keep fewer")
    }
    let order = Self.order(all.count, seed: options.seed)
    validation = order.prefix(kept).sorted().map { all[$0] }
    training = order.dropFirst(kept).sorted().map { all[$0] }
  }

  /// The sentences in a random order.
  private static func order(_ count: Int, seed: UInt64) -> [Int] {
    let random = RandomSource(seed: seed).child("held out")
    return (0..<count).sorted { (random.bits($0), $0) < (random.bits($1), $1) }
  }

  func tagger(_ options: TrainTagger, _ vectors: WordVectors?) throws -> SequenceTagger {
    do {
      let vocabulary = try TaggerVocabulary(
        training, further: vectors?.words ?? [], labelScheme: options.model.scheme ?? .bioes)
      return try SequenceTagger(
        vocabulary: vocabulary, configuration: options.model.configuration(vectors),
        vectors: vectors, seed: options.seed)
    } catch let error as TaggerError {
      throw ProgramError(description: "\(options.file): \(error)")
    }
  }

  func summary(of tagger: SequenceTagger) -> String {
    let vocabulary = tagger.vocabulary
    return
      "\(training.count) sentences to learn from, \(validation.count) to see how well it does; "
      + "\(vocabulary.words.count) words, "
      + "\(vocabulary.characters.count) characters, \(vocabulary.labels.count) labels"
      + (vocabulary.labelScheme.map { " of \($0.rawValue.uppercased())" } ?? "")
      + "; \(tagger.network.parameterCount) parameters"
  }
}
