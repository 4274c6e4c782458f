// The plain case of a command line: a command's name, then options written in full, each with its value as the next word.
// The parser reflects over its declarations, which takes longer than all the rest of a warm run. Whatever is not plain is
// left to it, and so is every mistake; a test holds both to the same result.

import ArgumentParser

/// Options and flags by their names, to be taken one by one.
struct PlainArguments {
    private var rest: [(name: String, value: String?)] = []
    private var isPlain = true

    /// Reads what follows the command's name; nil when it is not plain.
    init?(_ arguments: [String], of command: String) {
        guard arguments.first == command else { return nil }
        for word in arguments.dropFirst() {
            if word.utf8.first == UInt8(ascii: "-") {
                guard word.utf8.count > 2, word.hasPrefix("--"), !word.utf8.contains(UInt8(ascii: "=")) else {
                    return nil
                }
                rest.append((word, nil))
            } else {
                guard !word.isEmpty, let last = rest.last, last.value == nil else { return nil }
                rest[rest.count - 1].value = word
            }
        }
    }

    /// Whether every word was taken, each as what it was given for.
    var isUsedUp: Bool { isPlain && rest.isEmpty }

    /// The value of an option; nil when it was not given.
    mutating func option(_ name: String) -> String? {
        let values = options(name)
        if values.count > 1 { isPlain = false }
        return values.first
    }

    /// The values of an option that may be repeated, in order.
    mutating func options(_ name: String) -> [String] {
        var values: [String] = []
        for argument in take(name) {
            if let value = argument { values.append(value) } else { isPlain = false }
        }
        return values
    }

    /// Whether a flag was given.
    mutating func flag(_ name: String) -> Bool {
        let found = take(name)
        if found.count > 1 || found.contains(where: { $0 != nil }) { isPlain = false }
        return !found.isEmpty
    }

    private mutating func take(_ name: String) -> [String?] {
        guard !rest.isEmpty else { return [] }
        var taken: [String?] = []
        rest.removeAll { argument in
            guard argument.name == name else { return false }
            taken.append(argument.value)
            return true
        }
        return taken
    }
}

extension CommonWords {
    init(_ plain: inout PlainArguments) {
        state = plain.option("--state")
        config = plain.option("--config")
        format = plain.option("--format")
        json = plain.flag("--json")
        strict = plain.flag("--strict")
        offline = plain.flag("--offline")
        timeout = plain.option("--timeout")
        allowInsecureHttp = plain.flag("--allow-insecure-http")
    }
}

extension TokenWords {
    init(_ plain: inout PlainArguments) {
        tokenEnv = plain.options("--token-env")
        tokenFile = plain.options("--token-file")
        tokenStdin = plain.flag("--token-stdin")
        credential = plain.options("--credential")
        forge = plain.option("--forge")
        apiUrl = plain.option("--api-url")
        expiresAt = plain.option("--expires-at")
    }
}

extension CommonOptions {
    init(_ words: CommonWords) {
        self.init()
        state = words.state
        config = words.config
        format = words.format
        json = words.json
        strict = words.strict
        offline = words.offline
        timeout = words.timeout
        allowInsecureHttp = words.allowInsecureHttp
    }
}

extension TokenPlaces {
    init(_ words: TokenWords) {
        self.init()
        tokenEnv = words.tokenEnv
        tokenFile = words.tokenFile
        tokenStdin = words.tokenStdin
        credential = words.credential
        forge = words.forge
        apiUrl = words.apiUrl
    }
}

extension TokenOptions {
    init(_ words: TokenWords) {
        self.init()
        places = TokenPlaces(words)
        end = TokenEnd()
        end.expiresAt = words.expiresAt
    }
}

extension PreflightCommand {
    /// The command, when its arguments are plain. Every property must be set here: one that is not would end the program.
    init?(plain arguments: [String]) {
        guard var plain = PlainArguments(arguments, of: "preflight") else { return nil }
        self.init()
        tokens = TokenOptions(TokenWords(&plain))
        duration = plain.option("--duration")
        quantile = plain.option("--quantile")
        margin = plain.option("--margin")
        minRemaining = plain.option("--min-remaining")
        needsScope = plain.options("--needs-scope")
        onInsufficient = plain.option("--on-insufficient")
        requireKnown = plain.flag("--require-known")
        fresh = plain.flag("--fresh")
        deadline = plain.option("--deadline")
        dotenv = plain.option("--dotenv")
        common = CommonOptions(CommonWords(&plain))
        guard plain.isUsedUp else { return nil }
    }
}
