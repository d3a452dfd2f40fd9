import Unroll

/// A tagger of words: each sentence is words with a tag each.
///
/// - Returns: the share of the test sentences' words that get their tag.
func tag(_ sentences: [[(word: String, tag: String)]], test: [[(word: String, tag: String)]]) throws
  -> Double
{
  guard let words = LabelTable(sentences.joined().map(\.word)),
    let tags = LabelTable(sentences.joined().map(\.tag))
  else { return 0 }
  func source(_ sentences: [[(word: String, tag: String)]]) throws -> PaddedSequences<Tokens> {
    try PaddedSequences(
      // A word that is not known has an id of its own.
      sentences.map { $0.map { words.id(of: $0.word) ?? Int32(words.count) } },
      tags: sentences.map { $0.map { tags.id(of: $0.tag) ?? Tokens.ignored } },
      batching: .similarLengths(), batchSize: 16)
  }
  let model = Sequential(seed: 1) {
    Embedding(vocabularySize: words.count + 1, dimension: 16)
    Bidirectional { LSTM(inputSize: 16, hiddenSize: 16) }
    DenseSoftmax(inputSize: 32, classes: tags.count)
  }
  var trainer = Trainer(
    model: model, source: try source(sentences),
    options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.01)))
  try trainer.train(steps: 150)
  return ClassificationReport(of: trainer.model, over: try source(test)).accuracy
}
