import Unroll
import UnrollModels

/// A page of sentences with their tags, the wrong ones marked: one file, light and dark.
struct TagPage {
  /// The sentences that are shown at most.
  static let most = 500

  var title: String
  var report: TagReport
  var sentences: [TaggedSentence]
  var predicted: [[String]]
  /// The line of each word.
  var lines: [[Int]]

  var html: String { "" }
}
