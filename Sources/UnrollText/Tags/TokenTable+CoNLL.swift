import UnrollFiles

extension TokenTable {
  /// Reads a file as those of the CoNLL shared tasks: a token to a line, its columns apart by tabs or, where a line
  /// has none, by blanks; a blank line after each sentence.
  ///
  /// Lines that begin with `-DOCSTART-` are left out, and so are comments. A line that begins with `#` is one
  /// where it has not as many columns as the first line that does not begin so; and where it has, before the
  /// first word of a sentence, if its first column is `#` and its second is not: that is the sign's part of
  /// speech in the Penn Treebank.
  ///
  /// - Throws: ``FileError``, and ``TokenTableError`` where there are no tokens.
  public init(conll path: String) throws {
    let bytes = try TextFile.bytes(path)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { Self.fields(of: $0) }
    let width = lines.first { !$0.isEmpty && !$0[0].hasPrefix("#") && $0[0] != Self.document }?
      .count
    func isComment(_ fields: [String], isFirst: Bool) -> Bool {
      guard fields[0].hasPrefix("#") else { return false }
      if fields.count != width { return true }
      return isFirst && fields[0] == "#" && fields[1...].first != "#"
    }
    var (sentences, current) = ([[Token]](), [Token]())
    func end() {
      if !current.isEmpty { sentences.append(current) }
      current = []
    }
    for (index, fields) in lines.enumerated() {
      if fields.isEmpty || fields[0] == Self.document {
        end()
      } else if !isComment(fields, isFirst: current.isEmpty) {
        current.append(Token(fields: fields, line: index + 1))
      }
    }
    end()
    guard !sentences.isEmpty else { throw TokenTableError(path, problem: .noTokens) }
    self.init(path: path, conll: sentences)
  }

  private static var document: String { "-DOCSTART-" }

  /// The columns of a line; none of a blank one.
  private static func fields(of line: ArraySlice<UInt8>) -> [String] {
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    let (tab, blank) = (UInt8(ascii: "\t"), UInt8(ascii: " "))
    guard line.contains(where: { $0 != tab && $0 != blank }) else { return [] }
    let parts =
      line.contains(tab)
      ? line.split(separator: tab, omittingEmptySubsequences: false) : line.split(separator: blank)
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }
}
