#!/bin/sh -xe
# The settings that make outlast git's only credential helper, as NAME=value lines: every `sh` step is a shell of its own.
[ "${OUTLAST_GIT_HELPER:-true}" = true ] || exit 0
if [ -n "${OUTLAST_TOKEN_VARIABLE:-}" ]; then
    eval "$("${OUTLAST_PROGRAM:-outlast}" credential env --token-env "$OUTLAST_TOKEN_VARIABLE")"
elif [ -n "${OUTLAST_CONFIG:-}" ] || [ -e .outlast.yml ]; then
    eval "$("${OUTLAST_PROGRAM:-outlast}" credential env)"
else
    exit 0
fi
env | grep -E '^(GIT_CONFIG_(COUNT|KEY_[0-9]+|VALUE_[0-9]+)|GIT_TERMINAL_PROMPT|GCM_INTERACTIVE)='
