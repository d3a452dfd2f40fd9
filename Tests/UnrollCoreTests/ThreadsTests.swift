import Testing
import UnrollCore
import UnrollFiles

@inline(never)
private func half(_ x: Float) -> Float { x / 2 }

@Suite("Work on several threads")
struct ConcurrencyTests {
  private static let threads = [-1, 0, 1, 2, 3, 8]

  @Test("visits every item exactly once", arguments: threads)
  func items(threads: Int) {
    for count in [0, 1, 2, 3, 7, 8, 64, 101] {
      var items = Array(repeating: 0, count: count)
      Threads.forEach(&items, threads: threads) { $1 += $0 + 1 }
      #expect(items == Array(0..<count).map { $0 + 1 })
    }
  }

  @Test("covers every number exactly once, in ranges that begin at grains", arguments: threads)
  func ranges(threads: Int) {
    for count in [0, 1, 2, 13, 14, 15, 28, 29, 100, 1001] {
      for grain in [1, 2, 7, 14, 2000] {
        let ranges = Locked<[Range<Int>]>([])
        Threads.forEachRange(count, threads: threads, grain: grain) { range in
          ranges.withLock { $0.append(range) }
        }
        let sorted = ranges.withLock { $0.sorted { $0.lowerBound < $1.lowerBound } }
        #expect(sorted.flatMap { Array($0) } == Array(0..<count))
        #expect(sorted.allSatisfy { $0.lowerBound % grain == 0 })
        #expect(sorted.count <= max(1, threads))
        #expect(count == 0 || sorted.allSatisfy { !$0.isEmpty })
      }
    }
  }

  @Test("is shared out: no thread has a grain more than another")
  func balance() {
    let sizes = Locked<[Int]>([])
    Threads.forEachRange(70, threads: 3, grain: 7) { range in
      sizes.withLock { $0.append(range.count) }
    }
    #expect(sizes.withLock { $0.sorted() } == [21, 21, 28])
  }

  @Test("takes subnormal numbers as zero meanwhile, and not afterwards", arguments: [1, 3])
  func subnormals(threads: Int) {
    var items = Array(repeating: Float.leastNormalMagnitude, count: 5)
    let one = items[0]
    Threads.forEach(&items, threads: threads) { $1 = half($1) }
    #expect(items == [0, 0, 0, 0, 0])
    #expect(half(one) > 0)
  }

  @Test("is done once within other work, and beside that of other threads")
  func nested() async {
    await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<4 {
        group.addTask {
          var sums = Array(repeating: 0, count: 6)
          for _ in 0..<200 {
            Threads.forEach(&sums, threads: 3) { i, sum in
              var inner = Array(repeating: 0, count: 5)
              Threads.forEach(&inner, threads: 2) { $1 = $0 + i }
              sum += inner.reduce(0, +)
            }
          }
          return sums
        }
      }
      for await sums in group { #expect(sums == (0..<6).map { 200 * (10 + 5 * $0) }) }
    }
  }

  @Test("wakes threads that have gone to sleep, and needs none that is late")
  func pauses() async throws {
    for milliseconds in [0, 1, 5, 20] {
      try await Task.sleep(for: .milliseconds(milliseconds))
      for threads in [2, 5, 2] {
        var items = Array(repeating: 0, count: threads)
        for _ in 0..<50 { Threads.forEach(&items, threads: threads) { $1 += 1 } }
        #expect(items.allSatisfy { $0 == 50 })
      }
    }
  }
}
