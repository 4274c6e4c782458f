#!/usr/bin/env bash
# How long a warm `preflight` takes as one process, beside the least that a program of its kind can do: medians of both
# and their ratio, over several rounds in which they take turns. Nothing leaves this machine: a forge on loopback is
# asked once, what it said is remembered, and the forge is gone before anything is timed.
# Usage: startup.sh OUTLAST BASELINE SANDBOX [ROUNDS [RUNS]]
set -euo pipefail

outlast=$(realpath "$1") baseline=$(realpath "$2") sandbox=$(realpath "$3")
rounds=${4:-20} runs=${5:-20}
limit=2.0 goal=1.6
# shellcheck source=Tests/Benchmarks/bench.sh
. "$(dirname "$0")/bench.sh"

enter_clean_room

# What a GitLab runner says about a job, in an environment as large as such a job's.
enter_job() {
    export GITLAB_CI=true CI=true CI_API_V4_URL=http://127.0.0.1:$port/api/v4 CI_SERVER_URL=http://127.0.0.1:$port
    export CI_SERVER_HOST=127.0.0.1 CI_PROJECT_PATH=group/app CI_JOB_NAME=release CI_PROJECT_DIR=$scratch/work
    export CI_JOB_TIMEOUT=3600 CI_RUNNER_ID=7 CI_CONCURRENT_ID=1 CI_PIPELINE_SOURCE=push CI_JOB_ID=1021
    CI_JOB_STARTED_AT=$(moment 30)
    export CI_JOB_STARTED_AT RELEASE_TOKEN OUTLAST_STATE=$scratch/state/state.db
    for number in $(seq 100); do export "CI_VARIABLE_$number=the value of variable $number"; done
    mkdir -p "$HOME" "$scratch/work/.git" && cd "$scratch/work"
}

# Twenty runs of the job, of 9 to 11 minutes, one every hour.
record_history() {
    local start
    for number in $(seq 20); do
        start=$((number * 3600 + 100))
        "$outlast" record start --run "$number" --started-at "$(moment $start)"
        "$outlast" record finish --run "$number" --started-at "$(moment $start)" \
            --finished-at "$(moment $((start - 540 - number * 6)))" --status success
    done
}

# Makes sure that a preflight does its whole work, and knows its answer without the network.
check_warmth() {
    local answer
    answer=$("${preflight[@]}" --json)
    for part in '"decision":"sufficient"' '"source":"cache"' '"source":"history"' '"state":"ok"' '"samples":20'; do
        case $answer in *"$part"*) ;; *) fail "not a warm preflight, $part is missing: $answer" ;; esac
    done
}

# Before every timed run the log is folded in, as at the end of each job: both begin with the same files.
settle="$outlast record finish --run 1"

# The medians in milliseconds of commands that take turns, one line each.
medians() {
    hyperfine -N --style none --warmup 3 --runs "$runs" --prepare "$settle" --export-csv "$scratch/times.csv" "$@" \
        >/dev/null 2>"$scratch/hyperfine.log" || fail "hyperfine: $(cat "$scratch/hyperfine.log")"
    awk -F, 'NR > 1 { printf "%.3f\n", $(NF - 4) * 1000 }' "$scratch/times.csv"
}
compare() {
    local ours theirs pair
    printf '%-7s %12s %12s %8s\n' round preflight baseline ratio
    for round in $(seq "$rounds"); do
        # Who goes first changes from round to round.
        if ((round % 2)); then
            pair=$(medians "${preflight[*]}" "$yardstick")
            { read -r ours && read -r theirs; } <<<"$pair"
        else
            pair=$(medians "$yardstick" "${preflight[*]}")
            { read -r theirs && read -r ours; } <<<"$pair"
        fi
        echo "$ours $theirs $(awk "BEGIN { printf \"%.3f\", $ours / $theirs }")" >>"$scratch/rounds"
        tail -n 1 "$scratch/rounds" | { read -r a b c && printf '%-7s %9.2f ms %9.2f ms %8.2f\n' "$round" "$a" "$b" "$c"; }
    done
    ratio=$(cut -d ' ' -f 3 "$scratch/rounds" | median)
    printf '%-7s %9.2f ms %9.2f ms %8.2f   (medians; at most %s, goal %s)\n' all \
        "$(cut -d ' ' -f 1 "$scratch/rounds" | median)" "$(cut -d ' ' -f 2 "$scratch/rounds" | median)" "$ratio" \
        "$limit" "$goal"
}

# Single commands, in turns as well: a busy moment of the machine then falls on all of them.
parts() {
    local names=() commands=() times
    while [ $# -gt 0 ]; do
        names+=("$1") commands+=("$2")
        shift 2
    done
    for _ in $(seq 6); do medians "${commands[@]}" | paste -s -d ' ' >>"$scratch/parts"; done
    for index in "${!names[@]}"; do
        times=$(cut -d ' ' -f $((index + 1)) "$scratch/parts" | median)
        printf '%-34s %6.2f ms\n' "${names[index]}" "$times"
    done
}

start_forge
RELEASE_TOKEN=$(make_token)
enter_job
preflight=("$outlast" preflight --token-env RELEASE_TOKEN)
yardstick="$baseline --state $OUTLAST_STATE --detail token"
record_history
"$outlast" record start
"${preflight[@]}" >/dev/null || fail 'the first preflight failed'
stop_forge
check_warmth
cat >"$scratch/outlast.yml" <<YAML
version: 1
recheck_after: 1h
credentials:
  release:
    forge: gitlab
    api_url: $CI_API_V4_URL
    token: {env: RELEASE_TOKEN}
    renew: {method: gitlab-rotate, by: operator}
YAML

echo "$(nproc) processors ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)), $(uname -sr)," \
    "state on $(stat -f -c %T "$scratch"); $rounds rounds of $runs runs each"
compare
check_warmth
echo
parts 'outlast version' "$outlast version" \
    'outlast preflight' "${preflight[*]}" \
    'outlast preflight --offline --json' "${preflight[*]} --offline --json" \
    'outlast preflight --config FILE' "$outlast preflight --config $scratch/outlast.yml" \
    'outlast record start' "$outlast record start" \
    'outlast history jobs' "$outlast history jobs" \
    'baseline' "$yardstick"
awk "BEGIN { exit !($ratio <= $limit) }" || fail "preflight took $ratio times the baseline, more than $limit"
