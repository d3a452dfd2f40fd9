import UnrollSeries

/// The rows of a table, one after the other, as a ``TableReader`` describes them.
///
/// It is at one row at a time, and is asked for what that row has. Nothing is allocated for a row or a cell
/// but for what is new in it, such as a category that has not come before.
public final class TableRows {
  /// The names of the file's columns.
  public var columns: [String] { fields.columns }
  /// The names of the columns of numbers, F. Behind one that is asked to indicate missing numbers is its
  /// indicator.
  public let numberColumns: [String]
  /// The names of the columns of categories, C.
  public let categoryColumns: [String]
  /// The names of the columns of labels.
  public let labelColumns: [String]
  /// The names of the columns of texts.
  public let textColumns: [String]
  /// How points of time are written; `nil` where there is no column of them.
  public let timePattern: TimePattern?
  /// The keys that have come so far. What several columns say is joined by slashes. One empty key where there
  /// is no column of keys.
  public private(set) var keys: [String] = []

  /// The physical line on which the row begins, from 1.
  public var line: Int { fields.line }
  /// When the row is; `nil` where there is no column of times.
  public private(set) var time: TimeStamp?
  /// The key of the row, as its place in ``keys``.
  public private(set) var key = 0

  let fields: TableFields
  /// What becomes of missing numbers, and the file's column, for each of ``numberColumns``; `nil` for
  /// indicators.
  let policies: [(missing: MissingNumbers, column: String)?]
  /// The numbers of the row, F.
  let numbers: UnsafeMutableBufferPointer<Double>
  /// The categories of the row, as their places among those that have come, C, then the labels.
  let categories: UnsafeMutableBufferPointer<Int32>
  private let steps: [Step]
  /// The fields of the columns that tell series apart, behind the first one.
  private let laterKeys: [Int]
  private let textFields: [Int]
  /// The last cell with a time: of interleaved series many rows have the same one.
  private let lastTime = HeldCell()
  private let decimal: DecimalNumber
  private let missing: MissingSpellings
  private let categoryNames: [CellNames]
  private let keyNames = CellNames()
  private var keyBytes: [UInt8] = []
  private var shownKeys: Set<String> = []

  /// What is read out of a field of every row.
  private struct Step {
    enum Kind { case number, name, label, time, key }
    var kind: Kind
    var field: Int
    /// Where it goes.
    var slot = 0
    var missing = MissingNumbers.error
  }

  init(_ path: String, _ description: TableDescription) throws {
    fields = try TableFields(path, description)
    let columns = CSVColumns(path: path, names: fields.columns)
    func names(_ role: TableColumn.Role) -> [String] {
      description.columns.filter { $0.role == role }.map(\.name)
    }
    (categoryColumns, labelColumns) = (names(.category), names(.label))
    textColumns = names(.text)
    var steps: [Step] = []
    var numbers: [String] = []
    var policies: [(missing: MissingNumbers, column: String)?] = []
    var (names, labels) = (0, 0)
    var keys: [Int] = []
    var pattern: TimePattern?
    var textFields: [Int] = []
    for column in description.columns {
      var step = Step(kind: .number, field: try columns.index(of: column.name))
      switch column.role {
      case .number:
        (step.slot, step.missing) = (numbers.count, column.missing)
        numbers.append(column.name)
        policies.append((column.missing, column.name))
        if column.missing == .indicate {
          numbers.append(column.name + " is missing")
          policies.append(nil)
        }
      case .category:
        (step.kind, step.slot) = (.name, names)
        names += 1
      case .label:
        (step.kind, step.slot) = (.label, categoryColumns.count + labels)
        labels += 1
      case .time(let timePattern):
        pattern = timePattern
        step.kind = .time
      case .key:
        step.kind = .key
        keys.append(step.field)
        if keys.count > 1 { continue }
      case .text:
        textFields.append(step.field)
        continue
      case .ignored: continue
      }
      steps.append(step)
    }
    (self.steps, self.textFields, self.policies) = (steps, textFields, policies)
    (numberColumns, timePattern) = (numbers, pattern)
    self.numbers = .allocate(capacity: max(numbers.count, 1))
    self.numbers.initialize(repeating: 0)
    categories = .allocate(capacity: max(names + labels, 1))
    categories.initialize(repeating: 0)
    categoryNames = (0..<names + labels).map { _ in CellNames() }
    decimal = DecimalNumber(
      decimalSign: description.decimalSign == .comma ? UInt8(ascii: ",") : UInt8(ascii: "."),
      grouping: description.digitGrouping.map { Array(String($0).utf8) } ?? [])
    missing = MissingSpellings(description.missing)
    laterKeys = Array(keys.dropFirst())
    if keys.isEmpty { self.keys = [""] }
  }

  deinit {
    numbers.deallocate()
    categories.deallocate()
  }

  /// Goes on to the next row.
  ///
  /// - Returns: Whether there is one.
  /// - Throws: ``FileError`` or ``CSVError``; there are no rows after an error.
  public func next() throws -> Bool {
    while try fields.next() {
      if try decode() { return true }
    }
    return false
  }

