// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "unroll",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
  products: [
    // All of it; needs libcsv.
    .library(name: "Unroll", targets: ["Unroll"]),
    // Models that are trained, run by an app: nothing has to be installed.
    .library(name: "UnrollModels", targets: ["UnrollModels"]),
    .library(name: "UnrollLayers", targets: ["UnrollCore", "UnrollLayers"]),
    .library(name: "UnrollTraining", targets: ["UnrollTraining"]),
    .library(name: "UnrollText", targets: ["UnrollText"]),
    .library(name: "UnrollSeries", targets: ["UnrollSeries"]),
    .library(name: "UnrollFiles", targets: ["UnrollFiles"]),
    .library(name: "UnrollTerminal", targets: ["UnrollTerminal"]),
    // Pictures of what programs measure.
    .library(name: "UnrollReports", targets: ["UnrollReports"]),
    // For layers of one's own.
    .library(name: "UnrollTesting", targets: ["UnrollTesting"]),
    .library(name: "CUnrollKernels", targets: ["CUnrollKernels"]),
  ],
  targets: [
    .target(
      name: "CUnrollKernels",
      cSettings: [.define("_GNU_SOURCE", .when(platforms: [.linux]))]),
    .systemLibrary(
      name: "Clibcsv",
      providers: [.apt(["libcsv-dev"]), .brew(["libcsv"])]),
    .target(name: "UnrollFiles"),
    .target(name: "UnrollCore", dependencies: ["CUnrollKernels", "UnrollFiles"]),
    .target(name: "UnrollLayers", dependencies: ["UnrollCore", "CUnrollKernels"]),
    .target(name: "UnrollTraining", dependencies: ["UnrollCore", "UnrollFiles", "CUnrollKernels"]),
    .target(name: "UnrollText", dependencies: ["UnrollCore", "UnrollFiles"]),
    .target(name: "UnrollSeries", dependencies: ["UnrollCore", "UnrollFiles"]),
    .target(
      name: "UnrollTables",
      dependencies: ["UnrollCore", "UnrollFiles", "UnrollText", "UnrollSeries", "Clibcsv"]),
    .target(name: "UnrollTerminal", dependencies: ["UnrollTraining"]),
    .target(name: "UnrollReports", dependencies: ["UnrollFiles"]),
    .target(
      name: "Unroll",
      dependencies: [
        "UnrollFiles", "UnrollCore", "UnrollLayers", "UnrollTraining", "UnrollText", "UnrollSeries",
        "UnrollTables", "UnrollTerminal",
      ]),
    .target(name: "UnrollTesting", dependencies: ["UnrollCore", "UnrollFiles"]),
    .target(
      name: "UnrollModels",
      dependencies: ["UnrollCore", "UnrollLayers", "UnrollFiles", "UnrollSeries", "UnrollText"],
      path: "Models"),
    .target(
      name: "TestSupport", dependencies: ["UnrollCore", "UnrollFiles"], path: "Tests/TestSupport"),
    .testTarget(name: "CUnrollKernelsTests", dependencies: ["CUnrollKernels"]),
    .testTarget(
      name: "UnrollFilesTests", dependencies: ["UnrollFiles", "UnrollCore", "TestSupport"]),
    .testTarget(name: "UnrollCoreTests", dependencies: ["UnrollCore", "TestSupport"]),
    .testTarget(
      name: "UnrollLayersTests", dependencies: ["UnrollLayers", "UnrollTesting", "TestSupport"]),
    .testTarget(
      name: "UnrollTrainingTests",
      dependencies: [
        "UnrollTraining", "UnrollLayers", "UnrollSeries", "UnrollText", "TestSupport",
      ]),
    .testTarget(name: "UnrollTextTests", dependencies: ["UnrollText", "TestSupport"]),
    .testTarget(name: "UnrollSeriesTests", dependencies: ["UnrollSeries", "TestSupport"]),
    .testTarget(
      name: "UnrollTablesTests",
      dependencies: [
        "UnrollTables", "UnrollSeries", "UnrollTraining", "UnrollLayers", "Clibcsv", "TestSupport",
      ]),
    .testTarget(name: "UnrollTerminalTests", dependencies: ["UnrollTerminal"]),
    .testTarget(name: "UnrollReportsTests", dependencies: ["UnrollReports"]),
    .testTarget(
      name: "UnrollModelsTests", dependencies: ["UnrollModels", "UnrollTraining", "TestSupport"]),
    .testTarget(
      name: "ExtensionTests",
      dependencies: ["Unroll", "UnrollModels", "UnrollReports", "UnrollTesting"]),
    .testTarget(
      name: "UnrollTestingTests", dependencies: ["UnrollTesting", "UnrollLayers", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
