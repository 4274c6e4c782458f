#!/usr/bin/env bash
# Starts or stops canaille, an OAuth2 server that nobody here wrote, on a free loopback port, with one user and one client.
# Usage: canaille.sh start FOLDER   prints the issuer; the folder must not be there yet
#        canaille.sh stop FOLDER    ends the server and removes the folder
# OUTLAST_TEST_VENV names the Python environment that has canaille (`make test` makes it).
# Known to the tests: client `outlast` with secret `client-secret`, user `dev` with password `correct-horse`.
set -euo pipefail

[ $# -eq 2 ] || {
    echo "usage: $0 start|stop FOLDER" >&2
    exit 64
}
folder=$2
bin="${OUTLAST_TEST_VENV:?run the tests by: make test}/bin"
export CANAILLE_CONFIG="$folder/canaille.toml"

log() { echo "canaille.sh: $*" >&2; }

configure() {
    local port=$1 key
    key=$("$bin/canaille" jwk create rsa 2>>"$folder/log" | tail -n 1)
    "$bin/python" - "$folder" "$port" "$key" >"$CANAILLE_CONFIG" <<'PYTHON'
import json, sys
folder, port, key = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
jwk = ", ".join(f"{name} = {json.dumps(value)}" for name, value in key.items())
print(f'''SECRET_KEY = "for tests alone"
SERVER_NAME = "127.0.0.1:{port}"
PREFERRED_URL_SCHEME = "http"
[CANAILLE]
DATABASE = "sql"
[CANAILLE_SQL]
DATABASE_URI = "sqlite:///{folder}/canaille.sqlite"
[CANAILLE_OIDC]
ACTIVE_JWKS = [{{{jwk}}}]''')
PYTHON
}

populate() {
    "$bin/canaille" db upgrade
    "$bin/canaille" create user --user-name dev --password correct-horse --family-name Dev --emails dev@example.com
    "$bin/canaille" create client --client-id outlast --client-secret client-secret --client-name outlast \
        --grant-types client_credentials --grant-types password --grant-types refresh_token \
        --scope "openid profile" --token-endpoint-auth-method client_secret_basic \
        --redirect-uris http://127.0.0.1/callback
}

start() {
    mkdir -m 0700 "$folder"
    local port issuer
    port=$("$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    issuer="http://127.0.0.1:$port"
    configure "$port"
    (cd "$folder" && populate) >>"$folder/log" 2>&1 || {
        log "cannot fill the database:" && tail -n 5 "$folder/log" >&2
        return 1
    }
    cd "$folder"
    setsid "$bin/canaille" run --bind "127.0.0.1:$port" </dev/null >>"$folder/log" 2>&1 &
    echo $! >"$folder/pid"
    for _ in $(seq 150); do
        if "$bin/python" -c "import urllib.request as r; r.urlopen('$issuer/.well-known/openid-configuration', timeout=5)" \
            2>/dev/null; then
            echo "$issuer"
            return 0
        fi
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
        sleep 0.2
    done
    log "the server did not start:" && tail -n 5 "$folder/log" >&2
    stop
    return 1
}

stop() {
    if [ -s "$folder/pid" ]; then
        # Its own session: the workers end with it.
        kill -- "-$(cat "$folder/pid")" 2>/dev/null || true
    fi
    rm -rf "$folder"
}

case "$1" in
    start) start ;;
    stop) stop ;;
    *) log "unknown: $1" && exit 64 ;;
esac
