import Clibcsv

/// libcsv, with what it leaves out: line numbers, a limit for fields, UTF-8, no lost blanks.
///
/// It is given a physical line at a time (or part of one), so it always knows which line it is on,
/// and at most one row ends in each piece. What libcsv finds is collected as bytes: nothing is
/// allocated for a field.
///
/// A class, because the buffer of the parser is freed once. One parser reads one file: libcsv overflows
/// its buffer when it is used after `csv_free`. After an error it must be given nothing more, not even
/// the end.
final class CSVParser {
  /// A problem and its place, without the names that only the reader knows.
  struct Failure: Error {
    var problem: CSVError.Problem
    var line: Int
    /// The index of the field in its row.
    var field: Int
  }

  /// What libcsv's callbacks work on: it stays in one place.
  private struct State {
    var parser = csv_parser()
    var row = RowBytes()
    var rowIsComplete = false
    /// Whether a byte of the row may be beyond ASCII.
    var needsValidation = false
    let fieldLimit: Int
    var line = 1
    var rowLine = 1
    /// The physical line on which the current field begins.
    var fieldLine = 1
    var failure: Failure?

    @inline(__always)
    mutating func append(_ bytes: UnsafeMutableRawPointer?, _ count: Int) {
      if count > fieldLimit || needsValidation {
        guard isAccepted(UnsafeRawBufferPointer(start: bytes, count: count)) else { return }
      }
      row.append(bytes, count)
      fieldLine = line
    }

    @inline(never)
    private mutating func isAccepted(_ bytes: UnsafeRawBufferPointer) -> Bool {
      guard failure == nil else { return false }
      if bytes.count > fieldLimit {
        failure = failureHere(.fieldTooLong(limit: fieldLimit))
      } else if bytes.contains(where: { $0 >= 0x80 }),
        String(validating: bytes, as: UTF8.self) == nil
      {
        failure = failureHere(.notUTF8)
      }
      return failure == nil
    }

    func failureHere(_ problem: CSVError.Problem) -> Failure {
      Failure(problem: problem, line: fieldLine, field: row.count)
    }
  }

  private let state: UnsafeMutablePointer<State>

  /// - Parameters:
  ///   - delimiter: What separates fields, in ASCII.
  ///   - quote: What encloses them, in ASCII; `nil` where nothing does.
  ///   - fieldLimit: The longest field to accept, in bytes.
  init(delimiter: Unicode.Scalar, quote: Unicode.Scalar?, fieldLimit: Int) {
    state = .allocate(capacity: 1)
    state.initialize(to: State(fieldLimit: fieldLimit))
    csv_init(&state.pointee.parser, UInt8(CSV_STRICT | CSV_STRICT_FINI))
    csv_set_delim(&state.pointee.parser, UInt8(ascii: delimiter))
    // Without quoting the quote is NUL, which no line has that gets to libcsv.
    csv_set_quote(&state.pointee.parser, quote.map { UInt8(ascii: $0) } ?? 0)
    csv_set_blk_size(&state.pointee.parser, 64 * 1024)
  }

  deinit {
    csv_free(&state.pointee.parser)
    state.pointee.row.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// The fields of the row so far.
  var row: RowBytes { state.pointee.row }
  /// The physical line on which the row begins.
  var rowLine: Int { state.pointee.rowLine }
  /// Whether no field of a row has begun.
  var isBetweenRows: Bool { state.pointee.parser.pstate == 0 }

  /// Reads a piece of a physical line, its line end included.
  ///
  /// - Returns: Whether a row is complete. The next call overwrites it.
  /// - Throws: `Failure`.
  func parse(_ piece: CSVLines.Piece) throws -> Bool {
    let state = state
    startRowIfNeeded(state)
    state.pointee.line = piece.line
    if state.pointee.parser.pstate == 0 {
      (state.pointee.rowLine, state.pointee.fieldLine) = (piece.line, piece.line)
      state.pointee.needsValidation = !piece.isASCII
    } else if !piece.isASCII {
      state.pointee.needsValidation = true
    }
    // Else blanks around unquoted fields are dropped. Where there are none libcsv is faster without.
    csv_set_space_func(
      &state.pointee.parser, piece.mayHaveOuterBlanks ? CSVParser.nothingIsBlank : nil)
    let nul = piece.mayHaveNUL ? piece.bytes.firstIndex(of: 0) : nil
    let end = nul ?? piece.bytes.count
    let read = csv_parse(
      &state.pointee.parser, piece.bytes.baseAddress, end, CSVParser.fieldEnded, CSVParser.rowEnded,
      state)
    if state.pointee.failure != nil || read != end { throw parseFailure() }
    // A quote that may turn out to be the closing one is in the buffer, but not in the field.
    let pendingQuote = state.pointee.parser.pstate == 3 ? 1 : 0
    guard state.pointee.parser.entry_pos - pendingQuote <= state.pointee.fieldLimit else {
      throw state.pointee.failureHere(.fieldTooLong(limit: state.pointee.fieldLimit))
    }
    if nul != nil { throw state.pointee.failureHere(.nulByte) }
    return state.pointee.rowIsComplete
  }

  /// Reads the end of the file.
  ///
  /// - Returns: Whether that completes a row.
  /// - Throws: `Failure`.
  func finish() throws -> Bool {
    startRowIfNeeded(state)
    let result = csv_fini(
      &state.pointee.parser, CSVParser.fieldEnded, CSVParser.rowEnded, state)
    if let failure = state.pointee.failure { throw failure }
    guard result == 0 else { throw state.pointee.failureHere(.unclosedQuote) }
    return state.pointee.rowIsComplete
  }

  @inline(__always)
  private func startRowIfNeeded(_ state: UnsafeMutablePointer<State>) {
    guard state.pointee.rowIsComplete else { return }
    state.pointee.rowIsComplete = false
    state.pointee.row.removeAll()
  }

  private static let fieldEnded:
    @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Void = {
      bytes, count, context in
      context?.assumingMemoryBound(to: State.self).pointee.append(bytes, count)
    }

  private static let rowEnded: @convention(c) (Int32, UnsafeMutableRawPointer?) -> Void = {
    _, context in
    context?.assumingMemoryBound(to: State.self).pointee.rowIsComplete = true
  }

  private static let nothingIsBlank: @convention(c) (UInt8) -> Int32 = { _ in 0 }

  /// What made libcsv stop, by the state that it stopped in.
  private func parseFailure() -> Failure {
    if let failure = state.pointee.failure { return failure }
    guard csv_error(&state.pointee.parser) == CSV_EPARSE else {
      return state.pointee.failureHere(.outOfMemory)
    }
    guard state.pointee.parser.quoted != 0 else {
      return state.pointee.failureHere(.quoteInUnquotedField)
    }
    let (opened, row) = (state.pointee.fieldLine, state.pointee.row)
    return Failure(
      problem: .textAfterQuote(opened: opened), line: state.pointee.line, field: row.count)
  }
}
