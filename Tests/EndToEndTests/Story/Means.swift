// The ways in which a job gets its token to git. Each is two words of a shell: what the job begins with, and how it runs a
// command that needs the forge.

/// A way.
enum Means: String, CaseIterable, Sendable {
    /// git asks `outlast credential`.
    case helper
    /// A helper that gives the token that the job was started with: what jobs do without outlast.
    case startingToken

    /// Those that must come through.
    static let all: [Means] = [.helper]

    /// Defines `begin_job` and `with_forge`.
    var shell: String {
        switch self {
        case .helper:
            """
            begin_job() { eval "$("$OUTLAST" credential env)"; }
            with_forge() { "$@"; }
            """
        case .startingToken:
            """
            begin_job() {
                export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.helper GIT_TERMINAL_PROMPT=0
                export GIT_CONFIG_VALUE_0='!f() { echo username=oauth2; echo "password=$T"; }; f'
            }
            with_forge() { "$@"; }
            """
        }
    }
}
