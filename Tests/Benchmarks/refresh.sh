#!/usr/bin/env bash
# What `refresh` costs beside the exchange with the forge: a GitHub App's token minted by outlast (journal, sealing and
# all its fsyncs included, and the new token proved) and by a shell script with openssl and curl, which writes the token
# to a file and keeps nothing else. Both talk to a forge on loopback and take turns.
# Usage: refresh.sh OUTLAST SANDBOX [ROUNDS [RUNS]]
set -euo pipefail

outlast=$(realpath "$1") sandbox=$(realpath "$2")
rounds=${3:-10} runs=${4:-20}
goal=0.5
# shellcheck source=Tests/Benchmarks/bench.sh
. "$(dirname "$0")/bench.sh"

make_app() {
    openssl genrsa -traditional -out "$scratch/app.pem" 2048 2>"$scratch/openssl.log" ||
        fail "openssl: $(cat "$scratch/openssl.log")"
    local key
    key=$(awk '{ printf "%s\\n", $0 }' "$scratch/app.pem")
    app=$(curl -fsS "$url/_sandbox/github/apps" -d "{\"slug\":\"builder\",\"key\":\"$key\"}" |
        sed -n 's/^{"id":\([0-9]*\),.*/\1/p')
    [ -n "$app" ] || fail 'the sandbox made no app'
    curl -fsS "$url/_sandbox/github/installations" \
        -d "{\"app_id\":$app,\"account\":\"octo-org\",\"permissions\":{\"contents\":\"write\"}}" >/dev/null
}

# The peer: what people paste into their pipelines.
write_peer() {
    cat >"$scratch/mint.sh" <<SH
#!/bin/sh
set -eu
b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
now=\$(date +%s)
head=\$(printf '{"alg":"RS256","typ":"JWT"}' | b64)
body=\$(printf '{"iat":%d,"exp":%d,"iss":"%s"}' \$((now - 60)) \$((now + 540)) $app | b64)
sign=\$(printf '%s.%s' "\$head" "\$body" | openssl dgst -sha256 -sign $scratch/app.pem -binary | b64)
jwt=\$head.\$body.\$sign
ask() { curl -fsS -H "Authorization: Bearer \$jwt" -H 'Accept: application/vnd.github+json' "\$@"; }
id=\$(ask $url/github/repos/octo-org/app/installation | sed -n 's/^{"id":\([0-9]*\).*/\1/p;s/.*"id": *\([0-9]*\),.*/\1/p' | head -n 1)
umask 077
ask -X POST $url/github/app/installations/\$id/access_tokens | sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' >$scratch/token
[ -s $scratch/token ]
SH
    chmod +x "$scratch/mint.sh"
}

write_configuration() {
    OUTLAST_KEY=$(openssl rand -base64 32)
    export OUTLAST_KEY OUTLAST_STATE=$scratch/state/state.db
    cat >"$scratch/outlast.yml" <<YAML
version: 1
credentials:
  app:
    forge: github
    api_url: $url/github
    renew:
      method: github-app
      app_id: $app
      private_key: {file: $scratch/app.pem}
      repository: octo-org/app
YAML
}

medians() {
    hyperfine -N --style none --warmup 2 --runs "$runs" --export-csv "$scratch/times.csv" "$@" \
        >/dev/null 2>"$scratch/hyperfine.log" || fail "hyperfine: $(cat "$scratch/hyperfine.log")"
    awk -F, 'NR > 1 { printf "%.3f\n", $(NF - 4) * 1000 }' "$scratch/times.csv"
}

enter_clean_room
start_forge
url=http://127.0.0.1:$port
make_app
write_peer
write_configuration
ours="$outlast refresh --config $scratch/outlast.yml --credential app --force --json"
theirs=$scratch/mint.sh
$ours | grep -q '"outcome":"renewed"' || fail 'outlast did not renew'
"$theirs" || fail 'the script did not mint'

echo "$(nproc) processors ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)), $(uname -sr)," \
    "state on $(stat -f -c %T "$scratch"); $rounds rounds of $runs runs each"
printf '%-7s %12s %15s %8s\n' round refresh 'openssl + curl' ratio
for round in $(seq "$rounds"); do
    if ((round % 2)); then
        pair=$(medians "$ours" "$theirs")
        { read -r a && read -r b; } <<<"$pair"
    else
        pair=$(medians "$theirs" "$ours")
        { read -r b && read -r a; } <<<"$pair"
    fi
    ratio=$(awk "BEGIN { printf \"%.3f\", $a / $b }")
    echo "$a $b $ratio" >>"$scratch/rounds"
    printf '%-7s %9.2f ms %12.2f ms %8.2f\n' "$round" "$a" "$b" "$ratio"
done
printf '%-7s %9.2f ms %12.2f ms %8.2f   (medians; goal %s)\n' all "$(cut -d ' ' -f 1 "$scratch/rounds" | median)" \
    "$(cut -d ' ' -f 2 "$scratch/rounds" | median)" "$(cut -d ' ' -f 3 "$scratch/rounds" | median)" "$goal"
