// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "samples",
  platforms: [.macOS(.v15)],
  products: [
    // What `charlm` does, for a program with layers of one's own: see PluginLayer.
    .library(name: "CharLMCommands", targets: ["CharLMCommands"]),
    .executable(name: "charlm", targets: ["charlm"]),
    .executable(name: "classify", targets: ["classify"]),
    .executable(name: "compose", targets: ["compose"]),
    .executable(name: "forecast", targets: ["forecast"]),
    .executable(name: "gates", targets: ["gates"]),
    .executable(name: "rewrite", targets: ["rewrite"]),
    .executable(name: "tag", targets: ["tag"]),
    .executable(name: "write-a-layer", targets: ["write-a-layer"]),
  ],
  dependencies: [
    .package(name: "unroll", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // What every program has.
    .target(
      name: "ProgramSupport",
      dependencies: [
        .product(name: "Unroll", package: "unroll"),
        .product(name: "UnrollModels", package: "unroll"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Support"),
    .target(
      name: "CharLMCommands",
      dependencies: [
        "ProgramSupport",
        .product(name: "Unroll", package: "unroll"),
        .product(name: "UnrollModels", package: "unroll"),
        .product(name: "UnrollReports", package: "unroll"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "CharLM/Commands"),
    .executableTarget(name: "charlm", dependencies: ["CharLMCommands"], path: "CharLM/Main"),
    .target(
      name: "ClassifyCommands",
      dependencies: [
        "ProgramSupport",
        .product(name: "Unroll", package: "unroll"),
        .product(name: "UnrollModels", package: "unroll"),
        .product(name: "UnrollReports", package: "unroll"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Classify/Commands"),
    .executableTarget(name: "classify", dependencies: ["ClassifyCommands"], path: "Classify/Main"),
    .target(
      name: "ForecastCommands",
      dependencies: [
        "ProgramSupport",
        .product(name: "Unroll", package: "unroll"),
        .product(name: "UnrollModels", package: "unroll"),
        .product(name: "UnrollReports", package: "unroll"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Forecast/Commands"),
    .executableTarget(name: "forecast", dependencies: ["ForecastCommands"], path: "Forecast/Main"),
    .target(
      name: "RewriteCommands",
      dependencies: [
        "ProgramSupport",
        .product(name: "Unroll", package: "unroll"),
        .product(name: "UnrollModels", package: "unroll"),
        .product(name: "UnrollReports", package: "unroll"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Rewrite/Commands"),
    .executableTarget(name: "rewrite", dependencies: ["RewriteCommands"], path: "Rewrite/Main"),
    .target(
      name: "TagCommands",
      dependencies: [
        "ProgramSupport",
        .product(name: "Unroll", package: "unroll"),
        .product(name: "UnrollModels", package: "unroll"),
        .product(name: "UnrollReports", package: "unroll"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tag/Commands"),
    .executableTarget(name: "tag", dependencies: ["TagCommands"], path: "Tag/Main"),
    .executableTarget(
      name: "compose", dependencies: [.product(name: "Unroll", package: "unroll")], path: "Compose"),
    .executableTarget(
      name: "gates", dependencies: [.product(name: "Unroll", package: "unroll")], path: "Gates"),
    .executableTarget(
      name: "write-a-layer",
      dependencies: [
        .product(name: "Unroll", package: "unroll"),
        .product(name: "UnrollTesting", package: "unroll"),
      ],
      path: "WriteALayer"),
    // Runs programs, for their tests.
    .target(name: "ProgramTesting", path: "Tests/Support"),
    .testTarget(
      name: "CharLMTests",
      dependencies: [
        "ProgramTesting", "charlm", "compose", "write-a-layer",
        .product(name: "UnrollModels", package: "unroll"),
      ],
      path: "Tests/CharLMTests"),
    .testTarget(
      name: "ClassifyTests", dependencies: ["ProgramTesting", "classify"],
      path: "Tests/ClassifyTests"),
    .testTarget(
      name: "ForecastTests",
      dependencies: ["ProgramTesting", "charlm", "forecast"],
      path: "Tests/ForecastTests"),
    .testTarget(
      name: "RewriteTests",
      dependencies: ["ProgramTesting", "charlm", "rewrite"],
      path: "Tests/RewriteTests"),
    .testTarget(
      name: "TagTests", dependencies: ["ProgramTesting", "tag"], path: "Tests/TagTests"),
  ],
  swiftLanguageModes: [.v6]
)
