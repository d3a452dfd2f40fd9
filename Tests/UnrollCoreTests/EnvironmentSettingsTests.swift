import CUnrollKernels
import Foundation
import Testing
import UnrollCore
import UnrollFiles

@Suite("The environment")
struct EnvironmentSettingsTests {
  private let processors = ProcessInfo.processInfo.activeProcessorCount

  @Test("Without variables, and with empty ones, the defaults are used")
  func none() {
    for environment in [[:], ["UNROLL_THREADS": "", "UNROLL_ISA": ""]] as [[String: String]] {
      let settings = EnvironmentSettings(environment)
      #expect(settings.threads == processors && settings.problems.isEmpty)
    }
  }

  @Test("Threads are a number from 1 to 1024", arguments: ["1", "7", "1024"])
  func threads(text: String) {
    let settings = EnvironmentSettings(["UNROLL_THREADS": text])
    #expect(settings.threads == Int(text) && settings.problems.isEmpty)
  }

  @Test(
    "Anything else is told, and as many are used as there are processors",
    arguments: ["abc", "0", "-1", "1025", "99999", "3.5", " 2", "2 ", "99999999999999999999"])
  func wrongThreads(text: String) throws {
    let settings = EnvironmentSettings(["UNROLL_THREADS": text])
    #expect(settings.threads == processors)
    let problem = try #require(settings.problems.first)
    #expect(settings.problems.count == 1)
    #expect(
      problem.description
        == "UNROLL_THREADS is \"\(text)\"; it can be a number of threads from 1 to 1024")
    #expect(problem.used == "\(processors), as many as there are processors")
  }

  @Test(
    "An instruction set may be in capitals",
    arguments: ["reference", "Baseline", "BASELINE", "REFERENCE"])
  func instructionSet(name: String) {
    #expect(EnvironmentSettings(["UNROLL_ISA": name]).problems.isEmpty)
  }

  @Test(
    "An instruction set that is none, or that the processor lacks, is told with those it has",
    arguments: ["avx3", "avx-512", "neon", "base", "avx2 ", "a\nb"])
  func wrongInstructionSet(name: String) throws {
    let problem = try #require(EnvironmentSettings(["UNROLL_ISA": name]).problems.first)
    #expect(problem.description.hasPrefix("UNROLL_ISA is \"\(name == "a\nb" ? "a\\nb" : name)\"; "))
    #expect(problem.description.contains("reference, baseline"))
    for (name, set) in [("avx2", UNROLL_ISA_AVX2), ("avx512", UNROLL_ISA_AVX512)] {
      let isThere = unroll_kernels_for(UNROLL_F32, set) != nil
      #expect(problem.allowed.contains(name) == isThere)
      #expect(EnvironmentSettings(["UNROLL_ISA": name]).problems.isEmpty == isThere)
    }
    #expect(problem.used == String(cString: unroll_isa_name(unroll_isa_in_use())))
  }

  @Test("Two wrong variables are two problems, of one line each")
  func both() {
    let problems = EnvironmentSettings(["UNROLL_ISA": "x", "UNROLL_THREADS": "y"]).problems
    #expect(problems.map(\.variable) == ["UNROLL_THREADS", "UNROLL_ISA"])
    #expect(problems.allSatisfy { !$0.description.contains("\n") })
  }
}
