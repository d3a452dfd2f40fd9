import ProgramSupport
import Unroll
import UnrollModels

/// What reads a table, with what this program calls it that would help against what is wrong with the table.
///
/// - Parameter path: of the table; named where an error does not.
func readingTable<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as CSVError {
    let text = named(path, "\(error)")
    throw ProgramError(
      description: error.option.map { "\(text) (forecast train \($0))" } ?? text)
  } catch let error as FileError {
    throw ProgramError(description: named(path, "\(error)"))
  } catch let error as SeriesError {
    throw ProgramError(description: named(path, "\(path): \(error)"))
  } catch let error as ForecasterError {
    throw ProgramError(description: named(path, "\(path): \(error)"))
  }
}

/// What is wrong with a file, which begins with its path; standard input has none.
private func named(_ path: String, _ text: String) -> String {
  path == "-" && text.hasPrefix("-") ? "standard input" + text.dropFirst() : text
}

extension CSVError {
  /// The option of `forecast train` that says how such a table is read.
  fileprivate var option: String? {
    switch problem {
    case .missingValue: return "--missing"
    case .order(let order):
      switch order {
      case .gap: return "--gaps"
      case .notLater: return "--sort"
      case .sameTime: return "--series"
      case .noStep, .offStep: return "--step"
      case .nothingToCarry, .nothingToInterpolate: return "--missing"
      }
    case .notATime: return "--time-format"
    case .ragged(_, _, .some): return "--delimiter"
    case .noSuchColumn(let columns):
      return columns.count == 1 && columns[0].contains { ";\t|".contains($0) }
        ? "--delimiter" : nil
    case .notANumber(let text), .notANumberAsDeclared(let text):
      // A number with a comma in it.
      return text.contains(",") && text.allSatisfy { "+-.,0123456789 ".contains($0) }
        ? "--decimal-comma, --digit-grouping" : nil
    default: return nil
    }
  }
}
