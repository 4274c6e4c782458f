#!/usr/bin/env bash
# Fills a folder with links to the static forms of the C libraries, and nothing else, so that a linker that looks there
# first finds no shared form: the program then starts faster and needs only the C library of the machine it runs on.
# Usage: static-folder.sh FOLDER
set -euo pipefail

folder=$1
mkdir -p "$folder"
for name in crypto ssl sqlite3 z sodium stdc++; do
    # The compiler knows where libraries lie on this machine; for one that it does not find it repeats the bare name.
    archive=$(clang -print-file-name="lib$name.a")
    if [ ! -f "$archive" ]; then
        echo "static-folder.sh: there is no lib$name.a; it comes with the -dev package" >&2
        exit 1
    fi
    ln -sf "$archive" "$folder/lib$name.a"
done
