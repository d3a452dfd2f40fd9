import Foundation
import Synchronization
import Unroll

/// Ctrl-C: the first asks training to end after this step, the second ends the program at once.
enum Interrupt {
  private static let flag = Atomic(false)

  static var happened: Bool { flag.load(ordering: .relaxed) }

  static func watch() {
    // A parent may have started this program with the signal blocked.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    signal(SIGINT) { _ in
      Interrupt.flag.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }
}

/// Ends training when Ctrl-C was pressed.
struct InterruptObserver: TrainingObserver {
  mutating func observe(
    _ event: TrainingEvent, of model: some Layer
  ) throws -> TrainingDecision {
    Interrupt.happened ? .stop : .goOn
  }
}
