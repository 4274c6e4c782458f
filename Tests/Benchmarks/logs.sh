#!/usr/bin/env bash
# How fast a log is read: `history import gitlab-log` on a generated log in which one line in a hundred tells of a refused
# token, beside jq selecting the same lines, and beside grep and jq together. Ours stores the rows as well, into a new store
# each time. The three take turns; the log is in the page cache for all of them.
# Processor time stands beside the time on the clock: on a busy machine it is what can be compared. The same log packed by
# gzip is read at the end.
# Usage: logs.sh OUTLAST [MEGABYTES [ROUNDS]]; LOG_MEGABYTES and LOG_ROUNDS say the same.
set -euo pipefail

outlast=$(realpath "$1")
megabytes=${2:-${LOG_MEGABYTES:-1000}} rounds=${3:-${LOG_ROUNDS:-5}}
goal_jq=10 goal_grep=3 goal_memory=100
folder=$(realpath "$(dirname "$0")/../..")/.build/bench-logs
log=$folder/api_json-$megabytes.log
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# The same bytes every time: numbers come from a small generator of its own.
generate() {
    mkdir -p "$folder"
    LC_ALL=C awk -v bytes=$((megabytes * 1000000)) '
        function random(n) { seed = (seed * 69069 + 1) % 4294967296; return int(seed / 4294967296 * n) }
        BEGIN {
            seed = 42
            split("token_expired token_revoked insufficient_scope impersonation_disabled", reasons, " ")
            split("GET GET GET POST PUT", methods, " ")
            agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
            while (size < bytes) {
                number++
                second = int(number / 20)
                time = sprintf("2026-11-%02dT%02d:%02d:%02d.%03dZ", 1 + int(second / 86400) % 28,
                    int(second / 3600) % 24, int(second / 60) % 60, second % 60, random(1000))
                project = random(5000)
                isRefused = number % 100 == 0
                line = sprintf("{\"time\":\"%s\",\"severity\":\"INFO\",\"duration_s\":0.%05d,\"db_duration_s\":0.%05d," \
                    "\"view_duration_s\":0.%05d,\"status\":%d,\"method\":\"%s\",\"path\":\"/api/v4/projects/%d/jobs/%d\"," \
                    "\"params\":[{\"key\":\"page\",\"value\":\"%d\"},{\"key\":\"private_token\",\"value\":\"[FILTERED]\"}]," \
                    "\"host\":\"gitlab.example.com\",\"remote_ip\":\"10.0.%d.%d\",\"ua\":\"%s\"," \
                    "\"route\":\"/api/:version/projects/:id/jobs/:job_id\",\"user_id\":%d,\"username\":\"user-%d\"," \
                    "\"queue_duration_s\":0.00%04d,\"redis_calls\":%d,\"redis_duration_s\":0.00%04d," \
                    "\"db_count\":%d,\"db_write_count\":0,\"db_cached_count\":%d,\"cpu_s\":0.0%04d,\"mem_objects\":%d," \
                    "\"mem_bytes\":%d,\"mem_mallocs\":%d,\"pid\":%d,\"worker_id\":\"puma_%d\",\"rate_limiting_gates\":[]," \
                    "\"correlation_id\":\"01J%023d\",\"meta.caller_id\":\"GET /api/:version/projects/:id/jobs/:job_id\"," \
                    "\"meta.remote_ip\":\"10.0.0.1\",\"meta.feature_category\":\"continuous_integration\"," \
                    "\"meta.project\":\"group-%d/app-%d\",\"meta.root_namespace\":\"group-%d\",\"meta.client_id\":\"user/%d\"",
                    time, random(99999), random(99999), random(99999), isRefused ? 401 : 200,
                    methods[1 + random(5)], project, random(9999999), random(40), random(255), random(255), agent,
                    random(9000), random(9000), random(9999), random(60), random(9999), random(40), random(9),
                    random(9999), random(99999), random(9999999), random(99999), random(30000), random(8), number,
                    project % 50, project, project % 50, random(9000))
                if (isRefused) {
                    line = line sprintf(",\"meta.auth_fail_reason\":\"%s\",\"meta.auth_fail_token_id\":" \
                        "\"PersonalAccessToken/%d\",\"meta.auth_fail_requested_scopes\":\"api read_api\"",
                        reasons[1 + random(4)], random(400))
                }
                line = line "}"
                print line
                size += length(line) + 1
            }
        }' >"$log.part"
    mv "$log.part" "$log"
}

