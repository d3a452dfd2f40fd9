import Foundation
import Synchronization
import Unroll

/// Ctrl-C, and being asked to end: the first time training ends after this step and the model is
/// saved, the second time the program ends at once. A signal that is ignored already, as under
/// `nohup`, stays so.
public enum Interrupt {
  private static let received = Atomic<Int32>(0)

  /// The signal that came; `nil` for none.
  public static var signal: Int32? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]

  /// Lets the signals in: a parent may have started this program with them blocked.
  static func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  public static func watch() {
    received.store(0, ordering: .relaxed)
    for number in numbers {
      let before = Foundation.signal(number) { number in
        Interrupt.received.store(number, ordering: .relaxed)
        Foundation.signal(number, SIG_DFL)
        let note: StaticString = "\nstopping; once more ends without saving\n"
        _ = write(STDERR_FILENO, note.utf8Start, note.utf8CodeUnitCount)
      }
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        Foundation.signal(number, SIG_IGN)
      }
    }
    unblock()
    // Neither a closed pipe nor a limit of the sizes of files must cost the model.
    Foundation.signal(SIGPIPE, SIG_IGN)
    Foundation.signal(SIGXFSZ, SIG_IGN)
  }
}

/// Ends training when a signal asked for it.
public struct InterruptObserver: TrainingObserver {
  public init() {}

  public mutating func observe(
    _ event: TrainingEvent, of run: some TrainingRun
  ) throws -> TrainingDecision {
    Interrupt.signal == nil ? .continue : .stop
  }
}
