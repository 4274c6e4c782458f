// The tests' own servers: they are what they say, and nothing of them stays behind.

import Foundation
import OutlastSandbox
import Testing

@Suite("the servers of the tests", .timeLimit(.minutes(5)))
struct ServerTests {
    private struct OnPurpose: Error {}

    /// The processes that name a folder in their arguments.
    private func processes(of folder: String) -> [String] {
        let files = FileManager.default
        let numbers = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int($0) != nil }
        return numbers.filter { number in
            let line = files.contents(atPath: "/proc/\(number)/cmdline") ?? Data()
            return line.range(of: Data(folder.utf8)) != nil
        }
    }

    @Test(
        "they end with the test, with all that they have started, also when the test fails", arguments: [false, true])
    func end(_ fails: Bool) async throws {
        try await withSandbox { sandbox in
            nonisolated(unsafe) var folders: [String] = []
            do {
                try await withGitServer(for: sandbox, proxy: .refuses) { git in
                    try await withDeployKeyDoor(for: sandbox, lfs: git.url) { ssh in
                        folders = [git.folder, ssh.folder]
                        #expect(processes(of: git.folder).count >= 4 && processes(of: ssh.folder).count == 1)
                        if fails { throw OnPurpose() }
                    }
                }
            } catch is OnPurpose {}
            #expect(folders.count == 2)
            for folder in folders {
                // What was killed may take a moment to be gone.
                var patience = 600
                while !processes(of: folder).isEmpty, patience > 0 {
                    patience -= 1
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(processes(of: folder).isEmpty)
                #expect(!FileManager.default.fileExists(atPath: folder))
            }
        }
    }

    @Test("one CA vouches for the git server, and nobody trusts it without being told")
    func authority() async throws {
        try await withWorkplace { place in
            let token = try place.sandbox.gitlab.addToken(expiresOn: place.stage.date(40))
            try place.stage.configure("forge: gitlab\napi_url: \(place.api)\ntoken: {env: T}")
            let told = try await place.job(
                "curl -fsS --cacert \"$SSL_CERT_FILE\" \"$S/api/v4/user\" -H \"PRIVATE-TOKEN: $T\"", ["T": token.secret]
            )
            #expect(told.code == 0 && told.output.contains("\"username\""), "\(told.everything)")
            let untold = try await place.job(
                "use_outlast; ! git ls-remote \"$S/group/app.git\" 2>errors; \"$OUTLAST\" record failure --stderr-file errors --json",
                ["T": token.secret, "GIT_SSL_CAINFO": "/etc/ssl/certs/ca-certificates.crt"])
            #expect(untold.text("class") == "tls", "\(untold.everything)")
        }
    }
}
