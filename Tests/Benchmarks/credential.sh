#!/usr/bin/env bash
# How long git waits for its helper: `credential get` with a token that is known already, beside git's own stores, other
# helpers, and a program of ours that only parses its arguments. Nothing leaves this machine; the forge is gone before
# anything is timed. Helpers that are not installed are named, and left out.
# Usage: credential.sh OUTLAST PARSER SANDBOX [ROUNDS [RUNS]]
set -euo pipefail

outlast=$(realpath "$1") parser=$(realpath "$2") sandbox=$(realpath "$3")
rounds=${4:-10} runs=${5:-20}
goal_parser=2.0 goal_gh=5.0
# shellcheck source=Tests/Benchmarks/bench.sh
. "$(dirname "$0")/bench.sh"
enter_clean_room

# A configuration with one credential, and the question that git asks.
prepare() {
    export RELEASE_TOKEN OUTLAST_STATE=$scratch/state/state.db OUTLAST_CONFIG=$scratch/outlast.yml
    cat >"$OUTLAST_CONFIG" <<YAML
version: 1
credentials:
  release:
    forge: gitlab
    api_url: http://127.0.0.1:$port/api/v4
    token: {env: RELEASE_TOKEN}
YAML
    printf 'protocol=http\nhost=127.0.0.1:%s\n\n' "$port" >"$scratch/ours"
    printf 'protocol=https\nhost=github.com\n\n' >"$scratch/github"
    printf 'protocol=https\nhost=git.example.com\n\n' >"$scratch/example"
    printf 'https://user:0123456789@git.example.com\n' >"$scratch/store"
    : >"$scratch/none"
    mkdir -p "$scratch/work" && cd "$scratch/work"
}

check_answer() { "$outlast" credential get <"$scratch/ours" | grep -q '^password=' || fail 'there is no answer'; }

# Name, input and command of each thing to time.
names=() inputs=() commands=() missing=()
add() { names+=("$1") inputs+=("$2") commands+=("$3"); }
collect() {
    add 'the shell that starts them' none /bin/true
    add 'outlast credential get' ours "$outlast credential get"
    add 'a program that parses arguments' none "$parser get --config $OUTLAST_CONFIG"
    add 'outlast version' none "$outlast version"
    add 'git credential-store get' example "git credential-store --file $scratch/store get"
    if printf 'protocol=https\nhost=git.example.com\nusername=user\npassword=0123456789\n\n' |
        git credential-cache --socket "$scratch/cache/socket" store 2>/dev/null; then
        add 'git credential-cache get' example "git credential-cache --socket $scratch/cache/socket get"
    else
        missing+=('git credential-cache')
    fi
    if command -v git-credential-oauth >/dev/null; then
        # A host that it has no settings for: for any other it would open a browser.
        add 'git-credential-oauth get' example 'git-credential-oauth get'
    else
        missing+=('git-credential-oauth')
    fi
    if command -v gh >/dev/null; then
        export GH_TOKEN=gho_0123456789
        add 'gh auth git-credential get' github 'gh auth git-credential get'
    else
        missing+=('gh')
    fi
}

measure() {
    local index
    for _ in $(seq "$rounds"); do
        for index in "${!names[@]}"; do
            # An exit code is not asked for: some of them have nothing to say.
            # The shell opens the file that stands for git; older versions of hyperfine give no input themselves.
            hyperfine -N -i --style none --warmup 2 --runs "$runs" --export-csv "$scratch/times.csv" \
                "/bin/sh -c 'exec ${commands[index]} <$scratch/${inputs[index]}'" >/dev/null 2>"$scratch/hyperfine.log" ||
                fail "hyperfine: $(cat "$scratch/hyperfine.log")"
            awk -F, 'NR > 1 { printf "%.3f\n", $(NF - 4) * 1000 }' "$scratch/times.csv" >>"$scratch/times.$index"
        done
    done
}

# A number less another.
less() { awk "{ print \$1 - $1 }"; }

# Whether a ratio keeps its goal: name, ratio, `<=` or `>=`, goal.
judge() {
    awk "BEGIN { printf \"%s: %.2f, goal %s %s: %s\n\", \"$1\", $2, \"$3\", $4, ($2 $3 $4) ? \"kept\" : \"missed\" }"
}

report() {
    local index shell ours time parsing='' gh=''
    shell=$(median <"$scratch/times.0")
    ours=$(median <"$scratch/times.1" | less "$shell")
    printf '%-36s %8.2f ms   (taken off all others)\n' "${names[0]}" "$shell"
    for index in "${!names[@]}"; do
        [ "$index" -gt 0 ] || continue
        time=$(median <"$scratch/times.$index" | less "$shell")
        printf '%-36s %8.2f ms   %6.2f times ours\n' "${names[index]}" "$time" \
            "$(awk "BEGIN { print $time / $ours }")"
        case ${names[index]} in
            'a program that parses arguments') parsing=$time ;;
            gh*) gh=$time ;;
        esac
    done
    [ ${#missing[@]} -eq 0 ] || echo "not installed here, and left out: ${missing[*]}"
    judge 'ours against a program that only parses arguments' "$(awk "BEGIN { print $ours / $parsing }")" '<=' "$goal_parser"
    [ -z "$gh" ] || judge 'gh against ours' "$(awk "BEGIN { print $gh / $ours }")" '>=' "$goal_gh"
}

start_forge
RELEASE_TOKEN=$(make_token)
prepare
"$outlast" credential get <"$scratch/ours" >/dev/null || fail 'the first question failed'
stop_forge
check_answer
collect
echo "$(nproc) processors, $(uname -sr); $rounds rounds of $runs runs each"
measure
report
check_answer
git credential-cache --socket "$scratch/cache/socket" exit 2>/dev/null || true
