#!/usr/bin/env bash
# Proves that the build refuses an import between siblings, and for that very reason. The tree must have been built.
# Usage: check-imports.sh SWIFT-BUILD-FLAGS...
set -euo pipefail

proof=Sources/OutlastPipelines/ForbiddenImportProof.swift
trap 'rm -f "$proof"' EXIT
echo 'import OutlastConfig' >"$proof"
sentence='Target OutlastPipelines imports another target (OutlastConfig) in the package without declaring it a dependency'
if output=$(swift build "$@" --target OutlastPipelines 2>&1); then
    echo "check-imports: a forbidden import was built" >&2
    exit 1
fi
if ! grep -qF "$sentence" <<<"$output"; then
    echo "check-imports: the build failed, but not because of the import:" >&2
    echo "$output" >&2
    exit 1
fi
echo "check-imports: a forbidden import is refused"