# Seconds, kilobytes and seconds of processor time of a command and what it starts, as GNU time tells them.
measure() {
    local name=$1
    shift
    command time -f '%e %M %U %S' -o "$scratch/time" "$@" >"$scratch/out" 2>"$scratch/errors" ||
        fail "$name: $(cat "$scratch/errors")"
    awk '{ print $1, $2, $3 + $4 }' "$scratch/time" >>"$scratch/$name"
}

import() {
    rm -rf "$scratch/state"
    measure "$1" env -i HOME="$scratch" "$outlast" history import gitlab-log "$2" --state "$scratch/state/state.db" --json
    cp "$scratch/out" "$scratch/answer"
}
ours() { import ours "$log"; }
with_jq() { measure jq jq -c 'select(."meta.auth_fail_reason" != null)' "$log"; }
with_grep() { measure grep sh -c "grep -F '\"meta.auth_fail_reason\"' '$log' | jq -c ."; }

column() { cut -d ' ' -f "$2" "$scratch/$1"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
most() { sort -n | tail -n 1; }

[ -f "$log" ] || generate
cat "$log" >/dev/null
lines=$(wc -l <"$log")
refused=$(grep -cF '"meta.auth_fail_reason"' "$log")
echo "$(nproc) processors, $(uname -sr); $(($(stat -c %s "$log") / 1000000)) MB, $lines lines, $refused of refused tokens; $rounds rounds"
printf '%-6s %12s %12s %14s %10s %14s\n' round 'outlast' 'jq' 'grep | jq' 'jq/ours' 'ours/(grep|jq)'
for round in $(seq "$rounds"); do
    case $((round % 3)) in
        0) with_grep && ours && with_jq ;;
        1) ours && with_jq && with_grep ;;
        *) with_jq && with_grep && ours ;;
    esac
    read -r a b c <<<"$(column ours 1 | tail -n 1) $(column jq 1 | tail -n 1) $(column grep 1 | tail -n 1)"
    awk -v n="$round" -v a="$a" -v b="$b" -v c="$c" \
        'BEGIN { printf "%-6s %10.2f s %10.2f s %12.2f s %10.1f %14.2f\n", n, a, b, c, b / a, a / c }'
done
matched=$(sed -n 's/.*"matched":\([0-9]*\),"added":\([0-9]*\),.*/\1 \2/p' "$scratch/answer")
[ "$matched" = "$refused $refused" ] || fail "the figures differ: grep found $refused lines, the import $matched"
medians() {
    awk -v name="$1" -v a="$(column ours "$2" | median)" -v b="$(column jq "$2" | median)" \
        -v c="$(column grep "$2" | median)" -v note="$3" \
        'BEGIN { printf "%-6s %10.2f s %10.2f s %12.2f s %10.1f %14.2f   (%s)\n", name, a, b, c, b / a, a / c, note }'
}
medians all 1 "medians; goals: at least $goal_jq, at most $goal_grep"
medians cpu 3 'medians of processor time'
printf 'peak memory: %d MB (jq %d MB; goal: below %d MB)\n' "$(($(column ours 2 | most) / 1000))" \
    "$(($(column jq 2 | most) / 1000))" "$goal_memory"
printf 'size of the store: %d bytes for each row\n' "$(($(stat -c %s "$scratch/state/state.db") / refused))"
[ -f "$log.gz" ] || { gzip -1 -c "$log" >"$log.gz.part" && mv "$log.gz.part" "$log.gz"; }
import packed "$log.gz"
printf 'packed by gzip: %s s, %s s of processor time, peak memory %d MB\n' "$(column packed 1)" "$(column packed 3)" \
    "$(($(column packed 2) / 1000))"
