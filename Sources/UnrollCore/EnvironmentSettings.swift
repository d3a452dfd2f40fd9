import CUnrollKernels
import Foundation
import UnrollFiles

/// What the environment variables `UNROLL_ISA` and `UNROLL_THREADS` ask for, and what of it cannot be
/// had: that is left out, and the default is used.
///
/// A warning of one line goes to standard error where such a variable is wrong, once. A program of
/// yours that would rather refuse looks at ``problems`` before it computes anything.
public struct EnvironmentSettings: Sendable {
  /// What is wrong with a variable.
  public struct Problem: Sendable, CustomStringConvertible {
    public let variable: String
    public let value: String
    /// What the variable can be.
    public let allowed: String
    /// What is used in its place.
    public let used: String

    /// One line: what the variable is, and what it can be.
    public var description: String {
      "\(variable) is \(oneLine(value.prefix(40).debugDescription)); it can be \(allowed)"
    }
  }

  /// The most threads that may be asked for.
  static let maximumThreads = 1024

  /// What this process was started with.
  public static let current = EnvironmentSettings(ProcessInfo.processInfo.environment)

  /// The number of threads to use where nobody says.
  public let threads: Int
  /// The instruction set that products and gates are computed with: `avx512`, for instance.
  public let instructionSet: String
  /// What is wrong with the variables.
  public let problems: [Problem]

  /// - Parameter environment: values by name; an empty one is as good as none.
  public init(_ environment: [String: String]) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    var problems: [Problem] = []
    let processors = ProcessInfo.processInfo.activeProcessorCount
    var threads = processors
    if let text = value("UNROLL_THREADS") {
      if let count = Int(text), 1...Self.maximumThreads ~= count {
        threads = count
      } else {
        problems.append(
          Problem(
            variable: "UNROLL_THREADS", value: text,
            allowed: "a number of threads from 1 to \(Self.maximumThreads)",
            used: "\(processors), as many as there are processors"))
      }
    }
    instructionSet = String(cString: unroll_isa_name(unroll_isa_in_use()))
    let sets = Self.instructionSets
    if let name = value("UNROLL_ISA"), !sets.contains(name.lowercased()) {
      problems.append(
        Problem(
          variable: "UNROLL_ISA", value: name,
          allowed: sets.joined(separator: ", ") + " on this processor",
          used: instructionSet))
    }
    self.threads = threads
    self.problems = problems
  }

  /// The names of the instruction sets that this processor has.
  static var instructionSets: [String] {
    [UNROLL_ISA_REFERENCE, UNROLL_ISA_BASELINE, UNROLL_ISA_AVX2, UNROLL_ISA_AVX512]
      .filter { unroll_kernels_for(UNROLL_F32, $0) != nil }
      .map { String(cString: unroll_isa_name($0)) }
  }

  /// Warns once in a process.
  static let warning: Void = {
    for problem in current.problems {
      let line = "warning: \(problem); \(problem.used) is used\n"
      FileHandle.standardError.write(Data(line.utf8))
    }
  }()
}
