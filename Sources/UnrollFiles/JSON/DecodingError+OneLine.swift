extension DecodingError {
  /// What is wrong and where, in one line.
  package var oneLine: String {
    func at(_ context: Context) -> String {
      let path = context.codingPath.map {
        $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue.cut)"
      }
      return path.isEmpty ? "" : " at \(path.joined())"
    }
    switch self {
    case .typeMismatch(_, let context), .dataCorrupted(let context):
      return "\(context.debugDescription)\(at(context))"
    case .valueNotFound(_, let context):
      return "a value is missing\(at(context))"
    case .keyNotFound(let key, let context):
      return "'\(key.stringValue)' is missing\(at(context))"
    @unknown default:
      return "it cannot be read"
    }
  }
}
