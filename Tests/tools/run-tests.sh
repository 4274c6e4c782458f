#!/usr/bin/env bash
# Runs all tests, in four parts and a few at a time. Hundreds at once on a small machine make every time-out a matter of
# luck, and tests that end a process of their own wait for pipes that programs started beside them would keep open.
# The tests must have been built.
# Usage: run-tests.sh SWIFT-TEST-FLAGS...
set -euo pipefail

width=(--experimental-maximum-parallelization-width 4)
swift test --help-hidden 2>/dev/null | grep -q -e "${width[0]}" || width=()
run() { swift test "${flags[@]}" --skip-build ${width[@]+"${width[@]}"} "$@"; }
flags=("$@")

# Suites with exit tests, and one that traces a process.
apart='OutlastStorageTests.(TogetherTests|DurabilityTests|GuardTests|SyncTests)|OutlastSystemTests.(StopSignalsTests|FileLeases)'
run --skip "EndToEndTests|$apart"
run --no-parallel --filter "$apart"
# Whole jobs with servers of their own take minutes; the many short ones beside them would wait longer than they may.
jobs='EndToEndTests.(Story|ServedGit|RefusedPhase|Surroundings|DeployKey|SSH|Exec|Keep|Explain|Herd|Kill|Disk|LostAnswer)'
run --filter 'EndToEndTests' --skip "$jobs"
run --filter "$jobs"
