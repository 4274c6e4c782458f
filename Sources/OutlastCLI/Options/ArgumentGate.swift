// A token in the arguments can be read by every user of the machine: such a call is refused before anything else, and
// nothing of it is repeated.

import OutlastModel

/// Looks for tokens among arguments.
struct ArgumentGate {
    /// What tokens begin with.
    let prefixes: [String]

    /// - Throws: `usage` when an argument before `--` holds a word that begins like a token: alone, behind `=`, in the user
    ///   info of an address, or in a header. Paths are words of their own.
    func check(_ arguments: [String]) throws(Failure) {
        for argument in arguments.prefix(while: { $0 != "--" }) {
            guard argument.utf8.count >= Self.shortest else { continue }
            guard !holdsPrivateKey(argument) else {
                throw .usage(
                    "a private key was given as an argument, where every user of this machine can read it",
                    hint: "take it out of use, and give the next one by --key-env NAME or --key-file PATH")
            }
            guard holdsToken(argument) else { continue }
            throw .usage(
                "a token was given as an argument, where every user of this machine can read it",
                hint: "revoke it, and give the next one by --token-env NAME, --token-file PATH or --token-stdin")
        }
    }

    /// - Throws: `configuration` when a variable that names the state holds a token: a file with that name would be made.
    func check(stateFrom variables: Variables) throws(Failure) {
        guard let place = variables["OUTLAST_STATE"], holdsToken(place) else { return }
        throw .configuration(
            "OUTLAST_STATE holds what looks like a token, and it names a place",
            hint:
                "set it to a path on a volume of the runner; the token belongs in a variable that `token: {env: NAME}` names"
        )
    }

    private func holdsToken(_ text: String) -> Bool {
        text.utf8.count >= Self.shortest
            && text.unicodeScalars.split { !isPartOfWord($0) }.contains { looksLikeToken(Substring($0)) }
    }

    /// The fewest bytes of a secret that is looked for.
    private static let shortest = 16

    /// Byte by byte: a search among characters makes tables first, and an accent behind the last one would hide it.
    private func holdsPrivateKey(_ argument: String) -> Bool {
        var rest = argument.utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "P")) {
            rest = rest[start...]
            if rest.starts(with: "PRIVATE KEY-----".utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    private func looksLikeToken(_ text: Substring) -> Bool {
        // A prefix alone, such as a word in a file name, is no token: those are 20 characters and longer. Behind one dash
        // and one letter stands the value of a short option.
        guard text.utf8.count >= Self.shortest, !text.utf8.contains(UInt8(ascii: "/")) else { return false }
        let value = text.hasPrefix("-") ? text.dropFirst(2) : text
        return prefixes.contains { value.hasPrefix($0) }
    }

    /// What tokens and paths are made of.
    private func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", "~", "+": true
        default: false
        }
    }
}
