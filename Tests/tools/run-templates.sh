#!/usr/bin/env bash
# Runs the tests of the CI templates, and of the page in a browser, two files at a time, and shows what failed.
# Usage: run-templates.sh FOLDER-OF-THE-EXECUTABLES PYTHON-ENVIRONMENT
set -euo pipefail

OUTLAST_BINARIES=$(cd "$1" && pwd)
OUTLAST_TEMPLATES_VENV=$(cd "$2" && pwd)
export OUTLAST_BINARIES OUTLAST_TEMPLATES_VENV PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "${BASH_SOURCE[0]}")/.."
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export logs

one() {
    name=${1##*/}
    cd "${1%/*}"
    if "$OUTLAST_TEMPLATES_VENV/bin/python" "${name}_test.py" >"$logs/$name" 2>&1; then
        echo "templates: $name: $(grep '^Ran ' "$logs/$name")"
    else
        echo "templates: $name: FAILED"
        mv "$logs/$name" "$logs/$name.failed"
        return 1
    fi
}
export -f one
printf '%s\n' templates/{gitlab,others,jenkins,github,static,docs} report/report | xargs -P 2 -I '{}' bash -c 'one {}' || {
    # Last, so that nothing stands behind it.
    cat "$logs"/*.failed
    grep -h -e '^FAIL: ' -e '^ERROR: ' "$logs"/*.failed
    exit 1
}
