// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "unroll",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Unroll", targets: ["Unroll"]),
    .library(name: "UnrollModels", targets: ["UnrollModels"]),
    .library(name: "UnrollTesting", targets: ["UnrollTesting"]),
    .library(name: "CUnrollKernels", targets: ["CUnrollKernels"]),
    .executable(name: "charlm", targets: ["charlm"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(
      name: "CUnrollKernels",
      cSettings: [.define("_GNU_SOURCE", .when(platforms: [.linux]))]),
    .systemLibrary(
      name: "Clibcsv",
      providers: [.apt(["libcsv-dev"]), .brew(["libcsv"])]),
    .target(name: "UnrollCore", dependencies: ["CUnrollKernels"]),
    .target(name: "UnrollLayers", dependencies: ["UnrollCore", "CUnrollKernels"]),
    .target(name: "UnrollTraining", dependencies: ["UnrollCore", "CUnrollKernels"]),
    .target(name: "UnrollData", dependencies: ["UnrollCore", "Clibcsv"]),
    .target(
      name: "Unroll",
      dependencies: ["UnrollCore", "UnrollLayers", "UnrollTraining", "UnrollData"]),
    .target(name: "UnrollTesting", dependencies: ["UnrollCore"]),
    .target(name: "UnrollModels", dependencies: ["Unroll"], path: "Models"),
    .executableTarget(
      name: "charlm",
      dependencies: [
        "Unroll", "UnrollModels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Samples/CharLM",
      exclude: ["Data"]),
    .executableTarget(name: "compose", dependencies: ["Unroll"], path: "Samples/Compose"),
    .executableTarget(name: "gates", dependencies: ["Unroll"], path: "Samples/Gates"),
    .executableTarget(
      name: "write-a-layer", dependencies: ["Unroll", "UnrollTesting"],
      path: "Samples/WriteALayer"),
    .target(name: "TestSupport", dependencies: ["UnrollCore"], path: "Tests/TestSupport"),
    .testTarget(name: "CUnrollKernelsTests", dependencies: ["CUnrollKernels"]),
    .testTarget(name: "UnrollCoreTests", dependencies: ["UnrollCore", "TestSupport"]),
    .testTarget(
      name: "UnrollLayersTests", dependencies: ["UnrollLayers", "UnrollTesting", "TestSupport"]),
    .testTarget(
      name: "UnrollTrainingTests",
      dependencies: ["UnrollTraining", "UnrollLayers", "UnrollData", "TestSupport"]),
    .testTarget(name: "UnrollDataTests", dependencies: ["UnrollData", "UnrollCore"]),
    .testTarget(name: "UnrollModelsTests", dependencies: ["UnrollModels", "TestSupport"]),
    .testTarget(
      name: "ExtensionTests", dependencies: ["Unroll", "UnrollModels", "UnrollTesting"]),
    .testTarget(
      name: "CharLMTests",
      dependencies: ["charlm", "compose", "write-a-layer", "UnrollModels", "TestSupport"]),
    .testTarget(
      name: "UnrollTestingTests", dependencies: ["UnrollTesting", "UnrollLayers", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
