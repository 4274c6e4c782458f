// A token in the arguments can be read by every user of the machine: such a call is refused before anything else, and
// nothing of it is repeated.

import OutlastModel

/// Looks for tokens among arguments.
struct ArgumentGate {
    /// What tokens begin with.
    let prefixes: [String]

    /// - Throws: `usage` when an argument before `--` is, or carries behind `=`, something that begins like a token.
    func check(_ arguments: [String]) throws(Failure) {
        for argument in arguments.prefix(while: { $0 != "--" }) {
            var candidates = [Substring(argument)]
            if argument.hasPrefix("-"), let equals = argument.firstIndex(of: "=") {
                candidates.append(argument[argument.index(after: equals)...])
            }
            for candidate in candidates where looksLikeToken(candidate) {
                throw .usage(
                    "a token was given as an argument, where every user of this machine can read it",
                    hint: "revoke it, and give the next one by --token-env NAME, --token-file PATH or --token-stdin")
            }
        }
    }

    private func looksLikeToken(_ text: Substring) -> Bool {
        // A prefix alone, such as a word in a file name, is no token: those are 20 characters and longer.
        text.utf8.count >= 16 && !text.contains("/") && prefixes.contains { text.hasPrefix($0) }
    }
}
