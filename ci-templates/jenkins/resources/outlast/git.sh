#!/bin/sh -xe
# The settings that make outlast git's only credential helper, as NAME=value lines: every `sh` step is a shell of its own.
[ "${OUTLAST_GIT_HELPER:-true}" != false ] || exit 0
set -- credential env
if [ -n "${OUTLAST_TOKEN_VARIABLE:-}" ]; then
    set -- "$@" --token-env "$OUTLAST_TOKEN_VARIABLE"
    [ -z "${OUTLAST_FORGE:-}" ] || set -- "$@" --forge "$OUTLAST_FORGE"
    [ -z "${OUTLAST_API_URL:-}" ] || set -- "$@" --api-url "$OUTLAST_API_URL"
elif [ -z "${OUTLAST_CONFIG:-}" ] && [ ! -e .outlast.yml ]; then
    exit 0
fi
eval "$("${OUTLAST_PROGRAM:-outlast}" "$@")"
env | grep -E '^(GIT_CONFIG_(COUNT|KEY_[0-9]+|VALUE_[0-9]+)|GIT_TERMINAL_PROMPT|GCM_INTERACTIVE)='
