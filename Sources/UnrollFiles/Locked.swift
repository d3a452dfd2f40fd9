import Foundation

/// A value that one thread at a time may use.
///
/// Behind it is a mutex of the system and not `Synchronization.Mutex`, of which the thread sanitizer
/// sees nothing, so that it would report every use.
package final class Locked<Value>: Sendable {
  // Touched between locking and unlocking only.
  nonisolated(unsafe) private var value: Value
  // Made and freed with this; the calls that are given it may come from any thread.
  nonisolated(unsafe) private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  package init(_ value: sending Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    let status = pthread_mutex_init(mutex, nil)
    precondition(status == 0, "a mutex cannot be made: error \(status)")
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
