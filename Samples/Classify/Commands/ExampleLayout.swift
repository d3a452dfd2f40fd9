import Foundation
import ProgramSupport
import Unroll
import UnrollModels

/// How tables of examples are read: kept in a model's file.
struct ExampleLayout: Codable, Sendable, Equatable {
  var delimiter: String?
  var hasHeader: Bool
  /// Whether quotes are characters like others.
  var isUnquoted: Bool
  var label: String
  var text: String?
  var sequence: String?
  var features: [String]

  private func description(_ path: String, _ columns: [TableColumn]) -> TableDescription {
    var description = TableDescription(columns: columns).forPath(path)
    if let delimiter = delimiter?.unicodeScalars.first { description.delimiter = delimiter }
    if isUnquoted { description.quote = nil }
    if !hasHeader { description.header = .none }
    return description
  }

  /// Reads texts, one to a row.
  ///
  /// - Parameter labeled: whether rows have labels.
  func texts(_ path: String, labeled: Bool) throws -> Examples<String> {
    let columns =
      [TableColumn(text ?? "", .text)] + (labeled ? [TableColumn(label, .label)] : [])
    let rows = try TableReader(path, description(path, columns)).rows()
    var examples = Examples<String>(path: path)
    while try rows.next() {
      examples.append(
        rows.text(0), named: "\(rows.line)", label: labeled ? rows.label(0) : nil, line: rows.line)
    }
    return try examples.checked()
  }

  /// Reads sequences of numbers, the rows of one key.
  ///
  /// - Parameter labeled: whether rows have labels.
  func sequences(_ path: String, labeled: Bool) throws -> Examples<Tensor<Float>> {
    let columns =
      [TableColumn(sequence ?? "", .key)] + features.map { TableColumn($0, .number) }
      + (labeled ? [TableColumn(label, .label)] : [])
    let rows = try TableReader(path, description(path, columns)).rows()
    var numbers: [[Float]] = []
    var labels: [String] = []
    var lines: [Int] = []
    while try rows.next() {
      let own = labeled ? rows.label(0) : ""
      if rows.key == numbers.count {
        numbers.append([])
        labels.append(own)
        lines.append(rows.line)
      }
      guard labels[rows.key] == own else {
        throw ProgramError(
          description:
            "\(path): line \(rows.line): the sequence '\(rows.keys[rows.key])' is '\(own)' here and "
            + "'\(labels[rows.key])' in line \(lines[rows.key]); one sequence has one label")
      }
      numbers[rows.key] += features.indices.map { Float(rows.number($0)) }
    }
    var examples = Examples<Tensor<Float>>(path: path)
    for (i, row) in numbers.enumerated() {
      guard row.allSatisfy(\.isFinite) else {
        throw ProgramError(
          description:
            "\(path): line \(lines[i]): the sequence that begins here has a number that is too large"
        )
      }
      examples.append(
        Tensor(shape: [row.count / features.count, features.count], scalars: row),
        named: rows.keys[i], label: labeled ? labels[i] : nil, line: lines[i])
    }
    return try examples.checked()
  }
}

/// Examples of a table, with their labels where they have some.
struct Examples<Example: Sendable>: Sendable {
  let path: String
  private(set) var examples: [Example] = []
  /// What each is called in the table: the key of a sequence, the line of a text.
  private(set) var names: [String] = []
  private(set) var labels: [String] = []
  private(set) var lines: [Int] = []

  init(path: String) { self.path = path }

  mutating func append(_ example: Example, named name: String, label: String?, line: Int) {
    examples.append(example)
    names.append(name)
    lines.append(line)
    if let label { labels.append(label) }
  }

  var count: Int { examples.count }

  fileprivate func checked() throws -> Examples {
    if examples.isEmpty {
      throw ProgramError(description: "\(path): the table has no row; add rows to it")
    }
    return self
  }

  /// Some of them, in their order.
  func part(_ rows: [Int]) -> Examples {
    var part = Examples(path: path)
    for row in rows {
      part.append(
        examples[row], named: names[row], label: labels.isEmpty ? nil : labels[row],
        line: lines[row])
    }
    return part
  }

  /// The ids of the labels.
  func ids(_ table: LabelTable) throws -> [Int32] {
    try zip(labels, lines).map { label, line in
      guard let id = table.id(of: label) else {
        throw ProgramError(
          description:
            "\(path): line \(line): the label '\(label)' is not one that the model knows: "
            + table.names.prefix(8).joined(separator: ", ") + (table.count > 8 ? ", ..." : ""))
      }
      return id
    }
  }
}

extension Examples {
  /// For each example a number that copies of it share.
  func copies(by key: (Example) -> some Hashable) -> [Int] {
    var known: [AnyHashable: Int] = [:]
    return examples.map { example in
      let key = AnyHashable(key(example))
      let group = known[key] ?? known.count
      known[key] = group
      return group
    }
  }
}
