// swift-tools-version: 6.2
import PackageDescription

// The arrows between the targets are the architecture: CONTRIBUTING.md draws them, and the build
// refuses an import that is not declared here (`make check-imports` proves that it does).

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")

/// Start-up counts: fewer exported symbols and no libgcc_s to load at run time.
let fastStart: [LinkerSetting] = [
    .unsafeFlags(
        ["-Xclang-linker", "-static-libgcc", "-Xlinker", "--no-export-dynamic"],
        .when(platforms: [.linux], configuration: .release))
]

let package = Package(
    name: "outlast",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "outlast", targets: ["outlast"]),
        .executable(name: "outlast-sandbox", targets: ["outlast-sandbox"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // The words and the ports, and the decisions as pure functions.
        .target(name: "OutlastModel"),
        .target(name: "OutlastFlows", dependencies: ["OutlastModel"]),

        // Adapters: each knows the model, none knows another.
        .target(name: "OutlastForges", dependencies: ["OutlastModel"]),
        .target(name: "OutlastPipelines", dependencies: ["OutlastModel"]),
        .target(name: "OutlastGit", dependencies: ["OutlastModel"]),
        .target(name: "OutlastConfig", dependencies: ["OutlastModel", yams]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "OutlastCrypto", dependencies: ["OutlastModel", "COpenSSL", "CSodium"]),
        .systemLibrary(name: "CSQLiteSettings", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "OutlastStorage", dependencies: ["OutlastModel", "CSQLiteSettings", grdb, grdbSQLite]),
        .target(
            name: "OutlastPage", dependencies: ["OutlastModel", mustache], resources: [.embedInCode("Templates")]),
        .target(name: "CPlatform"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "OutlastSystem",
            dependencies: [
                "OutlastModel", "CPlatform", "CZlib", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, subprocess,
                systemPackage, logging,
            ]),

        // The face, and the one place that wires everything.
        .target(name: "OutlastCLI", dependencies: ["OutlastFlows", "OutlastModel", argumentParser]),
        .executableTarget(
            name: "outlast",
            dependencies: [
                "OutlastCLI", "OutlastFlows", "OutlastModel", "OutlastForges", "OutlastPipelines", "OutlastGit",
                "OutlastConfig", "OutlastCrypto", "OutlastStorage", "OutlastSystem", "OutlastPage",
            ],
            linkerSettings: fastStart),

        // A forge to rehearse against.
        .target(
            name: "OutlastSandbox",
            dependencies: ["COpenSSL", hummingbird, httpTypes, nioCore, nioPosix, nioHTTP1, logging],
            exclude: ["README.md"],
            resources: [.embedInCode("Facts")]),
        .executableTarget(name: "outlast-sandbox", dependencies: ["OutlastSandbox", argumentParser]),

        // The estimator's back-test (`make backtest`).
        .executableTarget(
            name: "outlast-backtest", dependencies: ["OutlastModel"], path: "Tests/Backtest",
            exclude: ["data", "golden.json", "reference.py"],
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),

        // Kills a program at a chosen system call.
        .executableTarget(name: "outlast-kill-at", path: "Tests/KillAt"),

        // Tests.
        .target(
            name: "OutlastTestKit", dependencies: ["OutlastFlows", "OutlastModel"], path: "Tests/OutlastTestKit"),
        .testTarget(name: "OutlastModelTests", dependencies: ["OutlastModel", "OutlastTestKit"]),
        .testTarget(
            name: "OutlastFlowsTests",
            dependencies: [
                "OutlastFlows", "OutlastModel", "OutlastTestKit", "OutlastCrypto", "OutlastForges", "OutlastGit",
                "OutlastPipelines", "OutlastSystem", subprocess, systemPackage,
            ]),
        .testTarget(
            name: "OutlastForgesTests",
            dependencies: [
                "OutlastForges", "OutlastModel", "OutlastTestKit", "OutlastSandbox", "OutlastSystem", "OutlastCrypto",
            ]),
        .testTarget(
            name: "OutlastPipelinesTests", dependencies: ["OutlastPipelines", "OutlastModel", "OutlastTestKit"]),
        .testTarget(
            name: "OutlastGitTests", dependencies: ["OutlastGit", "OutlastModel", "OutlastTestKit"],
            exclude: ["Samples"]),
        .testTarget(name: "OutlastConfigTests", dependencies: ["OutlastConfig", "OutlastModel", "OutlastTestKit"]),
        .testTarget(
            name: "OutlastCryptoTests",
            dependencies: ["OutlastCrypto", "OutlastModel", "OutlastTestKit", "COpenSSL", "CSodium"]),
        .testTarget(
            name: "OutlastStorageTests",
            dependencies: ["OutlastStorage", "OutlastModel", "OutlastTestKit", grdb, grdbSQLite]),
        .testTarget(
            name: "OutlastSystemTests",
            dependencies: [
                "OutlastSystem", "CPlatform", "OutlastModel", "OutlastTestKit", subprocess, systemPackage,
            ]),
        .testTarget(name: "OutlastPageTests", dependencies: ["OutlastPage", "OutlastModel"]),
        .testTarget(
            name: "OutlastCLITests",
            dependencies: ["OutlastCLI", "OutlastFlows", "OutlastModel", "OutlastTestKit", argumentParser]),
        .testTarget(
            name: "OutlastSandboxTests",
            dependencies: ["OutlastSandbox", asyncHTTPClient, nioCore, nioHTTP1, subprocess, systemPackage]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "outlast", "outlast-sandbox", "outlast-kill-at", "OutlastSandbox", "OutlastForges", "OutlastModel",
                "OutlastFlows", "OutlastStorage", "OutlastCrypto", "OutlastSystem", "OutlastTestKit",
                subprocess, systemPackage, nioCore, nioPosix, nioSSL,
            ]),
        .testTarget(name: "HouseTests", dependencies: ["OutlastModel", subprocess, systemPackage]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
