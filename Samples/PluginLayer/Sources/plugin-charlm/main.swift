import CharLMCommands
import PluginLayer
import UnrollModels

let gilr = LanguageModel.Cell("gilr") { GILRCell(inputSize: $0, hiddenSize: $1) }
CharLM.main(cells: [gilr])
