#!/usr/bin/env bash
# Runs the executable without an interpreter in a root that holds it, /proc and at most a file or two, and nothing else:
# preflight against the rehearsal forge by address and by name, with a state, and over TLS with a CA file. Wants root.
# Usage: check-static.sh EXECUTABLE SANDBOX
set -euo pipefail

# A name space of its own, so that what is mounted and listens here ends with it.
if [ -z "${OUTLAST_INSIDE:-}" ]; then
    exec env OUTLAST_INSIDE=1 unshare --mount --net --pid --fork --mount-proc "$0" "$@"
fi
executable=$1 sandbox=$2
scratch=$(mktemp -d)
cleanup() {
    umount "$scratch/root/proc" || true
    # shellcheck disable=SC2046 # One number each.
    kill $(jobs -p) 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT
fail() {
    echo "check-static.sh: $*" >&2
    exit 1
}
ok() { printf 'ok    %s\n' "$*"; }
ip link set lo up

root=$scratch/root
mkdir -p "$root/proc" "$root/etc"
install -m 755 "$executable" "$root/outlast"
mount -t proc proc "$root/proc"
! readelf --program-headers --wide "$executable" | grep -q INTERP || fail 'it has an interpreter'
readelf --file-header "$executable" | grep -q 'Type: *DYN' || fail 'it lies at fixed addresses'

"$sandbox" serve --port-file "$scratch/port" >"$scratch/sandbox.log" 2>&1 &
for _ in $(seq 600); do
    [ ! -s "$scratch/port" ] || break
    sleep 0.1
done
port=$(cat "$scratch/port")
control() { curl --silent --fail --noproxy '*' "http://127.0.0.1:$port/_sandbox/$1" --data "$2"; }
control gitlab/oauth-clients '{"client_id":"c","client_secret":"s"}' >/dev/null
token=$(control gitlab/oauth-grants '{"client_id":"c","expires_in":600}' | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')

expect() { # CODE WHAT DURATION API-URL [VARIABLE…]
    local wanted=$1 what=$2 duration=$3 url=$4 code=0
    shift 4
    # What it remembers of the forge must not answer for it.
    rm -rf "$root/state"
    env -i RELEASE_TOKEN="$token" OUTLAST_STATE=/state/state.db "$@" "$(command -v chroot)" "$root" /outlast preflight --strict \
        --fresh --token-env RELEASE_TOKEN --forge gitlab --allow-insecure-http --api-url "$url/api/v4" --duration "$duration" \
        >"$scratch/answer" 2>&1 || code=$?
    [ "$code" -eq "$wanted" ] || fail "$what: ends with $code, not $wanted: $(cat "$scratch/answer")"
    [ -s "$root/state/state.db" ] || fail "$what: it has left no state"
    ok "alone in a root, $what: $code"
}
expect 0 'by address' 1m "http://127.0.0.1:$port"
expect 10 'a token that ends too soon' 1h "http://127.0.0.1:$port"

echo '127.0.0.1 forge.example.test' >"$root/etc/hosts"
expect 0 'by a name of /etc/hosts' 1m "http://forge.example.test:$port"
# What a desktop's file asks for is not there: it must not stop the others.
echo 'hosts: mymachines resolve [!UNAVAIL=return] files mdns4_minimal [NOTFOUND=return] dns myhostname' >"$root/etc/nsswitch.conf"
expect 0 'by name, where nsswitch.conf names modules that are not there' 1m "http://forge.example.test:$port"
rm "$root/etc/hosts" "$root/etc/nsswitch.conf"
expect 69 'a name that nobody knows' 1m "http://forge.example.test:$port"

# A name server that knows one name.
python3 - <<'END' &
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    query, who = server.recvfrom(512)
    name, end = [], 12
    while query[end]:
        name.append(query[end + 1:end + 1 + query[end]]); end += query[end] + 1
    known = b".".join(name) == b"forge.example.test"
    found = known and query[end + 1:end + 3] == b"\0\1"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if found else b""
    head = query[:2] + (b"\x81\x80" if known else b"\x81\x83") + b"\0\1" + (b"\0\1" if found else b"\0\0") + b"\0\0\0\0"
    server.sendto(head + query[12:end + 5] + answer, who)
END
sleep 1
echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
expect 0 'by a name from DNS' 1m "http://forge.example.test:$port"

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/key" -out "$scratch/ca.pem" -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null
openssl s_server -accept 18443 -key "$scratch/key" -cert "$scratch/ca.pem" -www >/dev/null 2>&1 &
sleep 1
expect 78 'TLS without certificates' 1m https://127.0.0.1:18443
cp "$scratch/ca.pem" "$root/ca.pem"
# The page that this server sends is no forge's answer: it is read, so the certificate was accepted.
expect 69 'TLS with a CA file' 1m https://127.0.0.1:18443 SSL_CERT_FILE=/ca.pem
grep -q 'answered 200' "$scratch/answer" || fail "TLS: $(cat "$scratch/answer")"
