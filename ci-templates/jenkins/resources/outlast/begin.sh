#!/bin/sh -xe
# The beginning of a build: it is recorded, and each credential judged.
: "${OUTLAST_PROGRAM:=outlast}"
"$OUTLAST_PROGRAM" record start
set -- preflight --on-insufficient "${OUTLAST_ON_INSUFFICIENT:-fail}"
[ -z "${OUTLAST_TOKEN_VARIABLE:-}" ] || set -- "$@" --token-env "$OUTLAST_TOKEN_VARIABLE"
[ -z "${OUTLAST_FORGE:-}" ] || set -- "$@" --forge "$OUTLAST_FORGE"
[ -z "${OUTLAST_API_URL:-}" ] || set -- "$@" --api-url "$OUTLAST_API_URL"
for name in ${OUTLAST_CREDENTIALS:-}; do set -- "$@" --credential "$name"; done
for scope in ${OUTLAST_NEEDS_SCOPES:-}; do set -- "$@" --needs-scope "$scope"; done
[ -z "${OUTLAST_DURATION:-}" ] || set -- "$@" --duration "$OUTLAST_DURATION"
[ -z "${OUTLAST_MARGIN:-}" ] || set -- "$@" --margin "$OUTLAST_MARGIN"
[ -z "${OUTLAST_MIN_REMAINING:-}" ] || set -- "$@" --min-remaining "$OUTLAST_MIN_REMAINING"
exec "$OUTLAST_PROGRAM" "$@"
