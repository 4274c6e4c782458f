#!/usr/bin/env bash
# Links what a release build has compiled once more, this time with glibc in it: an executable without an interpreter, for
# images that have another C library or none. Nothing is compiled again. glibc resolves names from files and by DNS without
# modules since 2.34, which check-static.sh looks at.
# Usage: link-static.sh BINARY STATIC-FOLDER OUTPUT
set -euo pipefail

binary=$1 libraries=$2 output=$3
objects=$(dirname "$binary")/outlast.product/Objects.LinkFileList
if [ ! -s "$objects" ]; then
    echo "link-static.sh: there is no $objects: make release leaves it" >&2
    exit 1
fi
# Swift's own linker: the usual one can't make this kind position independent.
names=$(mktemp --suffix=.o)
trap 'rm -f "$names"' EXIT
clang -O2 -Wall -Werror -fPIE -c -o "$names" "$(dirname "${BASH_SOURCE[0]}")/static-names.c"
swiftc -static-executable -Xclang-linker -static-pie -use-ld=lld -emit-executable -o "$output" -module-name outlast \
    "@$objects" "$names" -lstdc++ -ldl -lm -lz "-L$libraries" -Xlinker --gc-sections -Xlinker --no-export-dynamic \
    -Xlinker --defsym -Xlinker main=outlast_main
