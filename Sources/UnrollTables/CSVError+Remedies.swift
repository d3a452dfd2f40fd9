import UnrollFiles

// What to do about errors whose cause may be how the file was read.
extension CSVError {
  /// What to do where the first row was taken for the names of the columns, and is none. Nothing
  /// where the columns have the numbers that those of a table without a header have.
  static func remedy(ofHeader names: [String]?) -> String {
    if let names, names == names.indices.map({ String($0 + 1) }) { return "" }
    return "; if its first row is no header, give it one, or read it in code with header: .none, "
      + "where the columns are called \"1\", \"2\" and so on"
  }

  /// What to do where a column was not found among others.
  static func remedy(ofColumns names: [String]) -> String {
    if names.count == 1, let other = delimiter(in: names[0]) {
      return "; " + remedy(ofDelimiter: other)
    }
    return remedy(ofHeader: names)
  }

  static func remedy(ofDelimiter delimiter: Unicode.Scalar) -> String {
    "the fields seem to be separated by \(name(of: delimiter)); declare that as the delimiter"
  }

  static func remedy(ofNumber text: String) -> String {
    let digits = text.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
    // A number and one comma in it, such as 3,5.
    if digits > 0,
      text.unicodeScalars.allSatisfy({ "+-.,0123456789 ".unicodeScalars.contains($0) }),
      text.contains(",")
    {
      return "if the comma is its decimal sign, or groups digits, declare that; else correct it"
    }
    if let other = delimiter(in: text) { return remedy(ofDelimiter: other) }
    return "correct it, or declare it to mean a missing value"
  }

  /// What seems to separate fields in a text that was taken for one; `nil` where nothing does.
  static func delimiter(in text: String) -> Unicode.Scalar? {
    for candidate in [Unicode.Scalar(";"), "\t", "|"] where text.unicodeScalars.contains(candidate)
    {
      return candidate
    }
    return text.unicodeScalars.filter { $0 == "," }.count > 1 ? "," : nil
  }

  private static func name(of delimiter: Unicode.Scalar) -> String {
    switch delimiter {
    case "\t": "tabs"
    case ";": "semicolons"
    case ",": "commas"
    default: quoted(String(delimiter))
    }
  }

  /// Names on one line, at most twenty of them.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(20).map { name in
      let isPlain = !name.isEmpty && name.count <= 40 && name.allSatisfy { !$0.isNewline }
      return isPlain ? name : quoted(name)
    }
    let rest = names.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
