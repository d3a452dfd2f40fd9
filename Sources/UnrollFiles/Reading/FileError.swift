/// Why a file could not be read, or was none to be read as what it was taken for.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  @nonexhaustive
  public enum Problem: Equatable, Sendable {
    case missing
    case isDirectory
    /// A device or a pipe, where only a file on a disk will do.
    case notRegular
    /// The file is there, but the system does not let it be read; `reason` is the system's.
    case unreadable(reason: String)
    /// The file was written to while it was read.
    case changed
    case empty
    /// The bytes are not UTF-8; `offset` is that of the first byte that cannot be, from 0, `line` is
    /// the line that it is on, from 1.
    case notUTF8(offset: Int, line: Int)
    /// The text is longer than `limit` bytes.
    case tooLarge(limit: Int)
    /// A column was asked for of a file that has none.
    case hasNoColumns(asked: String)
  }

  public let path: String
  public let problem: Problem

  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// One line: the path, what is wrong, and what to do about it where that is not plain.
  public var description: String {
    let path = oneLine(path)
    return switch problem {
    case .missing: "\(path): there is no such file"
    case .isDirectory: "\(path): this is a directory; name a file in it"
    case .notRegular: "\(path): this is no regular file; copy what it gives to one, and name that"
    case .unreadable(let reason): "\(path): cannot be read: \(reason)"
    case .changed: "\(path): was changed while it was read; read it again"
    case .empty: "\(path): the file is empty"
    case .notUTF8(let offset, let line):
      "\(path), line \(line): not UTF-8 at byte \(offset); convert the file to UTF-8"
    case .tooLarge(let limit):
      "\(path): longer than the limit of \(limit) bytes; split the file or raise the limit"
    case .hasNoColumns(let asked):
      "\(path): column \(quoted(asked)) asked for, but only .csv and .tsv files have columns"
    }
  }
}
