import CharLMCommands
import PluginLayer
import UnrollModels

let minGRU = LanguageModel.Cell("min-gru") { MinGRUCell(inputSize: $0, hiddenSize: $1) }
CharLM.main(cells: [minGRU])
