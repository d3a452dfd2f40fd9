/// How often characters, bytes or words occur in a text, or in the parts of it that are trained on.
struct UnitCounts {
  private let unit: Vocabulary.Unit
  /// By the scalar's or the byte's value, or by the word's number.
  private var counts: [Int] = []
  /// Whether it occurs where it is trained on.
  private var isTrained: [Bool] = []
  private var words = WordTable()

  /// Counts.
  ///
  /// - Parameters:
  ///   - bytes: The text: UTF-8, or any bytes for `.byte`.
  ///   - training: The parts that are trained on, as numbers of characters, bytes or words, ascending
  ///     and apart from each other; all of the text by default.
  ///   - countsRest: Whether what is not trained on is counted too.
  init(
    of unit: Vocabulary.Unit, in bytes: UnsafeBufferPointer<UInt8>,
    training: [Range<Int>] = [0..<Int.max], countsRest: Bool = false
  ) {
    self.unit = unit
    switch unit {
    case .character:
      countValues(0x11_0000, training, countsRest) { i in
        guard i < bytes.count else { return nil }
        let (scalar, next) = bytes.scalar(at: i)
        i = next
        return Int(scalar.value)
      }
    case .byte:
      countValues(256, training, countsRest) { i in
        guard i < bytes.count else { return nil }
        defer { i += 1 }
        return Int(bytes[i])
      }
    case .word: countWords(bytes, training, countsRest)
    }
  }

  /// The number of characters, bytes or words.
  static func count(
    _ unit: Vocabulary.Unit, in bytes: UnsafeBufferPointer<UInt8>
  ) -> Int {
    switch unit {
    case .character: return UTF8Text.characterCount(bytes)
    case .byte: return bytes.count
    case .word:
      var count = 0
      WordTokenizer.forEachRange(in: bytes) { _ in count += 1 }
      return count
    }
  }

  /// - Parameter next: the value at an offset, which moves on to the one after it; `nil` at the end.
  @inline(__always)
  private mutating func countValues(
    _ values: Int, _ training: [Range<Int>], _ countsRest: Bool,
    _ next: (inout Int) -> Int?
  ) {
    var counts = [Int](repeating: 0, count: values)
    var isTrained = [Bool](repeating: false, count: values)
    var (offset, passed) = (0, 0)
    for range in training + [Int.max..<Int.max] {
      var left = range.lowerBound - passed
      while left > 0, let value = next(&offset) {
        if countsRest { counts[value] += 1 }
        left -= 1
      }
      left = range.count
      while left > 0, let value = next(&offset) {
        counts[value] += 1
        isTrained[value] = true
        left -= 1
      }
      passed = range.upperBound
    }
    self.counts = counts
    self.isTrained = isTrained
  }

  private mutating func countWords(
    _ bytes: UnsafeBufferPointer<UInt8>, _ training: [Range<Int>], _ countsRest: Bool
  ) {
    var (index, rest) = (0, training[...])
    WordTokenizer.forEachToken(in: bytes) { word in
      while let range = rest.first, index >= range.upperBound { rest = rest.dropFirst() }
      let isTrained = rest.first?.contains(index) == true
      index += 1
      guard isTrained || countsRest else { return }
      let number = words.insert(word)
      if number == counts.count {
        counts.append(0)
        self.isTrained.append(false)
      }
      counts[number] += 1
      if isTrained { self.isTrained[number] = true }
    }
  }

  /// The vocabulary of what was counted.
  ///
  /// - Parameter maximumSize: The most ids of words, `<unk>` among them; `nil` for any number.
  /// - Throws: ``VocabularyError/noEntries``.
  func vocabulary(
    _ unknown: Vocabulary.Unknown, maximumSize: Int? = nil
  ) throws -> Vocabulary {
    var (hasUnknown, minimumCount) = (false, 1)
    if case .token(let minimum) = unknown { (hasUnknown, minimumCount) = (true, max(1, minimum)) }
    let vocabulary: Vocabulary
    if unit == .word {
      let order = wordsInOrder(
        hasUnknown: hasUnknown, minimumCount: minimumCount,
        limit: maximumSize.map { $0 - (hasUnknown ? 1 : 0) } ?? .max)
      var table = WordTable()
      for index in order { _ = words[index].withUnsafeBufferPointer { table.insert($0) } }
      vocabulary = Vocabulary(words: table, hasUnknown: hasUnknown)
    } else {
      let values = counts.indices.filter { counts[$0] >= minimumCount }.map(UInt32.init)
      vocabulary = Vocabulary(unit: unit, hasUnknown: hasUnknown, values: values)
    }
    guard vocabulary.count > (hasUnknown ? 1 : 0) else { throw VocabularyError.noEntries }
    return vocabulary
  }

  /// The words of a vocabulary, most frequent first, and by their UTF-8 where they are equally so.
  private func wordsInOrder(hasUnknown: Bool, minimumCount: Int, limit: Int) -> [Int] {
    var order = counts.indices.filter { index in
      // What <unk> is decoded to is read as <unk>.
      counts[index] >= minimumCount
        && !(hasUnknown && words[index].elementsEqual(Vocabulary.unknownText.utf8))
    }
    if limit < order.count {
      // Only those that can be among the first need to be put in order.
      let least = order.map { counts[$0] }.sorted(by: >)[limit - 1]
      order.removeAll { counts[$0] < least }
    }
    order.sort {
      counts[$0] != counts[$1]
        ? counts[$0] > counts[$1] : words[$0].lexicographicallyPrecedes(words[$1])
    }
    return Array(order.prefix(limit))
  }

  /// The ids of what is in a vocabulary and was counted outside the training part alone.
  func untrained(in vocabulary: Vocabulary) -> [Int32] {
    let first = vocabulary.hasUnknown ? 1 : 0
    let numbers: [Int]
    if unit == .word {
      numbers = vocabulary.words.map { word in word.withBytes { words.find($0) ?? -1 } }
    } else {
      numbers = vocabulary.values.map { Int($0) }
    }
    return numbers.indices.filter { index in
      let number = numbers[index]
      return counts.indices.contains(number) && counts[number] > 0 && !isTrained[number]
    }.map { Int32($0 + first) }
  }
}
