// swift-tools-version: 6.2
import PackageDescription

// The yardsticks of the benchmarks. `baseline`: the same parser, the same SQLite layer, the same linking, and nothing else;
// `parser`: the same parser and the same linking alone.
let linking: [LinkerSetting] = [
    .unsafeFlags(
        ["-Xclang-linker", "-static-libgcc", "-Xlinker", "--no-export-dynamic"],
        .when(platforms: [.linux], configuration: .release))
]
let package = Package(
    name: "baseline",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "baseline",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            linkerSettings: linking),
        .executableTarget(
            name: "parser", dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            linkerSettings: linking),
    ],
    swiftLanguageModes: [.v6]
)
