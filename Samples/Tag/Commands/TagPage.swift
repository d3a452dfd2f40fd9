import ProgramSupport
import Unroll
import UnrollModels

/// A page of sentences with their tags, the wrong ones marked: one file, light and dark.
struct TagPage {
  /// The sentences that are shown at most: those with errors first, in the order of the file.
  static let most = 500

  var title: String
  var report: TagReport
  var sentences: [TaggedSentence]
  var predicted: [[String]]
  /// The line of each word.
  var lines: [[Int]]

  private func errors(_ i: Int) -> Int {
    zip(sentences[i].tags ?? [], predicted[i]).count { $0 != $1 }
  }

  var html: String {
    let wrong = sentences.indices.filter { errors($0) > 0 }
    let right = sentences.indices.filter { errors($0) == 0 }
    let shown = (wrong + right).prefix(Self.most)
    func percent(_ part: Double) -> String { TerminalFormat.fixed(100 * part, 2) + "%" }
    var figures =
      "\(report.sequences) sentences, \(report.tokens) words, accuracy \(percent(report.accuracy))"
    if report.hasSpans { figures += ", F1 of spans \(percent(report.allSpans.f1))" }
    let shownText =
      shown.count < sentences.count
      ? "\(shown.count) of \(sentences.count) sentences, those with errors first" : "All sentences"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Tags of \(escaped(title))</title>
      <style>\(Self.style)</style>
      <h1>Tags of \(escaped(title))</h1>
      <p>\(figures). \(wrong.count == 1 ? "1 sentence has" : "\(wrong.count) sentences have") an error.</p>
      <p class="key">\(shownText). A word's tag stands below it; <del>what was expected</del> and <b>what was
      predicted</b> where they differ.</p>
      \(labelTable(percent))
      \(shown.map(section).joined(separator: "\n"))
      </html>

      """
  }

  private func labelTable(_ percent: (Double) -> String) -> String {
    let rows = report.labels.map { name, count in
      "<tr><th>\(escaped(name))<td>\(percent(count.precision))<td>\(percent(count.recall))"
        + "<td>\(percent(count.f1))<td>\(count.expected)"
    }
    return """
      <div class="wide"><table><tr><th>\(report.hasSpans ? "type" : "tag")<td>precision<td>recall<td>F1<td>number
      \(rows.joined(separator: "\n"))
      </table></div>
      """
  }

  private func section(_ i: Int) -> String {
    let expected = sentences[i].tags ?? []
    let words = sentences[i].words.indices.map { t in
      let word = escaped(sentences[i].words[t])
      if expected[t] == predicted[i][t] {
        let isOutside = expected[t] == "O"
        return
          "<span class=\"w\(isOutside ? " o" : "")\">\(word)<small>\(escaped(expected[t]))</small></span>"
      }
      return
        "<span class=\"w x\">\(word)<small><del>\(escaped(expected[t]))</del> <b>\(escaped(predicted[i][t]))</b>"
        + "</small></span>"
    }
    return
      "<p class=\"s\"><span class=\"n\">\(lines[i].first ?? 0)</span>\(words.joined(separator: " "))</p>"
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  private static let style = """
    :root { color-scheme: light dark; --ink: #1d2430; --paper: #ffffff; --quiet: #5b6675; --line: #d9dee5;
      --bad: #a3231d; --wash: #fdecea }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --paper: #14181f; --quiet: #9aa5b4;
      --line: #323a46; --bad: #ff9d94; --wash: #3a1d1b } }
    body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
      margin: 0 auto; padding: 1rem }
    h1 { font-size: 1.5rem } .key, small, .n { color: var(--quiet) } small { font-size: .72rem }
    .wide { overflow-x: auto } table { border-collapse: collapse; font-size: .9rem }
    th, td { padding: .15rem .7rem; text-align: right; border-bottom: 1px solid var(--line);
      font-variant-numeric: tabular-nums } th { text-align: left; font-weight: 600 }
    .s { border-top: 1px solid var(--line); margin: 0; padding: .5rem 0 }
    .n { display: inline-block; min-width: 3.2rem; font-size: .8rem; font-variant-numeric: tabular-nums }
    .w { display: inline-block; vertical-align: top; margin: 0 .1rem .2rem 0; line-height: 1.25 }
    .w small { display: block } .o small { visibility: hidden }
    .x { background: var(--wash); border-radius: .25rem; padding: 0 .25rem } .x b { color: var(--bad) }
    """
}
