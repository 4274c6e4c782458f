#!/usr/bin/env bash
# Puts the newest git that Debian offers beside the system's own, in a folder: from backports where they have one, else
# from the next release, with the libraries that it was built for. Nothing of the system is changed, and nobody needs to
# be root. Where it cannot be had, FOLDER/why-not says why.
# Usage: newer-git.sh FOLDER    afterwards FOLDER/bin is a PATH and FOLDER/exec a GIT_EXEC_PATH
set -euo pipefail

[ $# -eq 1 ] || {
    echo "usage: $0 FOLDER" >&2
    exit 64
}
mkdir -p "$1"
folder=$(realpath "$1")
[ ! -e "$folder/.complete-1" ] || exit 0
rm -rf "${folder:?}"/*
mirror=http://deb.debian.org/debian
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# Without a newer git the tests know only the system's: that is said, and is no failure.
give_up() {
    echo "$*" >"$folder/why-not"
    echo "outlast: no newer git to test with: $*" >&2
    exit 0
}

# apt with lists, archives and a record of installed packages of its own: as if nothing were installed.
apt=$folder/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial"
: >"$apt/status"
own=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
    -o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives"
    -o Debug::NoLocking=1 -o APT::Install-Recommends=0 -o APT::Sandbox::User= -o Acquire::Languages=none)

version_of() { apt-cache "${own[@]}" policy git | sed -n 's/^ *Candidate: //p'; }

# Looks into the suites one after the other, and stays at the first whose git is newer than the system's.
find_newer() {
    local have suite
    have=$(dpkg-query --show --showformat='${Version}' git)
    for suite in "$@"; do
        echo "deb [signed-by=$keys] $mirror $suite main" >"$apt/sources.list"
        apt-get "${own[@]}" update -qq >"$apt/log" 2>&1 || continue
        version=$(version_of)
        if [ -n "$version" ] && [ "$version" != '(none)' ] && dpkg --compare-versions "$version" gt "$have"; then
            return 0
        fi
    done
    return 1
}

# Every program is started by the loader and with the libraries that it was built for.
wrap() {
    local target=$1 name=$2 at=$3
    cat >"$at" <<SH
#!/bin/sh
exec '$loader' --library-path '$libraries' --argv0 '$name' '$target' "\$@"
SH
    chmod +x "$at"
}

is_program() { [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]; }

command -v apt-get >/dev/null || give_up 'there is no apt-get here'
[ -r "$keys" ] || give_up "there is no $keys here: this is not Debian"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
case $release in
    bookworm) suites=(bookworm-backports trixie) ;;
    trixie) suites=(trixie-backports forky) ;;
    *) give_up "nothing is known about what comes after ${release:-this release}" ;;
esac
find_newer "${suites[@]}" || give_up "none in ${suites[*]} ($(tail -n 1 "$apt/log" 2>/dev/null))"
echo "outlast: unpacking git $version in $folder"
apt-get "${own[@]}" install --download-only -y -qq git >>"$apt/log" 2>&1 || give_up "$(tail -n 1 "$apt/log")"
root=$folder/root
mkdir -p "$root"
for package in "$apt"/archives/*.deb; do
    case ${package##*/} in perl* | libperl* | git-man* | gcc-* | openssl-*) ;; *) dpkg-deb --extract "$package" "$root" ;; esac
done
loader=$(find "$root" -name 'ld-linux*.so.*' | head -n 1)
libraries=$(find "$root" -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:)
core=$root/usr/lib/git-core
mkdir -p "$folder/bin" "$folder/exec"
for file in "$core"/*; do
    name=${file##*/}
    if [ -d "$file" ]; then
        ln -s "$file" "$folder/exec/$name"
    elif is_program "$(realpath "$file")"; then
        wrap "$(realpath "$file")" "$name" "$folder/exec/$name"
    else
        cp "$file" "$folder/exec/$name"
    fi
done
for name in git git-upload-pack git-receive-pack git-upload-archive; do ln -s "$folder/exec/$name" "$folder/bin/$name"; done
rm -rf "$apt"
GIT_EXEC_PATH=$folder/exec "$folder/bin/git" version >"$folder/version" || give_up 'what was unpacked does not run here'
touch "$folder/.complete-1"
