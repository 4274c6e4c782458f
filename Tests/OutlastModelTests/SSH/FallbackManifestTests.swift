import OutlastModel
import OutlastTestKit
import Testing

@Suite("What a fallback has made")
struct FallbackManifestTests {
    private let now = Instant(seconds: 1_000_000)
    private let here = FallbackPlace(slot: "7/0", job: "b")

    private func manifest(
        _ stage: FallbackManifest.Stage, slot: String = "7/0", job: String = "b", ofProcess: Bool = false,
        life: Int64 = 60
    ) -> FallbackManifest {
        FallbackManifest(
            stage: stage, place: FallbackPlace(slot: slot, job: job), isOfProcess: ofProcess,
            maker: KeptProcess(place: "boot/1", number: 42, started: 7), madeAt: now,
            endsAt: Instant(seconds: 1_000_000 + life), hasAgent: true,
            files: [.init(path: "/x/.git/config", lines: ["aa"])],
            deployKeys: [RegisteredKey(id: nil, credential: "c", repository: "g/a", title: "t", expiresAt: now)],
            ways: [
                .init(
                    name: "c", server: SSHServer(host: "h", port: 2222), user: "git", patterns: ["h/g"],
                    proved: ["read"], keyFingerprint: "SHA256:k", hostKeyFingerprint: nil)
            ], previous: ["GIT_SSH_COMMAND": "ssh -o 'X y'"], environment: ["GIT_SSH_COMMAND"])
    }

    @Test("its file holds all of it")
    func roundTrip() {
        for stage in [FallbackManifest.Stage.making, .active, .ending] {
            let made = manifest(stage)
            #expect(FallbackManifest(Array(made.text.utf8)) == made)
        }
        #expect(FallbackManifest(Array("{}".utf8)) == nil && FallbackManifest([]) == nil)
    }

    @Test("bytes of any kind are read or refused")
    func mutations() {
        var random = SeededRandom(seed: 5)
        let text = Array(manifest(.active).text.utf8)
        for _ in 0..<5000 {
            var bytes = text
            for _ in 0..<Int.random(in: 1..<4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = FallbackManifest(bytes)
        }
    }

    @Test("a leftover is one whose life is over, whose slot has begun another job, or whose maker is gone")
    func leftovers() {
        let rows: [(FallbackManifest, Bool?, Bool)] = [
            (manifest(.active), true, false), (manifest(.active), false, false), (manifest(.active), nil, false),
            (manifest(.active, life: 0), true, true), (manifest(.active, job: "a"), true, true),
            (manifest(.active, slot: "7/1", job: "a"), false, false),
            (manifest(.active, slot: "7/1", job: "a", life: -1), nil, true), (manifest(.making), true, false),
            (manifest(.making), false, true), (manifest(.making), nil, false), (manifest(.ending), false, true),
            (manifest(.ending), true, false), (manifest(.active, ofProcess: true), true, false),
            (manifest(.active, ofProcess: true), false, true), (manifest(.active, ofProcess: true), nil, false),
            (manifest(.making, slot: "7/1", job: "a"), false, true),
        ]
        for (index, (made, isAlive, isLeftover)) in rows.enumerated() {
            #expect(made.isLeftover(at: now, here: here, isMakerAlive: isAlive) == isLeftover, "row \(index)")
        }
    }
}
