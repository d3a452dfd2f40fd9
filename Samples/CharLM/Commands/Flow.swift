import ArgumentParser
import ProgramSupport
import Foundation
import Unroll
import UnrollModels
import UnrollReports

struct Flow: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw how far gradients reach back in time.",
    discussion: """
      Measures, on a text, the gradient of the loss of one character (or byte, or word) with respect to \
      the state of the network some characters before it: for trained models, and for fresh networks \
      of the same size (RNN, GRU and LSTM) to compare them with. Where a curve is at 1e-6 after 100 \
      characters, those 100 characters before have a millionth of the say that the last one has.

      EXAMPLES:
        charlm flow tales.safetensors tales.txt --output flow.svg
        charlm flow lstm.safetensors tales.txt --with gru.safetensors --with rnn.safetensors \
      --output flow.svg
      """)

  @Argument(help: "The model file.")
  var model: String

  @Argument(
    help: "The text: UTF-8, for a model of bytes anything; or a .csv or .tsv table, with --column.")
  var text: String

  @Option(help: ArgumentHelp("The picture to write.", valueName: "F.svg"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Another model file for the same picture; may be repeated.", valueName: "M.safetensors"))
  var with: [String] = []

  @Option(help: "The column of a table that holds the text.")
  var column: String?

  @OptionGroup var unknown: UnknownOptions

  @Option(parsing: .unconditional, help: "Characters, bytes or words to go back.")
  var distance = 300

  @Option(parsing: .unconditional, help: "Places of the text that are measured together.")
  var batch = 32

  func validate() throws {
    guard (1...10000).contains(distance) else {
      throw ValidationError("--distance is \(distance); it must be at least 1 and at most 10000")
    }
    guard (1...1000).contains(batch) else {
      throw ValidationError("--batch is \(batch); it must be at least 1 and at most 1000")
    }
  }

  func run() throws {
    try AtomicFile.checkWritable(output)
    let models = try ([model] + with).map {
      (path: $0, model: try LanguageModel(contentsOf: $0, registry: Toolkit.current.registry))
    }
    for other in models where other.model.vocabulary.unit != models[0].model.vocabulary.unit {
      throw ProgramError(
        description:
          "\(other.path) is a model of \(other.model.vocabulary.unit)s, and \(model) one of "
          + "\(models[0].model.vocabulary.unit)s; their distances do not compare")
    }
    let input = TextInput(path: text, column: column)
    let text = try input.read(models[0].model.vocabulary.unit)
    var curves: [LineChart.Line] = []
    for (index, entry) in models.enumerated() {
      let flow = try input.reading { try measure(entry.model, text) }
      try check(flow, of: entry.path)
      let name = URL(fileURLWithPath: entry.path).deletingPathExtension().lastPathComponent
      let color = ChartColor.accent(index)
      curves += [
        LineChart.Line("\(name), h", flow.ratios(of: "h"), color: color),
        LineChart.Line("\(name), c", flow.ratios(of: "c"), color: color, stroke: .dashed),
        LineChart.Line(
          "\(name), product of f", flow.forgetProduct ?? [], color: color, stroke: .dotted),
      ]
    }
    curves = curves.filter { !$0.y.isEmpty }
    try curves += input.reading { try fresh(like: models[0].model, text) }
    let unit = models[0].model.vocabulary.unit
    let chart = LineChart(
      title: "The gradient of a \(unit)'s loss, on its way back", x: ChartAxis("\(unit)s back"),
      y: ChartAxis("norm, as a multiple of that at 0", scale: .logarithmic, least: 1e-20),
      lines: curves)
    try AtomicFile.write(Data(chart.svg.utf8), to: output)
    show(curves, "\(unit)s back")
    print("wrote \(output)")
    try finishOutput()
  }

  /// Networks with first weights, of as many units and layers.
  private func fresh(
    like model: LanguageModel, _ text: [UInt8]
  ) throws -> [LineChart.Line] {
    let state = model.network.tensors(of: model.network.makeState(batch: 1))
    let layers = state.filter { $0.name.hasSuffix(".h") }
    guard let hidden = layers.first?.value.columns else { return [] }
    return try [
      ("RNN", LanguageModel.Cell.rnn, 2), ("GRU", .gru, 1), ("LSTM", .lstm, 0),
    ].map { name, cell, gray in
      let configuration = LanguageModel.Configuration(
        cell: cell, hidden: hidden, layers: layers.count)
      let network = LanguageModel(
        vocabulary: model.vocabulary, configuration: configuration)
      return LineChart.Line(
        "fresh \(name), h", try measure(network, text).ratios(of: "h"), color: .neutral(gray))
    }
  }

  /// The gradients at `batch` places of the text, spread evenly over it.
  private func measure(_ model: LanguageModel, _ text: [UInt8]) throws -> GradientFlow {
    let ids = try model.tokens(of: text, unknown.unknowns).tokens
    guard ids.count > distance + 2 else {
      throw ProgramError(
        description:
          "the text has \(ids.count) \(model.vocabulary.unit)s, too few to go back \(distance)")
    }
    let last = ids.count - distance - 2
    let starts = (0..<batch).map { batch == 1 ? 0 : $0 * last / (batch - 1) }
    let steps = (0...distance).map { t in starts.map { ids[$0 + t] } }
    return GradientFlow(
      of: model.network,
      Tokens(time: distance + 1, batch: batch, ids: steps.flatMap { $0 }),
      target: starts.map { ids[$0 + distance + 1] })
  }

  /// Refuses gradients that nothing can be drawn of.
  private func check(_ flow: GradientFlow, of path: String) throws {
    let values = flow.curves.map(\.values) + flow.forgetProducts.map(\.values)
    guard values.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw ProgramError(
        description: "\(path): the gradients are not finite; the model diverged")
    }
    guard flow.curves.contains(where: { $0.values[0] > 0 }) else {
      throw ProgramError(
        description:
          "\(path): there is no gradient at any of the places; the model is as certain of "
          + "the text as numbers can be, so take another text")
    }
  }

  /// Prints the curves at some distances.
  private func show(_ curves: [LineChart.Line], _ title: String) {
    let distances = [1, 3, 10, 30, 100, 300, 1000, 3000, 10000].filter { $0 <= distance }
    let width = 2 + (curves.map(\.name.count).max() ?? 0)
    func row(_ name: String, _ cells: [String]) {
      print(
        name.padding(toLength: width, withPad: " ", startingAt: 0)
          + cells.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }.joined())
    }
    row(title, distances.map { "\($0)" })
    for curve in curves {
      row(curve.name, distances.map { String(format: "%.1e", curve.y[$0]) })
    }
  }
}

extension GradientFlow {
  /// The norm over all layers of the part of their states with this name, as a multiple of that at
  /// distance 0; empty where no state has it, or where that is 0.
  func ratios(of part: String) -> [Double] {
    let parts = curves.filter { $0.name.hasSuffix(".\(part)") }.map(\.values)
    guard let count = parts.first?.count else { return [] }
    let norms = (0..<count).map { d in
      parts.reduce(0) { $0 + $1[d] * $1[d] }.squareRoot()
    }
    return norms[0] > 0 ? norms.map { $0 / norms[0] } : []
  }

  /// The product of forget gates, the mean over LSTM layers; `nil` without any.
  var forgetProduct: [Double]? {
    guard let first = forgetProducts.first else { return nil }
    return first.values.indices.map { d in
      forgetProducts.reduce(0) { $0 + $1.values[d] } / Double(forgetProducts.count)
    }
  }
}
