// Lines as GitLab writes them into `api_json.log`.

import Foundation

enum LogFixture {
    /// A line of a request that went well.
    static func ordinary(_ number: Int) -> String {
        #"{"time":"2026-11-20T22:10:00.\#(String(format: "%03d", number % 1000))Z","severity":"INFO","duration_s":0.01,"#
            + #""status":200,"method":"GET","path":"/api/v4/projects/\#(number)","params":[],"host":"127.0.0.1","#
            + #""route":"/api/:version/projects/:id","correlation_id":"01J\#(number)","meta.user":"alice"}"#
    }

    /// A line of a refused token.
    static func refused(
        _ number: Int, token: String = "PersonalAccessToken/12", reason: String = "token_expired",
        host: String = "127.0.0.1", second: Int = 0
    ) -> String {
        #"{"time":"2026-11-20T22:10:\#(String(format: "%02d", second)).\#(String(format: "%03d", number % 1000))Z","#
            + #""severity":"INFO","duration_s":0.01,"status":401,"method":"GET","path":"/api/v4/user","params":[],"#
            + #""host":"\#(host)","route":"/api/:version/user","correlation_id":"01K\#(number)","#
            + #""meta.auth_fail_reason":"\#(reason)","meta.auth_fail_token_id":"\#(token)","#
            + #""meta.auth_fail_requested_scopes":"api"}"#
    }

    /// A log with some refused tokens among its lines.
    static func log(_ count: Int, refused: Int) -> String {
        (0..<count).map { number in
            (number % (count / refused) == 0 ? Self.refused(number) : ordinary(number)) + "\n"
        }.joined()
    }
}

extension Scene {
    /// Packs a file of the working folder by the program that rotates logs.
    func gzip(_ name: String) throws {
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/gzip")
        gzip.arguments = ["--keep", "--force", "\(work)/\(name)"]
        try gzip.run()
        gzip.waitUntilExit()
    }

    /// Writes bytes into a file of the working folder.
    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: name.hasPrefix("/") ? name : "\(work)/\(name)"))
    }
}
