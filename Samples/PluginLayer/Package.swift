// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "plugin-layer",
  platforms: [.macOS(.v15)],
  products: [.library(name: "PluginLayer", targets: ["PluginLayer"])],
  dependencies: [
    .package(name: "unroll", path: "../.."),
    .package(name: "samples", path: ".."),
  ],
  targets: [
    .target(name: "PluginLayer", dependencies: [.product(name: "Unroll", package: "unroll")]),
    .executableTarget(
      name: "plugin-charlm",
      dependencies: [
        "PluginLayer", .product(name: "UnrollModels", package: "unroll"),
        .product(name: "CharLMCommands", package: "samples"),
      ]),
    .executableTarget(
      name: "plugin-model",
      dependencies: [
        "PluginLayer", .product(name: "UnrollModels", package: "unroll"),
        .product(name: "Unroll", package: "unroll"),
      ]),
    .testTarget(
      name: "PluginLayerTests",
      dependencies: [
        "PluginLayer", "plugin-charlm", "plugin-model",
        .product(name: "UnrollModels", package: "unroll"),
        .product(name: "UnrollTesting", package: "unroll"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
