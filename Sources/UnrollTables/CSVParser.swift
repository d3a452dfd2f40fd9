import Clibcsv

/// libcsv, with what it leaves out: line numbers, a limit for fields, UTF-8, no lost blanks.
///
/// It is given a physical line at a time (or part of one), so it always knows which line it is on,
/// and at most one row ends in each piece. All unsafe code for CSV is in this file.
///
/// A class, because libcsv's callbacks need something that stays in one place, and because the
/// buffer of the parser is freed once. One parser reads one file: libcsv overflows its buffer when
/// it is used after `csv_free`. After an error it must be given nothing more, not even the end.
final class CSVParser {
  /// A problem and its place, without the names that only the reader knows.
  struct Failure: Error {
    var problem: CSVError.Problem
    var line: Int
    /// The index of the field in its row.
    var field: Int
  }

  /// The fields of the row so far.
  private(set) var fields: [String] = []
  /// The physical line on which the row begins.
  private(set) var rowLine = 1

  private var parser = csv_parser()
  private let fieldLimit: Int
  private var line = 1
  /// The physical line on which the current field begins.
  private var fieldLine = 1
  private var rowIsComplete = false
  private var failure: Failure?

  init(_ dialect: CSVDialect, fieldLimit: Int) {
    self.fieldLimit = fieldLimit
    csv_init(&parser, UInt8(CSV_STRICT | CSV_STRICT_FINI))
    csv_set_delim(&parser, UInt8(ascii: dialect.delimiter))
    // Without quoting the quote is NUL, which no line has that gets to libcsv.
    csv_set_quote(&parser, dialect.quoting == .none ? 0 : UInt8(CSV_QUOTE))
    csv_set_space_func(&parser) { _ in 0 }  // else blanks around unquoted fields are dropped
    csv_set_blk_size(&parser, 64 * 1024)
  }

  deinit {
    csv_free(&parser)
  }

  /// Whether no field of a row has begun.
  var isBetweenRows: Bool { parser.pstate == 0 }

  /// Reads `bytes[range]`, all of it on one physical line, its line end included.
  ///
  /// - Returns: Whether a row is complete. It is to be taken before more is read.
  /// - Throws: `Failure`.
  func parse(_ bytes: [UInt8], _ range: Range<Int>, line: Int) throws -> Bool {
    self.line = line
    if isBetweenRows { (rowLine, fieldLine) = (line, line) }
    let nul = bytes[range].firstIndex(of: 0)
    let end = nul ?? range.upperBound
    let read = bytes.withUnsafeBytes { buffer in
      csv_parse(
        &parser, buffer.baseAddress.map { $0 + range.lowerBound }, end - range.lowerBound,
        CSVParser.fieldEnded, CSVParser.rowEnded, Unmanaged.passUnretained(self).toOpaque())
    }
    if let failure { throw failure }
    guard read == end - range.lowerBound else { throw parseFailure() }
    // A quote that may turn out to be the closing one is in the buffer, but not in the field.
    let pendingQuote = parser.pstate == 3 ? 1 : 0
    guard parser.entry_pos - pendingQuote <= fieldLimit else {
      throw failureHere(.fieldTooLong(limit: fieldLimit))
    }
    if nul != nil { throw failureHere(.nulByte) }
    return rowIsComplete
  }

  /// Reads the end of the file.
  ///
  /// - Returns: Whether that completes a row.
  /// - Throws: `Failure`.
  func finish() throws -> Bool {
    let result = csv_fini(
      &parser, CSVParser.fieldEnded, CSVParser.rowEnded, Unmanaged.passUnretained(self).toOpaque())
    if let failure { throw failure }
    guard result == 0 else { throw failureHere(.unclosedQuote) }
    return rowIsComplete
  }

  /// The complete row, leaving none.
  func takeRow() -> [String] {
    rowIsComplete = false
    defer { fields.removeAll(keepingCapacity: true) }
    return fields
  }

  private static let fieldEnded:
    @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Void = {
      bytes, count, context in
      guard let context else { return }
      let parser = Unmanaged<CSVParser>.fromOpaque(context).takeUnretainedValue()
      parser.append(UnsafeRawBufferPointer(start: bytes, count: count))
    }

  private static let rowEnded: @convention(c) (Int32, UnsafeMutableRawPointer?) -> Void = {
    _, context in
    guard let context else { return }
    Unmanaged<CSVParser>.fromOpaque(context).takeUnretainedValue().rowIsComplete = true
  }

  private func append(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil else { return }
    if bytes.count > fieldLimit {
      failure = failureHere(.fieldTooLong(limit: fieldLimit))
    } else if let text = String(validating: bytes, as: UTF8.self) {
      fields.append(text)
      fieldLine = line
    } else {
      failure = failureHere(.notUTF8)
    }
  }

  /// What made libcsv stop, by the state that it stopped in.
  private func parseFailure() -> Failure {
    guard csv_error(&parser) == CSV_EPARSE else { return failureHere(.outOfMemory) }
    guard parser.quoted != 0 else { return failureHere(.quoteInUnquotedField) }
    return Failure(problem: .textAfterQuote(opened: fieldLine), line: line, field: fields.count)
  }

  private func failureHere(_ problem: CSVError.Problem) -> Failure {
    Failure(problem: problem, line: fieldLine, field: fields.count)
  }
}
