@_exported import UnrollCore
@_exported import UnrollData
@_exported import UnrollLayers
@_exported import UnrollTraining
