// What a model is made of and is given: an app needs one import.
@_exported import UnrollCore
@_exported import UnrollFiles
@_exported import UnrollLayers
@_exported import UnrollText