  /// A number of the row, by the place of its column in ``numberColumns``. One that is missing is NaN, unless
  /// it is an error or its row is left out: what else is to become of it needs the rest of the series.
  public func number(_ column: Int) -> Double { numbers[column] }

  /// The numbers of the row, F.
  public var row: [Double] { Array(numbers.prefix(numberColumns.count)) }

  /// A category of the row, by the place of its column in ``categoryColumns``.
  public func category(_ column: Int) -> String {
    categoryNames[column].names[Int(categories[column])]
  }

  /// The categories that have come so far in a column, in the order in which they came.
  public func categories(of column: Int) -> [String] { categoryNames[column].names }

  /// A label of the row, by the place of its column in ``labelColumns``.
  public func label(_ column: Int) -> String { category(categoryColumns.count + column) }

  /// A text of the row, by the place of its column in ``textColumns``.
  public func text(_ column: Int) -> String {
    String(decoding: fields[textFields[column]], as: UTF8.self)
  }

  /// The point of time of the row as it is written.
  var timeText: String {
    guard let step = steps.first(where: { $0.kind == .time }) else { return "" }
    return String(decoding: fields[step.field], as: UTF8.self)
  }

  /// Whether the row is not to be left out.
  private func decode() throws -> Bool {
    let row = fields.records.row
    let isBlank = fields.isBlank
    for step in steps {
      let cell = isBlank ? UnsafeRawBufferPointer(start: nil, count: 0) : row[step.field]
      switch step.kind {
      case .number:
        guard try readNumber(cell, step) else { return false }
      case .name: categories[step.slot] = categoryNames[step.slot].index(of: cell)
      case .label:
        if missing.contains(cell.trimmed) { throw fields.error(step.field, .missingLabel) }
        categories[step.slot] = categoryNames[step.slot].index(of: cell)
      case .time:
        if lastTime.holds(cell) { continue }
        guard let time = timePattern?.time(cell) else { throw timeError(cell, step) }
        self.time = time
        lastTime.hold(cell)
      case .key: try readKey(cell, step)
      }
    }
    return true
  }

  @inline(__always)
  private func readNumber(_ cell: UnsafeRawBufferPointer, _ step: Step) throws -> Bool {
    if !missing.mayBeNumbers {
      let value = decimal.value(cell)
      if !value.isNaN {
        numbers[step.slot] = value
        if step.missing == .indicate { numbers[step.slot + 1] = 0 }
        return true
      }
    }
    return try readOddNumber(cell.trimmed, step)
  }

  /// Reads a cell that is missing, or has blanks around it, or is no number.
  @inline(never)
  private func readOddNumber(_ cell: UnsafeRawBufferPointer, _ step: Step) throws -> Bool {
    let isMissing = missing.contains(cell)
    let value = isMissing ? .nan : decimal.value(cell)
    if isMissing {
      if step.missing == .drop { return false }
      if step.missing == .error { throw fields.error(step.field, .missingValue) }
    } else if value.isNaN {
      throw numberError(cell, step)
    }
    numbers[step.slot] = value
    if step.missing == .indicate { numbers[step.slot + 1] = isMissing ? 1 : 0 }
    return true
  }

  private func readKey(_ cell: UnsafeRawBufferPointer, _ step: Step) throws {
    if cell.isEmpty { throw fields.error(step.field, .missingKey) }
    if laterKeys.isEmpty {
      key = Int(keyNames.index(of: cell))
    } else {
      keyBytes.removeAll(keepingCapacity: true)
      keyBytes += cell
      for later in laterKeys {
        let cell = fields[later]
        if cell.isEmpty { throw fields.error(later, .missingKey) }
        // A character that no key has.
        keyBytes.append(0x1F)
        keyBytes += cell
      }
      key = keyBytes.withUnsafeBytes { Int(keyNames.index(of: $0)) }
    }
    if key == keys.count { addKey() }
  }

  /// Names the key that is new.
  private func addKey() {
    let name = keyNames.names[key]
    guard !laterKeys.isEmpty else {
      keys.append(name)
      return
    }
    // Slashes in keys may make two of them look the same.
    let shown = name.replacing("\u{1F}", with: "/")
    keys.append(shownKeys.insert(shown).inserted ? shown : name)
  }

  @inline(never)
  private func numberError(_ cell: UnsafeRawBufferPointer, _ step: Step) -> CSVError {
    if cell.isEmpty { return fields.error(step.field, .missingValue) }
    let text = String(decoding: fields[step.field], as: UTF8.self)
    return fields.error(step.field, .notANumberAsDeclared(text))
  }

  @inline(never)
  private func timeError(_ cell: UnsafeRawBufferPointer, _ step: Step) -> CSVError {
    if missing.contains(cell.trimmed) { return fields.error(step.field, .missingTime) }
    let text = String(decoding: cell, as: UTF8.self)
    return fields.error(step.field, .notATime(text, pattern: timePattern?.description ?? ""))
  }
}
