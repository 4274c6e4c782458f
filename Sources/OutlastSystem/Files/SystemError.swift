// errno as a person reads it: lower case, no number where there are words.

import CPlatform
import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An errno value: the error of a system call, before anyone has said what it was about.
struct SystemError: Error, Hashable {
    /// The number.
    let code: Int32

    /// Throws unless a result is 0.
    static func check(_ result: Int32) throws(SystemError) {
        if result != 0 { throw SystemError(code: result) }
    }

    /// The system's own words for it.
    var words: String {
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer -> String in
            guard let start = buffer.baseAddress else { return "" }
            outlast_error_text(code, start, buffer.count)
            return String(cString: start)
        }
        guard let first = text.first else { return "error \(code)" }
        return first.lowercased() + text.dropFirst()
    }

    /// What can be done about it, for files; nil where nobody knows.
    var hint: String? {
        switch code {
        case EACCES, EPERM: "check who owns it and its permissions"
        case ENOENT: "check the path"
        case ENOSPC, EDQUOT: "free some space on the disk"
        case EROFS: "the file system is mounted read-only: choose another place"
        case ELOOP: "it is a link, and links are not followed here: name the file itself"
        default: nil
        }
    }

    /// A failure about a path, as `cannot read /x: permission denied`.
    func failure(_ action: String, _ path: String) -> Failure {
        Failure(.unexpected, "cannot \(action) \(SafeText.line(path)): \(words)", hint: hint)
    }
}
