// Where a program is: in the PATH that it will itself run with, never in the working folder.

import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Looks programs up as shells do.
struct ProgramSearch {
    /// What is searched when the environment has no `PATH`.
    static let fallback = "/usr/local/bin:/usr/bin:/bin"

    /// The folders, in order. Relative and empty ones are left out: they would mean a working tree that a merge request
    /// can fill.
    let folders: [String]

    /// Reads `PATH` of an environment.
    init(environment: [String: String]) {
        let path = environment["PATH"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.fallback
        folders = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }

    /// The path of a program; a name with a slash is one already.
    func path(of program: String) throws(Failure) -> String {
        let shown = SafeText.line(program)
        if program.contains("/") {
            guard access(program, F_OK) == 0 else {
                throw Failure(.unexpected, "cannot start \(shown): there is no such file", hint: "check the path")
            }
            guard Self.isExecutable(program) else { throw Self.notExecutable(shown) }
            return program
        }
        guard !program.isEmpty else { throw Failure(.unexpected, "cannot start a program without a name") }
        var refused: String?
        for folder in folders {
            let candidate = folder.hasSuffix("/") ? folder + program : "\(folder)/\(program)"
            if Self.isExecutable(candidate) { return candidate }
            if refused == nil, access(candidate, F_OK) == 0 { refused = candidate }
        }
        if let refused { throw Self.notExecutable(SafeText.line(refused)) }
        throw Failure(
            .unexpected, "cannot start \(shown): it is in no folder of PATH", hint: "install it, or give its whole path"
        )
    }

    private static func notExecutable(_ shown: String) -> Failure {
        Failure(.unexpected, "cannot start \(shown): it may not be executed", hint: "check its permissions")
    }

    private static func isExecutable(_ path: String) -> Bool {
        var found = stat()
        guard stat(path, &found) == 0, found.st_mode & S_IFMT == S_IFREG else { return false }
        return access(path, X_OK) == 0
    }
}
