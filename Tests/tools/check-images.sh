#!/usr/bin/env bash
# Builds the images from what dist.sh has packed, on a Debian made by debootstrap, and runs them against the rehearsal
# forge. There is no registry in it, so the stage that compiles is left out: the archive stands in its place.
# Usage: check-images.sh DIST-FOLDER SANDBOX BASE-FOLDER    (BASE-FOLDER is filled when it is not there)
set -euo pipefail

folder=$1 sandbox=$2 base=$3
export BUILDAH_ISOLATION=chroot
scratch=$(mktemp -d)
sandbox_pid=
cleanup() {
    b umount --all >/dev/null 2>&1 || true
    b rm --all >/dev/null 2>&1 || true
    if [ -n "$sandbox_pid" ]; then
        kill "$sandbox_pid" 2>/dev/null || true
        wait "$sandbox_pid" 2>/dev/null || true
    fi
    # The images lie in a store of their own, so that others of the machine are not touched.
    rm -rf "$scratch"
}
trap cleanup EXIT
fail() {
    echo "check-images.sh: $*" >&2
    exit 1
}
ok() { printf 'ok    %s\n' "$*"; }
b() { buildah --storage-driver vfs --root "$scratch/store" --runroot "$scratch/run" "$@"; }

if [ ! -e "$base/.complete" ]; then
    rm -rf "$base"
    debootstrap --variant=minbase bookworm "$base" http://deb.debian.org/debian >"$scratch/log" 2>&1 ||
        fail "debootstrap: $(tail -3 "$scratch/log")"
    touch "$base/.complete"
fi
image() { # NAME FOLDER PLACE
    local container
    container=$(b from scratch)
    b add --quiet "$container" "$2" "$3" >/dev/null
    b commit --quiet --rm "$container" "$1" >/dev/null
}
image localhost/base:1 "$base" /
mkdir -p "$scratch/packed/static"
tar --extract --gzip --file "$folder/outlast-"*"-$(uname -m).tar.gz" --directory "$scratch/packed" --strip-components 1
tar --extract --gzip --file "$folder"/outlast-*-static.tar.gz --directory "$scratch/packed/static" --strip-components 1
image localhost/packed:1 "$scratch/packed" /packed

# What may get near an image.
context=$scratch/context
mkdir -p "$context"/{.git,.build,Sources,Tests,docker,dist}
cp .dockerignore "$context/"
for file in Makefile Package.swift Package.resolved Sources/a Tests/a docker/rehearsal.sh .git/config .env .build/a key.pem dist/a docker/key; do
    echo canary >"$context/$file"
done
printf 'FROM scratch\nCOPY . /all/\n' >"$scratch/Dockerfile"
b bud --quiet --file "$scratch/Dockerfile" --tag localhost/context:1 "$context" >/dev/null
container=$(b from localhost/context:1)
mounted=$(b mount "$container")
found=$(cd "$mounted/all" && find . -type f -printf '%P\n' | LC_ALL=C sort | tr '\n' ' ')
b rm "$container" >/dev/null
[ "$found" = 'Makefile Package.resolved Package.swift Sources/a Tests/a docker/rehearsal.sh ' ] || fail "the context has $found"
ok "the context of a build holds no repository, no build and no stray file"

"$sandbox" serve --port-file "$scratch/port" >"$scratch/sandbox.log" 2>&1 &
sandbox_pid=$!
for _ in $(seq 600); do
    [ ! -s "$scratch/port" ] || break
    sleep 0.1
