import ArgumentParser
import Unroll
import UnrollModels

extension TextSplit: ExpressibleByArgument {}
extension LanguageModel.Cell: ExpressibleByArgument {}

enum OptimizerChoice: String, ExpressibleByArgument, CaseIterable {
  case adam
  case rmsprop
  case sgd

  /// A good highest rate: found by trying, with 128 hidden units, and with 512 of an LSTM; by words
  /// with 128 of an LSTM.
  func defaultRate(hidden: Int, cell: LanguageModel.Cell, unit: Vocabulary.Unit) -> Double {
    let rate =
      switch self {
      case .adam: 0.016
      case .rmsprop: 0.008
      case .sgd: 1.0
      }
    let share =
      switch cell {
      case .gru, .rnn: 0.5
      case .lstm, .peepholeLSTM, .coupledLSTM, .layerNormLSTM: 1.0
      }
    let words = unit == .word ? 0.25 : 1
    return rate * share * words * min(1, 128 / Double(hidden))
  }

  func make(weightDecay: Double) -> any Optimizer<Float> {
    switch self {
    case .adam: Adam(weightDecay: weightDecay)
    case .rmsprop: RMSProp(weightDecay: weightDecay)
    case .sgd: SGD(momentum: 0.9, weightDecay: weightDecay)
    }
  }
}

enum LearningRateSchedule: String, ExpressibleByArgument, CaseIterable {
  case cosine
  case oneCycle = "one-cycle"
  case exponential
  case constant

  func make(peak: Double, steps: Int) -> Schedule {
    switch self {
    case .cosine: .warmUpAndDecay(peak: peak, warmUp: min(100, steps / 10), steps: steps)
    case .oneCycle: .oneCycle(peak: peak, steps: steps)
    case .exponential: .exponential(from: peak, factor: 0.01, over: steps)
    case .constant: .constant(peak)
    }
  }
}
