import ArgumentParser
import Foundation
import Unroll

extension ParsableCommand {
  /// Runs the program with the arguments that it was given, and ends it.
  ///
  /// - Parameter once: whether an option that is given twice is a mistake; else the last one counts.
  public static func runAsProgram(takingOptionsOnce once: Bool = false) {
    Interrupt.unblock()
    do {
      if let problem = wrongArgument() ?? wrongVariable() ?? (once ? repeatedOption() : nil) {
        FileHandle.standardError.write(Data("Error: \(problem)\n".utf8))
        throw ExitCode.validationFailure
      }
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exit(withError: error)
    }
  }

  /// An option that is given twice, of which all but the last would have no effect.
  private static func repeatedOption() -> String? {
    var seen: Set<Substring> = []
    for argument in CommandLine.arguments.dropFirst().prefix(while: { $0 != "--" })
    where argument.hasPrefix("--") {
      let name = argument.prefix { $0 != "=" }
      guard seen.insert(name).inserted else { return "\(name) is given twice; give it once" }
    }
    return nil
  }

  /// What is wrong with the environment.
  private static func wrongVariable() -> String? {
    EnvironmentSettings.current.problems.first.map {
      "\($0); correct the variable, or leave it out"
    }
  }

  /// An argument that is no text: it would be repaired, and a file of another name written.
  private static func wrongArgument() -> String? {
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = CommandLine.unsafeArgv[index],
        String(validatingCString: argument) == nil
      else { continue }
      let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
      return
        "argument \(index) is not UTF-8: \"\(escaped(bytes))\"; give it in UTF-8, and for a file "
        + "rename it or make a link to it"
    }
    return nil
  }

  /// Bytes as text, those that are not printable ASCII by their numbers.
  private static func escaped(_ bytes: UnsafeRawBufferPointer) -> String {
    let short = bytes.prefix(200).map { byte in
      0x20..<0x7F ~= byte && byte != UInt8(ascii: "\\")
        ? String(Unicode.Scalar(byte)) : String(format: "\\x%02X", byte)
    }
    return short.joined() + (bytes.count > 200 ? "…" : "")
  }
}
