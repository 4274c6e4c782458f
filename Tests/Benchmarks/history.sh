#!/usr/bin/env bash
# What questions to a large history cost: each as one process, beside the same question to an empty store, in turns. The
# histories are made by recordings.py in stores that outlast itself has made. With the time of the clock stands that of the
# processor, which a busy machine distorts less. Nothing leaves this machine.
# Usage: history.sh OUTLAST [SIZES [ROUNDS [RUNS]]]   (SIZES: numbers of jobs, the largest last)
set -euo pipefail

outlast=$(realpath "$1")
read -ra sizes <<<"${2:-10000 100000 1000000}"
rounds=${3:-5} runs=${4:-10}
goal_question=50 goal_finish=3
here=$(realpath "$(dirname "$0")")
folder=$here/../../.build/bench-history
# No forge is asked.
sandbox=none
# shellcheck source=Tests/Benchmarks/bench.sh
. "$here/bench.sh"

questions=(
    'explain' 'explain --last' 'explain JOB' 'show JOB' 'expiring' 'calendar' 'no-expiry' 'jobs --limit 50'
    'jobs --status failed' 'jobs --project group-0/app-0' 'tokens' 'tokens --token release-0' 'events'
    'events --token release-0' 'events --status auth_expired' 'rotations' 'estimate --project group-0/app-0 --job build'
    'stats' 'metrics'
)
# Those that must keep the goal.
judged=' explain expiring jobs --limit 50 '

# A store that only outlast has touched.
make_store() {
    rm -rf "$1"
    mkdir -p "$1"
    "$outlast" record import --ci gitlab - --state "$1/state.db" <<<'[]' >/dev/null
    chmod 0700 "$1"
}

# Kept for a day: what ends soon is counted from the moment of its making.
history_of() {
    local place=$folder/$1
    if [ ! -e "$place/made" ] || [ -n "$(find "$place/made" -mmin +1440)" ]; then
        make_store "$place"
        python3 "$here/recordings.py" "$place/state.db" "$1"
        touch "$place/made"
    fi
    printf '%s\n' "$place/state.db"
}

# Median time and processor time in milliseconds of commands that take turns, one line each. Exit codes are not asked for:
# an empty store knows no such job.
medians() {
    hyperfine -N -i --style none --warmup 2 --runs "$runs" --export-csv "$scratch/times.csv" "$@" \
        >/dev/null 2>"$scratch/hyperfine.log" || fail "hyperfine: $(cat "$scratch/hyperfine.log")"
    awk -F, 'NR > 1 { printf "%.3f %.3f\n", $(NF - 4) * 1000, ($(NF - 3) + $(NF - 2)) * 1000 }' "$scratch/times.csv"
}

# One round: a name, then options and commands, that of the empty store first. Who goes first changes from round to round.
round() {
    local name=$1 number=$2 ours theirs a b c d
    shift 2
    if ((number % 2)); then
        { read -r ours && read -r theirs; } <<<"$(medians "$@")"
    else
        { read -r theirs && read -r ours; } <<<"$(medians "${@:1:$#-2}" "${@: -1}" "${@: -2:1}")"
    fi
    read -r a b c d <<<"$ours $theirs"
    awk "BEGIN { printf \"%.3f %.3f\n\", $c - $a, $d - $b }" >>"$scratch/$name"
}

# The medians over all rounds: above the empty store, by the clock and by the processor.
above() { printf '%s %s\n' "$(cut -d ' ' -f 1 "$scratch/$1" | median)" "$(cut -d ' ' -f 2 "$scratch/$1" | median)"; }

ask() {
    local size=$1 store=$2 index number question
    for index in "${!questions[@]}"; do
        question=${questions[index]/JOB/$job}
        for number in $(seq "$rounds"); do
            round "$size.$index" "$number" "$outlast history $question --state $empty" \
                "$outlast history $question --state $store"
        done
    done
}

# Each run ends a job that was begun for it, whose number it finds in a file.
finish() {
    local size=$1 store=$2 number begin end
    echo 0 >"$scratch/run"
    begin="sh -c 'read -r n <$scratch/run; n=\$((n + 1)); echo \$n >$scratch/run; $outlast record start --project group-0/app-0 --job build --run \$n --state $empty; exec $outlast record start --project group-0/app-0 --job build --run \$n --state $store'"
    end="sh -c 'read -r n <$scratch/run; exec $outlast record finish --status success --project group-0/app-0 --job build --run \$n --state"
    for number in $(seq "$rounds"); do
        round "$size.finish" "$number" --prepare "$begin" "$end $empty'" "$end $store'"
    done
}

# Name, figures of each size, and whether a goal is kept by those of the last.
line() {
    local name=$1 key=$2 goal=$3 size clock processor
    printf '%-48s' "$name"
    for size in "${sizes[@]}"; do
        read -r clock processor <<<"$(above "$size.$key")"
        printf '%9.1f (%6.1f)' "$clock" "$processor"
    done
    [ -z "$goal" ] || awk "BEGIN { printf \"   goal %s: %s\", $goal, ($clock <= $goal) ? \"kept\" : \"missed\" }"
    echo
}

enter_clean_room
empty=$scratch/empty/state.db
make_store "$scratch/empty"
echo "$(nproc) processors, $(uname -sr), load $(cut -d ' ' -f 1 /proc/loadavg); $rounds rounds of $runs runs each"
for size in "${sizes[@]}"; do
    store=$(history_of "$size")
    events=$(sqlite3 "$store" 'SELECT max(id) FROM events')
    job=$(sqlite3 "$store" "SELECT job_key FROM jobs WHERE status = 'failed' AND id > $((size / 2)) ORDER BY id LIMIT 1")
    bytes=$(stat -c %s "$store")
    echo "$size jobs, $events events: $((bytes / 1000000)) MB, $((bytes / events)) bytes for each event"
    ask "$size" "$store"
    finish "$size" "$store"
done
printf '%-48s' 'milliseconds above an empty store (processor)'
for size in "${sizes[@]}"; do printf '%18s' "$size jobs"; done
echo
for index in "${!questions[@]}"; do
    goal=
    case $judged in *" ${questions[index]} "*) goal=$goal_question ;; esac
    line "history ${questions[index]}" "$index" "$goal"
done
line 'record finish' finish "$goal_finish"
