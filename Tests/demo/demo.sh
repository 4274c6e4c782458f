#!/usr/bin/env bash
# The main job, for real: a forge on loopback, a git repository, five recorded builds, and then a build that takes longer
# than its token lives, once unprepared and once renewed in the middle. Nothing leaves this machine, and all of it lies in one temporary folder.
# Usage: demo.sh FOLDER-OF-THE-EXECUTABLES
set -euo pipefail

bin=$1
outlast=$bin/outlast
scratch=$(mktemp -d)
sandbox_pid=
cleanup() {
    [ -z "$sandbox_pid" ] || kill "$sandbox_pid" 2>/dev/null || true
    [ -z "$sandbox_pid" ] || wait "$sandbox_pid" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
show() {
    printf '$ %s\n' "${*//$outlast/outlast}"
    local code=0
    "$@" || code=$?
    [ "$code" -eq 0 ] || printf '(exit %d)\n' "$code"
    return 0
}

# One request to the sandbox's control API, with nothing but bash.
control() {
    local path=$1 body=$2 answer
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'POST /_sandbox/%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
        "$path" "$port" "${#body}" "$body" >&3
    answer=$(cat <&3)
    exec 3>&-
    printf '%s' "$answer"
}
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }

# The demo is a job of its own: nothing of this machine's configuration, state or CI takes part.
for name in $(compgen -e); do
    case $name in
        CI | CI_* | GITLAB_* | GITHUB_* | RUNNER_* | JENKINS_* | BUILD_* | JOB_* | OUTLAST_* | TF_BUILD | *_proxy | *_PROXY | GIT_*) unset "$name" ;;
    esac
done
export HOME=$scratch/home GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 LC_ALL=C
export GIT_AUTHOR_NAME=demo GIT_AUTHOR_EMAIL=demo@example.invalid
export GIT_COMMITTER_NAME=demo GIT_COMMITTER_EMAIL=demo@example.invalid
mkdir -p "$HOME" && cd "$scratch"

say '1. A forge on loopback, with a private project'
"$bin/outlast-sandbox" serve --port-file "$scratch/port" >"$scratch/sandbox.log" 2>&1 &
sandbox_pid=$!
for _ in $(seq 100); do
    [ ! -s "$scratch/port" ] || break
    kill -0 "$sandbox_pid" 2>/dev/null || { cat "$scratch/sandbox.log" >&2; exit 1; }
    sleep 0.1
done
port=$(cat "$scratch/port")
echo "http://127.0.0.1:$port, GitLab's API under /api/v4, project group/app"

# What a GitLab runner would say about this job.
export GITLAB_CI=true CI_API_V4_URL=http://127.0.0.1:$port/api/v4 CI_SERVER_URL=http://127.0.0.1:$port
export CI_SERVER_HOST=127.0.0.1 CI_PROJECT_PATH=group/app CI_JOB_NAME=release CI_PROJECT_DIR=$scratch/work
export OUTLAST_STATE=$scratch/state/state.db

control gitlab/oauth-clients '{"client_id":"demo","client_secret":"demo-secret"}' >/dev/null
grant() { control gitlab/oauth-grants "{\"client_id\":\"demo\",\"expires_in\":$1}" | field access_token; }

build() {
    local token=$1 folder=$2
    git clone -q "http://oauth2:$token@127.0.0.1:$port/group/app.git" "$folder" 2>/dev/null || return
    date >"$folder/built" && git -C "$folder" add built && git -C "$folder" commit -qm "Build $folder"
    sleep 3
    git -C "$folder" push -q origin HEAD:main
}

say '2. Five builds, so that outlast knows how long this job takes'
long=$(grant 7200)
for number in 1 2 3 4 5; do
    export CI_JOB_ID=10$number CI_JOB_STARTED_AT=
    "$outlast" record start
    build "$long" "build-$number"
    "$outlast" record finish --status success
done
show "$outlast" history jobs

say '3. The sixth build gets a token that dies in 3 seconds. Is that enough?'
export CI_JOB_ID=106
RELEASE_TOKEN=$(grant 3)
export RELEASE_TOKEN
"$outlast" record start
show "$outlast" preflight --token-env RELEASE_TOKEN --margin 0
show "$outlast" preflight --token-env RELEASE_TOKEN --margin 0 --json

say '4. Nobody listened: the build runs, and its push dies at the end'
if build "$RELEASE_TOKEN" build-6; then
    echo 'the push went through, which it should not have' >&2
    exit 1
fi
"$outlast" record finish --status failed
show "$outlast" preflight --token-env RELEASE_TOKEN --margin 0 --fresh

say '5. The seventh build renews in the middle: same kind of token, and the push goes through'
pair=$(control gitlab/oauth-grants '{"client_id":"demo","expires_in":3}')
RELEASE_TOKEN=$(field access_token <<<"$pair") RELEASE_REFRESH=$(field refresh_token <<<"$pair")
export RELEASE_TOKEN RELEASE_REFRESH DEMO_SECRET=demo-secret CI_JOB_ID=107
OUTLAST_KEY=$("$outlast" key generate)
export OUTLAST_KEY
cat >"$scratch/outlast.yml" <<YAML
version: 1
credentials:
  release:
    forge: gitlab
    api_url: $CI_API_V4_URL
    token: {env: RELEASE_TOKEN}
    renew:
      method: oauth2
      token_url: $CI_SERVER_URL/oauth/token
      client_id: demo
      client_secret: {env: DEMO_SECRET}
      refresh_token: {env: RELEASE_REFRESH}
YAML
"$outlast" record start
git clone -q "http://oauth2:$RELEASE_TOKEN@127.0.0.1:$port/group/app.git" build-7 2>/dev/null
date >build-7/built && git -C build-7 add built && git -C build-7 commit -qm 'Build build-7'
sleep 4
echo "\$ eval \"\$(outlast refresh --config outlast.yml --export shell)\""
eval "$("$outlast" refresh --config "$scratch/outlast.yml" --export shell)"
git -C build-7 push -q "http://oauth2:$RELEASE_TOKEN@127.0.0.1:$port/group/app.git" HEAD:main
echo 'pushed'
"$outlast" record finish --status success
show "$outlast" refresh --config "$scratch/outlast.yml"
show "$outlast" history rotations

say '6. What the history keeps (never a token, only its fingerprint)'
show "$outlast" history jobs --limit 3
show "$outlast" history tokens
show "$outlast" history events --limit 4
