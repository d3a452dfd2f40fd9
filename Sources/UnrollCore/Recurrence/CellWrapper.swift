/// A cell around a cell of any kind, which it changes in some way: noise in its state, for instance.
///
/// It has the parameters, the sizes and the state of the cell inside. Write `step` and
/// `stepBackward`, which call those of ``cell``; a wrapper that keeps something for its backward adds
/// to ``RecurrentCell/savedSizes``, by a name that has its ``depth`` in it: there may be two of it.
public protocol CellWrapper<Element>: RecurrentCell {
  /// The cell inside.
  var cell: AnyCell<Element> { get set }
}

extension CellWrapper {
  /// How many wrappers there are, this one included, around the cell that is none: what tells the
  /// random numbers of one from those of another.
  public var depth: Int { 1 + ((cell.cell as? any CellWrapper<Element>)?.depth ?? 0) }

  public var projection: InputProjection<Element> {
    get { cell.cell.projection }
    // In place: read, changed and written back, the parameters would be held twice and copied.
    _modify { yield &cell.cell.projection }
  }

  public var inputWidth: Int { cell.cell.inputWidth }
  public var outputSize: Int { cell.cell.outputSize }
  public var stateParts: KeyValuePairs<String, Int> { cell.cell.stateParts }
  public var projectsInput: Bool { cell.cell.projectsInput }
  public var savedSizes: [String: Int] { cell.cell.savedSizes }

  public func pack(
    _ weights: inout [PackedMatrix<Element>], for pass: CellPass, in context: Context
  ) {
    cell.cell.pack(&weights, for: pass, in: context)
  }

  public mutating func accumulate(_ run: CellRun<Element>, threads: Int) {
    cell.cell.accumulate(run, threads: threads)
  }

  public mutating func visitParameters(
    _ visit: (String, inout Parameter<Element>) throws -> Void
  ) rethrows {
    try cell.cell.visitParameters(visit)
  }
}
