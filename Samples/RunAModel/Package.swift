// swift-tools-version: 6.3
import PackageDescription

// What an app needs that runs a model and trains none: nothing has to be installed.
let package = Package(
  name: "run-a-model",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "unroll", path: "../..")],
  targets: [
    .executableTarget(
      name: "run-a-model", dependencies: [.product(name: "UnrollModels", package: "unroll")])
  ],
  swiftLanguageModes: [.v6]
)
