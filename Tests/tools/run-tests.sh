#!/usr/bin/env bash
# Runs all tests, in four parts and a few at a time. Hundreds at once on a small machine make every time-out a matter of
# luck, and tests that end a process of their own wait for pipes that programs started beside them would keep open.
# The tests must have been built. What failed is said once more at the end.
# Usage: run-tests.sh SWIFT-TEST-FLAGS...
set -euo pipefail

width=(--experimental-maximum-parallelization-width 4)
swift test --help-hidden 2>/dev/null | grep -q -e "${width[0]}" || width=()
flags=("$@")
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
failed=0

# run NAME SWIFT-TEST-ARGUMENTS...: the other parts are run whatever comes of this one, so that one run tells all.
run() {
    local name=$1
    shift
    if ! swift test "${flags[@]}" --skip-build ${width[@]+"${width[@]}"} "$@" 2>&1 | tee "$logs/$name"; then
        failed=$((failed + 1))
        cp "$logs/$name" "$logs/failed-$name"
    fi
}

# Suites with exit tests, and one that traces a process.
apart='OutlastStorageTests.(TogetherTests|DurabilityTests|GuardTests|SyncTests)|OutlastSystemTests.(StopSignalsTests|FileLeases)'
run units --skip "EndToEndTests|$apart"
run apart --no-parallel --filter "$apart"
# Whole jobs with servers of their own take minutes; the many short ones beside them would wait longer than they may.
jobs='EndToEndTests.(Story|ServedGit|RefusedPhase|Surroundings|DeployKey|SSH|Exec|Keep|Explain|Herd|Kill|Disk|LostAnswer)'
run programs --filter 'EndToEndTests' --skip "$jobs"
run jobs --filter "$jobs"

for log in "$logs"/failed-*; do
    [ -e "$log" ] || continue
    echo "== ${log##*/failed-}: what failed"
    # A test's own account, and the lines of it that follow; a crash leaves the end of what was printed.
    grep -A 6 -e '✘' -e 'error:' "$log" | cut -c 1-600 | grep -v -e '^◇' -e '^✔' | head -n 60 || true
    grep -q -e '✘' "$log" || tail -n 20 "$log"
done
exit $((failed > 0))
