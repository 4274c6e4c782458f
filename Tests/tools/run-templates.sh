#!/usr/bin/env bash
# Runs the tests of the CI templates, two files at a time, and shows what failed.
# Usage: run-templates.sh FOLDER-OF-THE-EXECUTABLES PYTHON-ENVIRONMENT
set -euo pipefail

OUTLAST_BINARIES=$(cd "$1" && pwd)
OUTLAST_TEMPLATES_VENV=$(cd "$2" && pwd)
export OUTLAST_BINARIES OUTLAST_TEMPLATES_VENV PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "${BASH_SOURCE[0]}")/../templates"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export logs

one() {
    if "$OUTLAST_TEMPLATES_VENV/bin/python" "$1_test.py" >"$logs/$1" 2>&1; then
        echo "templates: $1: $(grep '^Ran ' "$logs/$1")"
    else
        echo "templates: $1: FAILED"
        cat "$logs/$1"
        return 1
    fi
}
export -f one
printf '%s\n' gitlab others jenkins github static docs | xargs -P 2 -I '{}' bash -c 'one {}'
