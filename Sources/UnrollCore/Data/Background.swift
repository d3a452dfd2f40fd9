import Dispatch
import UnrollFiles

/// A value that is made on a thread of its own.
///
/// A class, because those who wait for the value share it. The thread ends when the value is there, whether
/// anybody waits for it or not.
package final class Background<Value: Sendable>: Sendable {
  private let made = Locked<Value?>(nil)
  private let isMade = DispatchGroup()

  package init(_ make: @escaping @Sendable () -> Value) {
    isMade.enter()
    // A serial queue has a thread of its own while it runs.
    DispatchQueue(label: "unroll.background").async { [made, isMade] in
      let value = make()
      made.withLock { $0 = value }
      isMade.leave()
    }
  }

  /// Waits until the value is there.
  package func wait() -> Value {
    isMade.wait()
    guard let value = made.withLock({ $0 }) else { fatalError("Background: nothing was made") }
    return value
  }
}
