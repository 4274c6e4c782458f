#!/usr/bin/env bash
# Looks at what dist.sh has packed: checksums, contents, what the executable needs of the machine that it runs on,
# completions, manual page and bill of materials. With a Python environment the latter is held to CycloneDX's schema.
# Usage: check-dist.sh FOLDER [VENV]    (OUTLAST_ANY_LINKAGE=1: a debug executable, which needs shared libraries)
set -euo pipefail

folder=$1 venv=${2:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "check-dist.sh: $*" >&2
    exit 1
}
ok() { printf 'ok    %s\n' "$*"; }
# A shell that is not here can't say whether it understands.
without() { printf 'none  %s: not looked at, %s is not installed\n' "$1" "$2"; }

(cd "$folder" && sha256sum --check --strict --quiet SHA256SUMS) || fail 'the checksums do not fit'
listed=$(cut -d ' ' -f 3 "$folder/SHA256SUMS" | sort)
[ "$listed" = "$(cd "$folder" && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort)" ] || fail 'SHA256SUMS does not name every file'
ok 'checksums'

look() { # ARCHIVE
    local name at contents expected file needed library floor answer shell warnings word
    name=$(basename "$1" .tar.gz)
    at=$scratch/$name
    tar --extract --gzip --file "$1" --directory "$scratch"
    echo "$name"
    contents=$(cd "$scratch" && find "$name" -type f | LC_ALL=C sort | tr '\n' ' ')
    expected=
    for file in LICENSE THIRD-PARTY-LICENSES completions/_outlast completions/outlast.bash completions/outlast.fish \
        man/outlast.1 outlast outlast.cdx.json; do
        expected+="$name/$file "
        [ -s "$at/$file" ] || fail "the archive has no $file, or an empty one"
    done
    [ "$contents" = "$expected" ] || fail "the archive has other files than it should: $contents"
    "$at/outlast" version | grep -qx "outlast $(cut -d - -f 2 <<<"$name")" || fail 'the version is not that of the archive'
    ok "unpacks, and says $("$at/outlast" version)"

    readelf --section-headers --wide "$at/outlast" | grep -q '\.symtab' && fail 'the executable is not stripped'
    ok 'stripped'
    needed=$(objdump -p "$at/outlast" | sed -n 's/^ *NEEDED *//p' | sort | tr '\n' ' ')
    for library in $needed; do
        case $library in
            libc.so.6 | libm.so.6 | ld-linux*.so.*) ;;
            *) [ -n "${OUTLAST_ANY_LINKAGE:-}" ] || fail "the executable needs more than the C library: $needed" ;;
        esac
    done
    if [[ $name == *-static ]]; then
        [ -z "$needed" ] || fail "the static executable needs $needed"
        ! readelf --program-headers --wide "$at/outlast" | grep -q INTERP || fail 'the static executable has an interpreter'
        readelf --file-header "$at/outlast" | grep -q 'Type: *DYN' || fail 'the static executable lies at fixed addresses'
        ok 'needs no library and no interpreter; position independent'
    else
        ok "needs ${needed% }"
        floor=$(objdump -T "$at/outlast" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort --version-sort --unique | tail -1)
        ok "needs glibc $floor or newer ($(objdump -T "$at/outlast" | sed -n "s/.*(GLIBC_$floor) *//p" | sort -u | tr '\n' ' ' | sed 's/ $//'))"
    fi

    bash -n "$at/completions/outlast.bash" || fail 'bash does not understand the completions'
    # Asked as bash asks: what comes after "outlast pre"?
    # shellcheck disable=SC2016 # The inner shell expands.
    answer=$(bash --norc -c '. "$1"; COMP_WORDS=(outlast pre) COMP_CWORD=1 COMP_LINE="outlast pre" COMP_POINT=11
        "$(complete -p outlast | sed "s/.*-F \([^ ]*\).*/\1/")" outlast pre outlast; echo "${COMPREPLY[*]}"' - "$at/completions/outlast.bash")
    [ "${answer% }" = preflight ] || fail "bash completes 'outlast pre' to '$answer'"
    ok 'completions: bash'
    for shell in zsh fish; do
        case $shell in zsh) file=_outlast ;; *) file=outlast.fish ;; esac
        if command -v "$shell" >/dev/null; then
            "$shell" -n "$at/completions/$file" || fail "$shell does not understand the completions"
            ok "completions: $shell"
        else
            without "completions: $shell" "$shell"
        fi
    done

    if command -v groff >/dev/null; then
        warnings=$(groff -man -Tutf8 -ww -rLL=100n "$at/man/outlast.1" 2>&1 >"$scratch/raw")
        [ -z "$warnings" ] || fail "the manual page has faults: $warnings"
        sed $'s/.\b//g; s/\e\\[[0-9;]*m//g' "$scratch/raw" >"$scratch/page"      # without bold and underlined
        for word in NAME SYNOPSIS preflight EXIT ENVIRONMENT; do
            grep -q "$word" "$scratch/page" || fail "the manual page says nothing of $word"
        done
        # What the page leaves out is found by asking the program, not by a list.
        "$at/outlast" --help | sed -n '/^SUBCOMMANDS/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' | while read -r command; do
            grep -qF "\\fBoutlast ${command//-/\\-}\\fR" "$at/man/outlast.1" || fail "the manual page has no $command"
        done
        ok "manual page ($(wc -l <"$scratch/page") lines)"
    else
        without 'manual page' groff
    fi

    cmp --quiet "$at/outlast.cdx.json" "$folder/$name.cdx.json" || fail 'the two bills of materials differ'
    python3 - "$at/outlast.cdx.json" "$at/outlast" "$venv" <<'END' || fail 'the bill of materials is not as it should be'
import hashlib, json, sys
bom = json.load(open(sys.argv[1]))
assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
mine = bom["metadata"]["component"]
assert mine["hashes"][0]["content"] == hashlib.sha256(open(sys.argv[2], "rb").read()).hexdigest()
parts = bom["components"]
for part in parts:
    assert part["type"] and part["name"] and part["version"] and part["purl"] and part["licenses"], part
refs = [part["bom-ref"] for part in parts]
assert len(set(refs)) == len(refs)
names = {part["name"] for part in parts if part["scope"] == "required"}
for name in "openssl", "sqlite3", "libsodium", "zlib", "glibc", "Swift", "GRDB.swift", "swift-nio-ssl", "Yams":
    assert name in names, f"{name} is not in it"
# The rehearsal forge's server is resolved, and no part of this executable.
assert "hummingbird" not in names
assert set(bom["dependencies"][0]["dependsOn"]) <= set(refs)
print(f"      {len(names)} parts linked or needed, {len(parts) - len(names)} resolved and not in it")
END
    if [ -n "$venv" ]; then
        "$venv/bin/python" - "$at/outlast.cdx.json" <<'END' || fail "CycloneDX's schema refuses the bill of materials"
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
if fault:
    sys.exit(str(fault)[:600])
END
        ok "bill of materials, by CycloneDX's schema"
    else
        ok 'bill of materials, by its keys alone (no Python environment was given)'
    fi
}

for archive in "$folder"/outlast-*.tar.gz; do look "$archive"; done
