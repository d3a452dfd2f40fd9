import Dispatch

/// Runs tasks on threads of their own: training keeps its thread busy for long, and there are no more
/// threads for all other tasks than there are processors.
///
/// ```
/// let training = Task(executorPreference: TrainingExecutor.shared) {
///   var trainer = trainer
///   try trainer.train(steps: 1000)
///   return trainer.bestModel
/// }
/// ```
///
/// A class, because a task refers to its executor.
public final class TrainingExecutor: TaskExecutor {
  public static let shared = TrainingExecutor()

  private init() {}

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // A serial queue has a thread of its own while it runs.
    DispatchQueue(label: "unroll.training").async {
      job.runSynchronously(on: self.asUnownedTaskExecutor())
    }
  }
}
