#!/bin/sh
# A job with a token that ends too soon, against the rehearsal forge: preflight tells, the token is renewed, git pushes,
# the history knows. Usage: rehearsal.sh [FORGE]
set -eu

forge=${1:-http://127.0.0.1:8480}
control() { curl --silent --show-error --fail "$forge/_sandbox/$1" --data "$2"; }
show() {
    printf '\n$ %s\n' "$*"
    "$@" || printf '(exit %d)\n' "$?"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
# A rehearsal's key may lie beside its state. A real one never does: whoever has both has the tokens.
key=$(dirname "$OUTLAST_STATE")/rehearsal-key
[ -s "$key" ] || (umask 077 && outlast key generate >"$key")

control gitlab/oauth-clients '{"client_id":"rehearsal","client_secret":"rehearsal-secret"}' >/dev/null
control gitlab/oauth-grants '{"client_id":"rehearsal","expires_in":5}' >made
RELEASE_TOKEN=$(jq -r .access_token made) RELEASE_REFRESH=$(jq -r .refresh_token made) CLIENT_SECRET=rehearsal-secret
export RELEASE_TOKEN RELEASE_REFRESH CLIENT_SECRET
cat >outlast.yml <<END
version: 1
credentials:
  release:
    forge: gitlab
    api_url: $forge/api/v4
    token: {env: RELEASE_TOKEN}
    renew:
      method: oauth2
      token_url: $forge/oauth/token
      client_id: rehearsal
      client_secret: {env: CLIENT_SECRET}
      refresh_token: {env: RELEASE_REFRESH}
END
export OUTLAST_CONFIG="$scratch/outlast.yml" OUTLAST_KEY_FILE="$key"
export GIT_AUTHOR_NAME=rehearsal GIT_AUTHOR_EMAIL=rehearsal@example.invalid
export GIT_COMMITTER_NAME=rehearsal GIT_COMMITTER_EMAIL=rehearsal@example.invalid

job="rehearsal-$(date +%s)"
outlast record start --project group/app --job release --run "$job"
show outlast preflight --credential release --duration 2h
echo
echo 'The build works for six seconds; its token ends after five.'
sleep 6
eval "$(outlast credential env)"
git init --quiet --initial-branch main work
cd work
date >built
git add built
git commit --quiet --message 'A build'
echo
echo '$ git push'
git push --quiet --force "$forge/group/app.git" main
outlast record finish --project group/app --job release --run "$job" --status success
show outlast history rotations
show outlast history jobs --limit 3
