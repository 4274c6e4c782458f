#!/usr/bin/env bash
# Links what a release build has compiled once more, this time with glibc in it: an executable without an interpreter, for
# images that have another C library or none. Nothing is compiled again.
# Usage: link-static.sh BINARY STATIC-FOLDER OUTPUT
set -euo pipefail

binary=$1 libraries=$2 output=$3
objects=$(dirname "$binary")/outlast.product/Objects.LinkFileList
[ -s "$objects" ] || { echo "link-static.sh: there is no $objects: make release leaves it" >&2; exit 1; }
messages=$(swiftc -static-executable -emit-executable -o "$output" -module-name outlast "@$objects" -lstdc++ -ldl -lm -lz \
    "-L$libraries" -Xlinker --gc-sections -Xlinker --no-export-dynamic -Xlinker --defsym -Xlinker main=outlast_main 2>&1) ||
    { printf '%s\n' "$messages" >&2; exit 1; }
# The linker warns of all that might want modules of the machine's glibc. Names are resolved from files and by DNS, which
# are part of glibc since 2.34 (check-static.sh looks at that); the others are not called, or may fail.
printf '%s\n' "$messages" | grep -v -e "in statically linked applications requires at runtime" -e 'mktemp. is dangerous' -e '^$' >&2 || true
