// The ways in which a job gets its token to git. Each is three words of a shell: what the job begins with, how it runs a
// command that needs the forge, and what it ends with.

/// A way.
enum Means: String, CaseIterable, Sendable {
    /// git asks `outlast credential`.
    case helper
    /// Every command runs below `outlast exec`.
    case exec
    /// git goes over SSH from the beginning.
    case sshFallback
    /// A deploy key that somebody has set up by hand: what a fallback to SSH has to be as good as.
    case deployKey
    /// A helper that gives the token that the job was started with: what jobs do without outlast.
    case startingToken

    /// Those that must come through.
    static let all: [Means] = [.helper, .exec, .sshFallback, .deployKey]

    /// Whether the token is renewed on the way; otherwise it is not needed.
    var renews: Bool { self != .deployKey && self != .sshFallback }

    /// Defines `begin_job`, `with_forge` and `end_job`.
    var shell: String { "with_forge() { \"$@\"; }\nend_job() { :; }\n" + own }

    private var own: String {
        switch self {
        case .helper:
            """
            begin_job() { eval "$("$OUTLAST" credential env)"; }
            """
        case .exec:
            """
            begin_job() { :; }
            with_forge() { "$OUTLAST" exec --credential release -- "$@"; }
            """
        case .sshFallback:
            """
            begin_job() {
                eval "$("$OUTLAST" ssh-fallback --key-file "$KEYS/deploy" --repo "$SSH/group/app.git" --for "$H" \\
                    --host-key "$SSH_HOST_KEY" --need-push --export shell)"
            }
            end_job() { "$OUTLAST" ssh-fallback --off >/dev/null; }
            """
        case .deployKey:
            """
            begin_job() {
                echo "$SSH_PIN" >"$KEYS/pin"
                export GIT_SSH_COMMAND="ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \\
                    -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$KEYS/pin -i $KEYS/deploy"
                export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.$SSH/.insteadOf" GIT_CONFIG_VALUE_0="$S/"
            }
            """
        case .startingToken:
            """
            begin_job() {
                export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.helper GIT_TERMINAL_PROMPT=0
                export GIT_CONFIG_VALUE_0='!f() { echo username=oauth2; echo "password=$T"; }; f'
            }
            """
        }
    }
}
