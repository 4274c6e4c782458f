#!/usr/bin/env bash
# Installs the Debian packages that a build or the tests need and that are not there yet, saying what it does.
# Usage: install-packages.sh build|test|templates|bench|dist|check-dist|images
set -euo pipefail

case "${1:-}" in
    build) wanted=(libsqlite3-dev libssl-dev libsodium-dev zlib1g-dev) ;;
    test)
        wanted=(strace sqlite3 jq curl openssl openssh-client python3-venv shellcheck ca-certificates)
        # What git talks to, and through: a forge over HTTPS, over SSH, with LFS, behind a proxy; at another time of day.
        wanted+=(nginx-light fcgiwrap git-lfs openssh-server tinyproxy libfaketime)
        # The shells that a handed-over token is tried in.
        wanted+=(busybox mksh ksh93u+m zsh)
        ;;
    # Chromium opens the page of `history report`.
    templates) wanted=(groovy default-jre-headless nodejs chromium) ;;
    dist) wanted=(binutils python3) ;;
    check-dist) wanted=(binutils fish groff python3 python3-venv zsh) ;;
    images) wanted=(buildah curl debootstrap musl-tools) ;;
    bench) wanted=(hyperfine gh git-credential-oauth jq python3 sqlite3 time) ;;
    *)
        echo "usage: $0 build|test|templates|bench|dist|check-dist|images" >&2
        exit 64
        ;;
esac

missing=()
for package in "${wanted[@]}"; do
    dpkg-query --show --showformat='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
        missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "outlast: these packages are missing, and there is no apt-get to install them: ${missing[*]}" >&2
    exit 1
fi
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
# The packages may bring services along, which nobody has asked to run.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 0755 "$policy"
fi
echo "outlast: installing ${missing[*]} by ${as_root[*]:+sudo }apt-get"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
