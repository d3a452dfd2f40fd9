import Foundation

/// A terminal without a window: what a program writes to it is kept.
final class PseudoTerminal: Sendable {
  private let master: Int32
  private let name: String

  init(columns: Int) throws {
    #if os(Linux)
      // Glibc's own functions for this are not in Swift's module: these are the calls that they make.
      let (unlock, number) = (UInt(0x4004_5431), UInt(0x8004_5430))
      var (isLocked, index): (Int32, UInt32) = (0, 0)
      master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      guard ioctl(master, unlock, &isLocked) == 0, ioctl(master, number, &index) == 0
      else { throw POSIXError(.ENOTTY) }
      name = "/dev/pts/\(index)"
    #else
      master = posix_openpt(O_RDWR | O_NOCTTY)
      guard grantpt(master) == 0, unlockpt(master) == 0, let path = ptsname(master)
      else { throw POSIXError(.ENOTTY) }
      name = String(cString: path)
    #endif
    resize(columns: columns)
  }

  deinit { close(master) }

  func resize(columns: Int) {
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Runs a program with this as its output.
  ///
  /// - Parameter onOutput: called with what was written so far, whenever there is more.
  /// - Returns: all that was written.
  func run(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:],
    onOutput: (String) -> Void = { _ in }
  ) throws -> String {
    let terminal = open(name, O_RDWR | O_NOCTTY)
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TERM": "xterm", "NO_COLOR": ""]) { _, new in new }
      .merging(environment) { _, new in new }
    process.standardOutput = FileHandle(fileDescriptor: terminal, closeOnDealloc: false)
    try process.run()
    close(terminal)
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    // The end of the program is an error here, and not the end of a file.
    while case let count = read(master, &buffer, buffer.count), count > 0 {
      output += buffer[..<count]
      onOutput(String(decoding: output, as: UTF8.self))
    }
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }
}
