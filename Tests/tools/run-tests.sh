#!/usr/bin/env bash
# Runs all tests, a few at a time where the toolchain lets that be said: hundreds at once on a small machine make every
# time-out a matter of luck. The tests must have been built.
# Usage: run-tests.sh SWIFT-TEST-FLAGS...
set -euo pipefail

width=(--experimental-maximum-parallelization-width 4)
swift test --help-hidden 2>/dev/null | grep -q -e "${width[0]}" || width=()
exec swift test "$@" --skip-build ${width[@]+"${width[@]}"}