done
forge=http://127.0.0.1:$(cat "$scratch/port")
token=$(curl --silent --fail "$forge/_sandbox/gitlab/oauth-clients" --data '{"client_id":"c","client_secret":"s"}' >/dev/null &&
    curl --silent --fail "$forge/_sandbox/gitlab/oauth-grants" --data '{"client_id":"c","expires_in":600}' |
    sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
[ -n "$token" ] || fail 'the rehearsal forge gave no token'

for target in slim bare; do
    b bud --quiet --build-arg BASE=localhost/base:1 --build-arg PROGRAM=localhost/packed:1 --target "$target" \
        --tag "localhost/outlast:$target" --file docker/Dockerfile . >"$scratch/log" 2>&1 ||
        fail "$target is not built: $(tail -5 "$scratch/log")"
    user=$(b inspect --type image --format '{{.OCIv1.Config.User}}' "localhost/outlast:$target")
    volumes=$(b inspect --type image --format '{{.OCIv1.Config.Volumes}}' "localhost/outlast:$target")
    [ "$user" = 65532:65532 ] || fail "$target runs as '$user'"
    [ "$volumes" = 'map[/var/lib/outlast:{}]' ] || fail "$target has the volumes $volumes"

    container=$(b from "localhost/outlast:$target")
    mounted=$(b mount "$container")
    owner=$(stat --format '%u:%g %a' "$mounted/var/lib/outlast")
    # Looked at before anything runs: that leaves files of its own.
    if [ "$target" = bare ]; then
        others=$(cd "$mounted" && find . -type f -perm /111 ! -path './usr/local/bin/outlast' ! -name '*.so*' -printf '%P ')
        [ -z "$others" ] || fail "bare has other programs: $others"
        [ -s "$mounted/etc/ssl/certs/ca-certificates.crt" ] || fail 'bare has no certificates'
    else
        b run "$container" -- git --version >/dev/null || fail 'slim has no git'
    fi
    run() { b run --env RELEASE_TOKEN="$token" --env OUTLAST_STATE=/var/lib/outlast/state.db "$container" -- /usr/local/bin/outlast "$@"; }
    code=0
    run preflight --token-env RELEASE_TOKEN --forge gitlab --api-url "$forge/api/v4" --duration 1m \
        >"$scratch/answer" 2>&1 || code=$?
    [ "$code" -eq 0 ] || fail "$target: preflight ends with $code: $(cat "$scratch/answer")"
    code=0
    run preflight --token-env RELEASE_TOKEN --forge gitlab --api-url "$forge/api/v4" --duration 1h --strict \
        >"$scratch/answer" 2>&1 || code=$?
    [ "$code" -eq 10 ] || fail "$target: preflight ends with $code, not 10: $(cat "$scratch/answer")"
    # Names are resolved by the C library that came along.
    code=0
    run preflight --token-env RELEASE_TOKEN --forge gitlab --allow-insecure-http --fresh \
        --api-url "${forge/127.0.0.1/localhost}/api/v4" --duration 1m >"$scratch/answer" 2>&1 || code=$?
    [ "$code" -eq 0 ] || fail "$target: by name, preflight ends with $code: $(cat "$scratch/answer")"
    # An image is read by anybody who may pull it.
    ! grep --recursive --binary-files=text --quiet --fixed-strings "$token" "$mounted" || fail "$target keeps the token"
    b rm "$container" >/dev/null
    ok "$target: user $user, state $owner, preflight answers 0 and 10 against the forge"
done

# An image on musl, such as Alpine, with the static executable in it: programs of either C library start the other's.
b bud --quiet --build-arg PROGRAM=localhost/packed:1 --target static --tag localhost/outlast:static --file docker/Dockerfile . \
    >"$scratch/log" 2>&1 || fail "static is not built: $(tail -5 "$scratch/log")"
container=$(b from localhost/outlast:static)
mounted=$(b mount "$container")
mkdir -p "$mounted/lib"
cat >"$scratch/probe.c" <<'END'
#include <stdio.h>
#include <unistd.h>
int main(int count, char **words) {
    if (count == 1) return puts("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef") < 0;
    return execv(words[1], words + 1);
}
END
musl-gcc -o "$mounted/probe" "$scratch/probe.c"
interpreter=$(readelf --program-headers --wide "$mounted/probe" | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
cp --dereference "$interpreter" "$mounted$interpreter"
# The one starts the program, which asks the other for the key.
answer=$(b run --env OUTLAST_STATE=/state/state.db --env OUTLAST_KEY_COMMAND=/probe "$container" -- \
    /probe /outlast key check 2>&1) || fail "beside musl: $answer"
ok 'beside musl: a program of musl starts outlast, and outlast one of musl'
