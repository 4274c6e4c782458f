// What a POSIX shell is given: lines to evaluate that hold no value, and the file that they source, which does.

import OutlastModel

/// Text for dash, bash, busybox' ash, the Korn shells and zsh.
enum ShellText {
    /// The lines. Tracing (`set -x`), echoing (`set -v`) and bash's traps on every command (`set -T`) would show what is in
    /// the file, so all three are off while it is sourced, and as they were afterwards. The redirection hides the trace of
    /// turning tracing off. Each line ends with a semicolon for those who forget the quotes around `"$(…)"`.
    static func lines(sourcing path: String) -> String {
        """
        { __outlast=$-; set +xv; } 2>/dev/null;
        case $__outlast in *T*) set +T;; esac;
        . \(ShellWord.quoted(path));
        case $__outlast in *T*) set -T;; esac;
        case $__outlast in *x*v*|*v*x*) unset __outlast; set -xv;; *x*) unset __outlast; set -x;; \
        *v*) unset __outlast; set -v;; *) unset __outlast;; esac

        """
    }

    /// The file. It is removed before the first value is read: a shell goes on reading a file that it has open, and the
    /// program that removes it then has no value in its environment, not even with `set -a`.
    static func file(_ values: [HandoverValue], at path: String) -> Secret {
        let text = SecretBuilder(capacity: 512)
        text.append(contentsOf: "command rm -f -- \(ShellWord.quoted(path)) || :\n".utf8)
        for value in values {
            text.append(contentsOf: "\(value.name)=".utf8)
            text.append(ShellWord.quoted(value.value))
            text.append(contentsOf: "\nexport \(value.name)\n".utf8)
        }
        return text.finish()
    }
}
