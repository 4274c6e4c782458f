#!/usr/bin/env bash
# Packs an executable for those who have no Swift: stripped, with its manual page, shell completions, licences, and a
# bill of materials. The same executable of the same commit gives the same bytes.
# Usage: dist.sh BINARY FOLDER [STATIC-BINARY]
set -euo pipefail

binary=$1 folder=$2 static=${3:-}
tools=$(dirname "${BASH_SOURCE[0]}")
# The time of the commit, unless the packager says another; without a repository (an archive of the sources) it is 1970.
seconds=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
version=$("$binary" version | cut -d ' ' -f 2)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# An older version's files would be taken for this one's.
rm -rf "$folder"
mkdir -p "$folder"

pack() { # EXECUTABLE NAME
    local packed=$scratch/$2
    mkdir -p "$packed/completions" "$packed/man"
    strip --strip-all -o "$packed/outlast" "$1"
    cp LICENSE "$packed/"
    "$packed/outlast" --generate-completion-script bash >"$packed/completions/outlast.bash"
    "$packed/outlast" --generate-completion-script zsh >"$packed/completions/_outlast"
    "$packed/outlast" --generate-completion-script fish >"$packed/completions/outlast.fish"
    "$packed/outlast" --experimental-dump-help |
        python3 "$tools/make-manual.py" README.md "$version" "$seconds" >"$packed/man/outlast.1"
    # What was compiled is the same in both; its list lies beside the first.
    python3 "$tools/make-sbom.py" "$binary" "$packed/outlast" "$version" "$seconds" "$packed/THIRD-PARTY-LICENSES" \
        >"$packed/outlast.cdx.json"
    chmod -R u=rwX,go=rX "$packed"
    tar --create --directory "$scratch" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mtime="@$seconds" "$2" |
        gzip --no-name --best >"$folder/$2.tar.gz"
    cp "$packed/outlast.cdx.json" "$folder/$2.cdx.json"
}
pack "$binary" "outlast-$version-linux-$(uname -m)"
[ -z "$static" ] || pack "$static" "outlast-$version-linux-$(uname -m)-static"
(cd "$folder" && sha256sum -- * >"$scratch/SHA256SUMS" && mv "$scratch/SHA256SUMS" .)
(cd "$folder" && du --bytes -- *)
