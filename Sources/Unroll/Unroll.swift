@_exported import UnrollCore
@_exported import UnrollFiles
@_exported import UnrollLayers
@_exported import UnrollSeries
@_exported import UnrollTables
@_exported import UnrollTerminal
@_exported import UnrollText
@_exported import UnrollTraining
