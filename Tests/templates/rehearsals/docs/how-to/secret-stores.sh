# shellcheck shell=bash disable=SC2154
# Programs that keep what they are told, and write down what they and everybody else were started with.
cat >stubs/vault <<'END'
#!/bin/sh
cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >>"$HOME/arguments"
echo "$0 $*" >>"$HOME/calls"
case "$*" in
"kv patch -mount=secret ci/release token=-") cat >"$HOME/kept" ;;
"kv get -mount=secret -field=token ci/release") cat "$HOME/kept" ;;
"read -field=token github/token permissions=contents=write") cat "$HOME/kept" ;;
*) exit 2 ;;
esac
END
cat >stubs/aws <<'END'
#!/bin/sh
cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >>"$HOME/arguments"
echo "$0 $*" >>"$HOME/calls"
case "$*" in
"secretsmanager put-secret-value --secret-id ci/release --secret-string file:///dev/stdin") cat /dev/stdin >"$HOME/kept" ;;
"secretsmanager get-secret-value --secret-id ci/release --query SecretString --output text") cat "$HOME/kept"; echo ;;
*) exit 2 ;;
esac
END
cat >stubs/kubectl <<'END'
#!/bin/sh
cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >>"$HOME/arguments"
echo "$0 $*" >>"$HOME/calls"
case "$*" in
"create secret generic release-token --from-file=token=/dev/stdin --dry-run=client -o yaml")
    printf 'data:\n  token: %s\n' "$(base64 -w 0 </dev/stdin)" ;;
"apply --server-side --force-conflicts -f -") sed -n 's/^  token: //p' | base64 -d >"$HOME/kept" ;;
"get secret release-token -o go-template={{.data.token | base64decode}}") cat "$HOME/kept" ;;
*) exit 2 ;;
esac
END
chmod +x stubs/*
begin() { new gitlab/tokens '{"kind":"project","scopes":["api"],"expires_at":"2099-01-01"}'; made token >kept; rm -rf state/* arguments calls; }
# The store has another token than before, which lives; the program was called; no token was an argument of any process.
carried() {
    grep -q "$1" calls
    if grep -qF -e "$(made token)" -e "$(cat kept)" arguments; then return 1; fi
    [ "$(cat kept)" != "$(made token)" ]
    [ "$(wc -c <kept)" = "$(tr -d '\n' <kept | wc -c)" ]
    curl -sSf -H "PRIVATE-TOKEN: $(cat kept)" "$S/api/v4/user" >user
}
export OUTLAST_CONFIG=$PWD/outlast.yml
begin
