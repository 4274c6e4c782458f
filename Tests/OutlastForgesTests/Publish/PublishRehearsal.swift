// A target against the sandbox over a real connection, with real files and real sealed boxes.
import FoundationEssentials
import OutlastCrypto
import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

/// One target's settings and who writes.
struct PublishRehearsal {
    let target: any PublishTarget
    let transport = NetworkTransport(version: "test", variables: Variables([:]))
    var scene: PublishScene

    init(
        _ target: any PublishTarget, _ settings: [String: SettingValue], api: String? = nil, writer: String? = nil,
        processes: any ProcessRunner = ScriptedProcesses()
    ) throws {
        self.target = target
        scene = PublishScene(
            settings: Settings(settings), writer: writer.map { Secret($0) },
            api: try api.map { try #require(ServerURL($0)) }, processes: processes,
            cryptography: OpenSSLCryptography(), files: SystemFileSystem())
    }

    var context: PublishContext { scene.context(transport) }

    func check() async -> Failure? {
        do throws(Failure) {
            try await target.check(context)
            return nil
        } catch { return error }
    }

    func publish(_ token: String) async -> Failure? {
        do throws(Failure) {
            try await target.publish(Secret(token), context)
            return nil
        } catch { return error }
    }

    func read() async throws -> String? { try await target.read(context)?.reveal() }
}

/// Faults of the request that writes: all of them fail, and a second try mends all of them.
let writingFaults: [FaultKind] = [
    .drop(.before), .drop(.after), .status(500, .before, retryAfter: nil), .status(500, .after, retryAfter: nil),
    .truncate(bytes: 5), .html(.before), .status(429, .before, retryAfter: "30"), .redirect("/elsewhere", status: 307),
]

/// A folder for the length of a test.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/outlast-publish-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    do { try await body(folder) } catch {
        try? FileManager.default.removeItem(atPath: folder)
        throw error
    }
    try FileManager.default.removeItem(atPath: folder)
}
