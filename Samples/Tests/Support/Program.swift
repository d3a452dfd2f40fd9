import Foundation

/// The program under test, run as a user runs it.
package struct Program {
  package struct Result {
    package var status: Int32
    /// What was written, as it is; and as text.
    package var bytes: [UInt8]
    package var output: String
    package var errors: String
  }

  /// - Parameters:
  ///   - program: another one than `charlm`.
  ///   - folder: where it is run, by default here.
  ///   - environment: what is added to the environment.
  package static func run(
    _ arguments: [String], program: String = "charlm", in folder: String? = nil,
    environment: [String: String] = [:], interruptWhen text: String? = nil
  ) throws -> Result {
    // Tests that run in the background ignore it, and so would the program.
    signal(SIGINT, SIG_DFL)
    let process = Process()
    process.executableURL =
      program.hasPrefix("/")
      ? URL(fileURLWithPath: program) : products.appendingPathComponent(program)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.environment = ProcessInfo.processInfo.environment
      .merging(environment) { _, new in new }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    var written = Data()
    if let text {
      while !String(decoding: written, as: UTF8.self).contains(text) {
        let piece = output.fileHandleForReading.availableData
        if piece.isEmpty { break }
        written += piece
      }
      process.interrupt()
    }
    written += output.fileHandleForReading.readDataToEndOfFile()
    let failed = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, bytes: Array(written),
      output: String(decoding: written, as: UTF8.self),
      errors: String(decoding: failed, as: UTF8.self))
  }

  /// Where a program is.
  package static func path(_ program: String) -> String {
    products.appendingPathComponent(program).path
  }

  package static var charlm: URL { products.appendingPathComponent("charlm") }

  /// Runs the program and kills it.
  ///
  /// - Parameters:
  ///   - seconds: when, counted from when something holds.
  ///   - condition: what that is.
  /// - Returns: whether it was killed: it may have ended by then.
  @discardableResult
  package static func kill(
    _ arguments: [String], after seconds: Double, once condition: () -> Bool = { true }
  ) throws -> Bool {
    let process = Process()
    process.executableURL = charlm
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    while process.isRunning, !condition() { Thread.sleep(forTimeInterval: 0.001) }
    Thread.sleep(forTimeInterval: seconds)
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
  }

  #if os(Linux)
    /// Runs the program without looking at what it writes.
    ///
    /// - Returns: how it ended, and the most memory that it had, in bytes. What the system counts when
    ///   a process has ended would have that of this process in it.
    package static func peakMemory(_ arguments: [String]) throws -> (status: Int32, bytes: Int) {
      let process = Process()
      process.executableURL = charlm
      process.arguments = arguments
      (process.standardOutput, process.standardError) = (
        FileHandle.nullDevice, FileHandle.nullDevice
      )
      try process.run()
      var peak = 0
      while process.isRunning {
        let status = try? String(
          contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        if let match = status?.firstMatch(of: /VmHWM:\s+(\d+) kB/), let kilobytes = Int(match.1) {
          peak = max(peak, kilobytes * 1024)
        }
        Thread.sleep(forTimeInterval: 0.002)
      }
      process.waitUntilExit()
      return (process.terminationStatus, peak)
    }
  #endif

  /// The folder of the built products, where the tests are too.
  private static var products: URL {
    #if os(macOS)
      for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
        return bundle.bundleURL.deletingLastPathComponent()
      }
    #endif
    return Bundle.main.bundleURL
  }
}
