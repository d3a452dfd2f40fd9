// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "unroll", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .target(name: "CPeak"),
    .executableTarget(
      name: "unroll-bench",
      dependencies: [
        "CPeak",
        .product(name: "Unroll", package: "unroll"),
        .product(name: "UnrollModels", package: "unroll"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
