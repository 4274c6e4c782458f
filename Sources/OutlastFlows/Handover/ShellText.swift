// What a POSIX shell is given: lines to evaluate that hold no value, and the file that they source, which does.

import OutlastModel

/// Text for dash, bash, busybox' ash, the Korn shells and zsh.
enum ShellText {
    /// The lines. Tracing (`set -x`) and echoing (`set -v`) are off while the file is sourced, and as they were afterwards;
    /// the redirection hides the trace of turning them off. The file is also opened as descriptor 9, to be read from. Each
    /// line ends with a semicolon for those who forget the quotes around `"$(…)"`.
    static func lines(sourcing path: String) -> String {
        let word = ShellWord.quoted(path)
        return """
            { __outlast=$-; set +xv; } 2>/dev/null;
            . \(word) 9<\(word);
            case $__outlast in *x*v*|*v*x*) unset __outlast; set -xv;; *x*) unset __outlast; set -x;; \
            *v*) unset __outlast; set -v;; *) unset __outlast;; esac;

            """
    }

    /// The file. It is removed before the first value is read: a shell goes on reading a file that it has open, and the
    /// program that removes it then has no value in its environment, not even with `set -a`.
    ///
    /// Tokens stand in comments, from which they are read as data, and in no command: a trap on every command (`DEBUG` in
    /// bash, the Korn shells and zsh) would show those.
    static func file(_ values: [HandoverValue], at path: String) -> Secret {
        let text = SecretBuilder(capacity: 512)
        text.append(contentsOf: "command rm -f -- \(ShellWord.quoted(path)) || :\n".utf8)
        // All before the first command that reads them: each reads on where the last one stopped.
        let tokens = values.filter { $0.value.isPrintableToken && $0.isSecret }
        for token in tokens {
            text.append(contentsOf: "# ".utf8)
            text.append(token.value)
            text.append(UInt8(ascii: "\n"))
        }
        for token in tokens {
            let read = "IFS=' ' read -r __outlast_mark \(token.name) <&9"
            text.append(contentsOf: "while \(read) && [ \"$__outlast_mark\" != '#' ]; do :; done\n".utf8)
            text.append(contentsOf: "export \(token.name)\n".utf8)
        }
        for value in values where !(value.value.isPrintableToken && value.isSecret) {
            text.append(contentsOf: "\(value.name)=".utf8)
            text.append(ShellWord.quoted(value.value))
            text.append(contentsOf: "\nexport \(value.name)\n".utf8)
        }
        text.append(contentsOf: "unset __outlast_mark\n".utf8)
        return text.finish()
    }
}
