# What the benchmarks share: a folder that goes with them, an environment with nothing of this machine's in it, and a
# forge on loopback. Sourced by a script that has set `sandbox`.
# shellcheck shell=bash

: "${sandbox:?is set by the script that sources this}"
scratch=$(mktemp -d)
sandbox_pid=
cleanup() {
    [ -z "$sandbox_pid" ] || kill "$sandbox_pid" 2>/dev/null || true
    [ -z "$sandbox_pid" ] || wait "$sandbox_pid" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT
fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# Nothing of this machine's configuration, state or CI takes part.
enter_clean_room() {
    local name
    for name in $(compgen -e); do
        case $name in PATH | TERM | TMPDIR) ;; *) unset "$name" ;; esac
    done
    export HOME=$scratch/home LC_ALL=C NO_COLOR=1
    mkdir -p "$HOME"
}

start_forge() {
    "$sandbox" serve --port-file "$scratch/port" >"$scratch/sandbox.log" 2>&1 &
    sandbox_pid=$!
    for _ in $(seq 100); do
        [ ! -s "$scratch/port" ] || break
        kill -0 "$sandbox_pid" 2>/dev/null || fail "the sandbox did not start: $(cat "$scratch/sandbox.log")"
        sleep 0.1
    done
    port=$(cat "$scratch/port")
}

stop_forge() {
    kill "$sandbox_pid"
    wait "$sandbox_pid" 2>/dev/null || true
    sandbox_pid=
}

# A token that ends in 200 days, from the sandbox's control API, with nothing but bash.
make_token() {
    local body
    body="{\"kind\":\"project\",\"scopes\":[\"api\"],\"expires_at\":\"$(date -u -d '+200 days' +%F)\"}"
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'POST /_sandbox/gitlab/tokens HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
        "${#body}" "$body" >&3
    sed -n 's/.*"token":"\([^"]*\)".*/\1/p' <&3
    exec 3>&-
}

# The time so many seconds ago.
moment() { date -u -d "-$1 seconds" +%FT%TZ; }

# The median of the numbers on stdin.
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
