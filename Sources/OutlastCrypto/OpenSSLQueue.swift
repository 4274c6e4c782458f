// OpenSSL keeps its errors in a queue of the thread, which must be empty again before anyone else looks at it.

import COpenSSL
import OutlastModel

/// The error queue of this thread.
enum OpenSSLQueue {
    /// Empties the queue where the reason is known better than OpenSSL tells it.
    static func clear() { ERR_clear_error() }

    /// An unexpected failure (1) of a step, with the oldest reason in the queue, which is emptied. Reasons are texts of the
    /// library, never data.
    static func failure(_ step: String) -> Failure {
        let code = ERR_get_error()
        ERR_clear_error()
        guard let reason = ERR_reason_error_string(code) else { return Failure(.unexpected, "OpenSSL cannot \(step)") }
        return Failure(.unexpected, "OpenSSL cannot \(step): \(SafeText.line(String(cString: reason)))")
    }
}
