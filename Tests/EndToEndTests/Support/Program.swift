// The built program, found beside the test bundle that is running: the tests hold what was built, and build nothing.

import Foundation

/// Where the executables are.
enum Program {
    /// The folder of the products.
    static let folder: String = {
        let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var parts = (bundle ?? CommandLine.arguments[0]).split(separator: "/")
        while !parts.isEmpty {
            parts.removeLast()
            let folder = "/" + parts.joined(separator: "/")
            if FileManager.default.isExecutableFile(atPath: folder + "/outlast") { return folder }
        }
        return "/nonexistent"
    }()

    /// `outlast`.
    static var outlast: String { folder + "/outlast" }

    /// The root of the repository.
    static let repository = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
}

/// Lets a few processes run at a time, so that time-outs of a test do not depend on how many tests there are.
actor ProcessGate {
    static let shared = ProcessGate(places: 4)

    private var places: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.places = places }

    func enter() async {
        if places > 0 {
            places -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
    }
}
