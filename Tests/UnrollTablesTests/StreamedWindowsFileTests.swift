import Foundation
import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers
import UnrollSeries
import UnrollTables
import UnrollTraining

@Suite("Training on windows of a file")
struct StreamedWindowsFileTests {
  private typealias Network = Sequential<Tensor<Float>, Tensor<Float>, Float>

  private func trainer<Source: BatchSource<Tensor<Float>, Tensor<Float>>>(
    _ source: Source
  ) -> Trainer<Network, Source> {
    let model = Network(seed: 4) {
      GRU(inputSize: 2, hiddenSize: 7)
      Dropout(rate: 0.2)
      LastStep()
      Dense(inputSize: 7, outputSize: 4)
    }
    return Trainer(
      model: model, source: source, loss: MeanSquaredError(),
      options: TrainingOptions(optimizer: Adam(), schedule: .constant(0.01)))
  }

  /// Batches that are there.
  private struct Given: BatchSource {
    let batches: [Batch<Tensor<Float>, Tensor<Float>>]
    var position = 0
    let batchSize = 4
    var batchesPerEpoch: Int { batches.count }

    mutating func next() -> Batch<Tensor<Float>, Tensor<Float>> {
      defer { position = (position + 1) % batches.count }
      return batches[position]
    }
  }

  @Test("Losses are those of the same tensors in memory, to the last bit")
  func sameLosses() throws {
    try withFile(StreamedWindowsTests.text()) { path throws in
      let source = try StreamedWindowsTests.source(path)
      var copy = source
      let given = Given(batches: (0..<35).map { _ in copy.next() })
      #expect(35 > 2 * source.batchesPerEpoch)
      var (streamed, inMemory) = (trainer(source), trainer(given))
      for _ in 0..<35 {
        let (a, b) = (try streamed.trainStep(), try inMemory.trainStep())
        #expect(a.loss.bitPattern == b.loss.bitPattern)
      }
    }
  }

  @Test("A run that is cut short anywhere ends with the same bytes")
  func resumed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("t.csv", StreamedWindowsTests.text(missing: [9, 44]))
    func trainer() throws -> Trainer<Network, StreamedWindows> {
      self.trainer(try StreamedWindowsTests.source(path))
    }
    var whole = try trainer()
    try whole.train(steps: 31)
    try whole.writeCheckpoint(to: folder.file("whole.safetensors"))
    var cut = try trainer()
    for end in [1, 2, 4, 13, 14, 30, 31] {
      try cut.train(untilStep: end)
      try cut.writeCheckpoint(to: folder.file("cut.safetensors"))
      cut = try trainer()
      try cut.resume(
        from: ModelFile(contentsOf: folder.file("cut.safetensors")), registry: .standard)
    }
    for (a, b) in zip(whole.model.parameters, cut.model.parameters) {
      #expect(a.value.scalars == b.value.scalars)
    }
    #expect(whole.source.position == cut.source.position)
  }

  @Test("A file that is no longer what it was ends training, which can go on when it is again")
  func changed() throws {
    let folder = try TemporaryFolder()
    let text = StreamedWindowsTests.text()
    let lines = text.split(separator: "\n")
    // Beyond the blocks that are read by the first steps.
    let later = lines[60].split(separator: ",", omittingEmptySubsequences: false)
    let value = text.replacing(lines[60], with: later.dropLast().joined(separator: ",") + ",7.5")
    let malformed = text.replacing(lines[60], with: later.dropLast().joined(separator: ",") + ",u")
    let shorter = lines[..<60].joined(separator: "\n") + "\n"
    let path = folder.file("t.csv")
    for (changed, word, line) in [
      (value, "was changed", nil), (malformed, "line 61", 61), (shorter, "was changed", nil),
      (nil, "no such file", nil), ("", "empty", nil),
      (lines[0].replacing("z", with: "w") + "\n" + lines[1], "\"z\"", nil),
    ] as [(String?, String, Int?)] {
      try folder.write("t.csv", text)
      var (trainer, whole) = (
        trainer(try StreamedWindowsTests.source(path)),
        trainer(try StreamedWindowsTests.source(path))
      )
      try whole.train(steps: 30)
      try trainer.train(steps: 1)
      // What is open stays what it was where a file is put in its place: it shows in the next pass.
      try FileManager.default.removeItem(atPath: path)
      if let changed { try folder.write("t.csv", changed) }
      let error = #expect(throws: (any Error).self) { try trainer.train(untilStep: 30) }
      let description = "\(error as Any)"
      #expect(description.contains(word) && description.contains(path), "\(description)")
      #expect(!description.contains("\n"))
      #expect((error as? CSVError)?.line == line)
      #expect(trainer.step >= 1 && trainer.step < 30)
      try folder.write("t.csv", text)
      try trainer.train(untilStep: 30)
      for (a, b) in zip(whole.model.parameters, trainer.model.parameters) {
        #expect(a.value.scalars == b.value.scalars)
      }
    }
  }

  @Test("What cannot be read again is refused before anything is read", .timeLimit(.minutes(1)))
  func notAgain() throws {
    #expect(throws: FileError(path: "standard input", problem: .notRegular)) {
      try StreamedWindowsTests.source("-")
    }
    let folder = try TemporaryFolder()
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: FileError(path: pipe, problem: .notRegular)) {
      try StreamedWindowsTests.source(pipe)
    }
  }

  @Test("A source without windows, or with another column, is an error that says so")
  func nothing() throws {
    try withFile(StreamedWindowsTests.text()) { path throws in
      #expect(throws: SeriesError.tooShort(rows: 41, needed: 42)) {
        try StreamedWindowsTests.source(path, rows: 42)
      }
      let windows = TableWindows(path, StreamedWindowsTests.table, rows: 5, step: .hour)
      #expect(throws: SeriesError.noColumn("w", available: ["x", "y", "z"])) {
        try StreamedWindows(
          windows, horizon: 1, inputs: ["x"], targets: ["w"], shuffleBuffer: 8, batchSize: 4)
      }
    }
    try withFile(StreamedWindowsTests.text(missing: Set(0..<70))) { path throws in
      #expect(throws: SeriesError.noWholeWindow) { try StreamedWindowsTests.source(path) }
    }
    try withFile("t,k,x,y,z\n") { path throws in
      #expect(throws: SeriesError.tooShort(rows: 0, needed: 5)) {
        try StreamedWindowsTests.source(path)
      }
    }
    try withFile(StreamedWindowsTests.text() + "1970-01-01,a,1,1,1\n") { path throws in
      let error = #expect(throws: CSVError.self) { try StreamedWindowsTests.source(path) }
      #expect(error?.line == 72)
    }
  }
}
