#!/usr/bin/env bash
# Records anew what git, ssh and git-lfs write on stderr in many situations, for the tests of diagnosis. Everything runs on
# loopback or without a network. Needs the Debian packages git, git-lfs, nginx-light, openssh-server, openssl, curl,
# tinyproxy, python3 and util-linux, the built outlast-sandbox, and root (for name spaces and sshd).
# Usage: record-samples.sh FOLDER-OF-PRODUCTS FOLDER-FOR-SAMPLES
set -euo pipefail

products=${1:?the folder of the built programs}
samples=${2:?the folder to write to}
mkdir -p "$samples"
dir=$(mktemp -d)
started=()
finish() {
    for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done
    rm -rf "$dir"
}
trap finish EXIT

port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
clean=(env -i "PATH=$PATH" "HOME=$dir/home" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C GIT_TERMINAL_PROMPT=0
    GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com)
mkdir -p "$dir/home"

echo 'file,situation,command,exit_code,class' >"$samples/index.csv"
# record NAME CLASS SITUATION COMMAND...: runs it in the work tree and keeps its stderr, with neutral names in it.
record() {
    local name=$1 class=$2 situation=$3 code=0
    shift 3
    (cd "$work" && "${clean[@]}" "${extra[@]}" timeout 60 "$@" </dev/null >/dev/null 2>"$dir/stderr") || code=$?
    [ "$code" -ne 0 ] || echo "record-samples: $name did not fail" >&2
    neutral <"$dir/stderr" >"$samples/$name.txt"
    printf '%s,"%s","%s",%s,%s\n' "$name.txt" "$situation" "$(neutral <<<"${*//\"/}" | tr '\n' ' ')" "$code" "$class" \
        >>"$samples/index.csv"
}
neutral() {
    sed -E -e "s#$dir#DIR#g" -e "s#127\.0\.0\.1:${sandbox_port:-none}#gitlab.example.com#g" \
        -e "s#127\.0\.0\.1:${web_port:-none}#git.example.com#g" -e 's#(://)[^/@ ]*@#\1#g' \
        -e 's#(glpat-|ghp_|ghs_)[A-Za-z0-9_.-]+#\1xxxxxxxxxxxxxxxxxxxx#g' -e 's#after [0-9]+ ms#after N ms#g' \
        -e 's#pid [0-9]+#pid N#g' -e 's#port [0-9]{4,5}#port N#g' -e 's#(localhost|127\.0\.0\.1\]?):[0-9]{4,5}#\1:N#g' \
        -e 's#[0-9.]+:53\b#192.0.2.53:53#g' -e 's#logs/[0-9T.]+log#logs/N.log#' -e "s#$(id -un)@127#git@127#g" \
        -e 's#SHA256:[A-Za-z0-9+/]{43}#SHA256:FINGERPRINT#g' -e 's#^(Author|Committer): .*##'
}
extra=()

# A repository with some history, and bare ones to push to.
work=$dir/work
quiet() { "${clean[@]}" git -C "$work" "$@" >/dev/null 2>&1; }
mkdir "$work"
quiet init -b main
head -c 300000 /dev/urandom >"$work/large"
quiet add .
quiet commit -m one
"${clean[@]}" git clone -q --bare "$work" "$dir/bare.git"

# --- refs, hooks, this machine ---
quiet commit --allow-empty -m two
quiet branch ahead
"${clean[@]}" git -C "$work" push -q "$dir/bare.git" ahead:main
quiet reset --hard HEAD~1
quiet commit --allow-empty -m other
record fetch-first non_fast_forward 'someone else pushed' git push "$dir/bare.git" main
quiet fetch "$dir/bare.git" main
record non-fast-forward non_fast_forward 'behind what was fetched' git push "$dir/bare.git" main
record stale-info non_fast_forward 'lease on an old value' \
    git push --force-with-lease=main:0000000000000000000000000000000000000001 "$dir/bare.git" main
quiet tag v1 HEAD~1
"${clean[@]}" git -C "$work" push -q "$dir/bare.git" v1
quiet tag -f v1 HEAD
record tag-exists non_fast_forward 'the tag is there already' git push "$dir/bare.git" v1
quiet reset --hard ahead
for hook in pre-receive update; do
    printf '#!/bin/sh\necho "GitLab: Commit message does not follow the pattern" >&2\nexit 1\n' >"$dir/bare.git/hooks/$hook"
    chmod +x "$dir/bare.git/hooks/$hook"
    record "hook-$hook" hook_declined "the $hook hook declines" git push "$dir/bare.git" "main:refs/heads/new-$hook"
    rm "$dir/bare.git/hooks/$hook"
done
printf '#!/bin/sh\ncat >&2 <<END\nerror: GH001: Large files detected. You may want to try Git Large File Storage.\nerror: File large is 120.00 MB; this exceeds the file size limit of 100.00 MB\nEND\nexit 1\n' \
    >"$dir/bare.git/hooks/pre-receive"
chmod +x "$dir/bare.git/hooks/pre-receive"
record hook-size size 'the hook finds a file too large' git push "$dir/bare.git" main:refs/heads/size
rm "$dir/bare.git/hooks/pre-receive"
printf '#!/bin/sh\necho "error: GH006: Protected branch update failed for refs/heads/main." >&2\nexit 1\n' \
    >"$dir/bare.git/hooks/pre-receive"
chmod +x "$dir/bare.git/hooks/pre-receive"
record hook-protected hook_declined 'a protected branch' git push "$dir/bare.git" main:refs/heads/protected
rm "$dir/bare.git/hooks/pre-receive"
"${clean[@]}" git -C "$dir/bare.git" config receive.denyDeletes true
record deny-delete hook_declined 'deletion is not allowed' git push "$dir/bare.git" :main
"${clean[@]}" git -C "$dir/bare.git" config receive.maxInputSize 1000
head -c 5000 /dev/urandom >"$work/more"
quiet add .
quiet commit -m more
record pack-limit size 'the pack exceeds receive.maxInputSize' git push "$dir/bare.git" "main:refs/heads/limit"
"${clean[@]}" git clone -q "$dir/bare.git" "$dir/checked"
"${clean[@]}" git -C "$dir/checked" checkout -q -B main
record checked-out hook_declined 'push to a branch that is checked out' git push "$dir/checked" main:main -f
record no-remote local 'no such remote' git push nowhere main
record no-path 'not_found|local' 'a path without a repository' git fetch "$dir/nothing.git"
record no-refspec local 'no such branch here' git push "$dir/bare.git" nonsense
record no-ref 'not_found|local' 'no such branch there' git fetch "$dir/bare.git" nonsense
record no-branch 'not_found|local' 'clone of a branch that is not there' git clone -b nonsense "$dir/bare.git" "$dir/c0"
record no-repository local 'not in a repository' git -C "$dir/home" fetch origin
mkdir -p "$dir/full"
record destination local 'the destination is there already' git clone "$dir/bare.git" "$dir/work"
touch "$work/.git/index.lock"
record index-lock local 'another git holds the index' git commit --allow-empty -a -m x
rm "$work/.git/index.lock"
record dubious local 'a repository of another user' \
    sh -c "cp -r $work $dir/theirs; chown -R nobody $dir/theirs; git -C $dir/theirs fetch origin"
record disk-full local 'no space on the device' unshare -m sh -c \
    "mount -t tmpfs -o size=200k none $dir/full && git clone file://$dir/bare.git $dir/full/c"
record disk-full-push 'server|local' 'no space on the device of the server' unshare -m sh -c \
    "mount -t tmpfs -o size=200k none $dir/full && git init -q --bare $dir/full/b.git && git push $dir/full/b.git main"
record file-limit local 'a limit on the size of files' sh -c "ulimit -f 100; git clone file://$dir/bare.git $dir/c1"
record scheme local 'a scheme that git does not know' git ls-remote htps://git.example.com/group/app.git
record transport local 'a transport that is not allowed' git -c protocol.file.allow=never ls-remote "$dir/bare.git"
record environment local 'GIT_CONFIG_COUNT without its keys' env GIT_CONFIG_COUNT=1 git ls-remote "$dir/bare.git"

# --- names and connections ---
closed=$(port)
record refused network 'nobody listens' git ls-remote "https://127.0.0.1:$closed/group/app.git"
record no-network dns 'no network, HTTPS' unshare -n git ls-remote https://git.example.invalid/group/app.git
record no-network-ssh dns 'no network, SSH' unshare -n git ls-remote ssh://git@git.example.invalid/group/app.git
record unreachable network 'no route' unshare -n git ls-remote https://192.0.2.1/group/app.git
record unreachable-ssh network 'no route, SSH' unshare -n git ls-remote ssh://git@192.0.2.1/group/app.git
record proxy-name 'proxy|dns' 'the proxy has no address' unshare -n sh -c \
    'ip link set lo up 2>/dev/null; git -c http.proxy=http://proxy.example.invalid:3128 ls-remote https://git.example.com/a.git'
# A server that says one thing to everybody.
cat >"$dir/say.py" <<'END'
import socket, sys
port, text = int(sys.argv[1]), sys.argv[2].encode().decode('unicode_escape').encode('latin-1')
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', port))
server.listen(8)
while True:
    peer, _ = server.accept()
    peer.settimeout(10)
    try:
        if text != b'wait': peer.recv(65536)
        if text == b'wait': continue_reading = peer.recv(1 << 20) and peer.recv(1 << 20)
        peer.sendall(text)
    except OSError:
        pass
    peer.close()
END
say() {
    local at
    at=$(port)
    python3 "$dir/say.py" "$at" "$1" &
    started+=($!)
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$at") 2>/dev/null && break
        sleep 0.05
    done
    said=$at
}
say 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\nContent-Length: 0\r\n\r\n'
record proxy-407 proxy 'the proxy wants a password' \
    git -c "http.proxy=http://127.0.0.1:$said" ls-remote https://git.example.com/group/app.git
record proxy-407-http proxy 'the proxy wants a password, without a tunnel' \
    git -c "http.proxy=http://127.0.0.1:$said" ls-remote http://git.example.com/group/app.git
say 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'
record proxy-403 proxy 'the proxy forbids the tunnel' \
    git -c "http.proxy=http://127.0.0.1:$said" ls-remote https://git.example.com/group/app.git
at=$(port)
printf 'Port %s\nListen 127.0.0.1\nBasicAuth job right\n' "$at" >"$dir/tinyproxy.conf"
tinyproxy -d -c "$dir/tinyproxy.conf" >/dev/null 2>&1 &
started+=($!)
for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$at") 2>/dev/null && break
    sleep 0.05
done
record proxy-login proxy 'tinyproxy wants a login, and gets none' \
    git -c "http.proxy=http://127.0.0.1:$at" ls-remote https://git.example.com/group/app.git
record proxy-login-wrong proxy 'tinyproxy wants a login, and gets a wrong one' \
    git -c "http.proxy=http://job:wrong@127.0.0.1:$at" ls-remote https://git.example.com/group/app.git
record proxy-login-http proxy 'tinyproxy wants a login for a request without a tunnel' \
    git -c "http.proxy=http://127.0.0.1:$at" ls-remote http://git.example.com/group/app.git
say ''
record empty network 'the server closes at once' git ls-remote "http://127.0.0.1:$said/group/app.git"
record not-tls tls 'not TLS' git ls-remote "https://127.0.0.1:$said/group/app.git"
say 'HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: 5000\r\n\r\n001e# service=git-upload-pack\n'
record cut network 'the answer ends early' git ls-remote "http://127.0.0.1:$said/group/app.git"
say 'HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: 10\r\n\r\nnot a pack'
record garbage server 'an answer that is not git' git ls-remote "http://127.0.0.1:$said/group/app.git"

# --- HTTP statuses and TLS, by nginx ---
web_port=$(port)
ssl=() && for _ in 1 2; do ssl+=("$(port)"); done
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/ca.key" -out "$dir/ca.pem" -days 30 -subj /CN=Test 2>/dev/null
issue() { # NAME HOST OPTIONS...
    openssl req -newkey rsa:2048 -nodes -keyout "$dir/$1.key" -out "$dir/$1.csr" -subj "/CN=$2" 2>/dev/null
    openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -out "$dir/$1.pem" \
        -extfile <(echo "subjectAltName=$3") "${@:4}" 2>/dev/null
}
issue other other.example.com DNS:other.example.com -days 30
# A certificate that has ended: `-days` takes no past, so its clock is set back.
issue old localhost DNS:localhost,IP:127.0.0.1 -days -1 || issue old localhost DNS:localhost -days 0
mkdir -p "$dir/web/logs"
{
    echo "daemon off; pid $dir/web/pid; error_log $dir/web/error.log; events {} http { access_log off;"
    for folder in body proxy fastcgi uwsgi scgi; do
        [ $folder = body ] && echo "client_body_temp_path $dir/web/body;" || echo "${folder}_temp_path $dir/web/$folder;"
    done
    echo "server { listen 127.0.0.1:$web_port;"
    for status in 401 403 404 410 413 429 500 502 503 504; do
        echo "location /$status/ { return $status 'status $status'; }"
    done
    echo "location /moved/ { return 302 http://127.0.0.1:$web_port/sign-in; }"
    echo "location /sign-in { default_type text/html; return 200 '<html>Sign in</html>'; }"
    lfs='default_type application/vnd.git-lfs+json'
    for status in 401 403 404 413 429 500 507; do
        echo "location /lfs/$status/ { $lfs; return $status '{}'; }"
    done
    echo "}"
    for kind in other:0 old:1; do
        echo "server { listen 127.0.0.1:${ssl[${kind#*:}]} ssl; ssl_certificate $dir/${kind%:*}.pem;"
        echo "ssl_certificate_key $dir/${kind%:*}.key; location / { return 404; } }"
    done
    echo "}"
} >"$dir/web/nginx.conf"
nginx -p "$dir/web" -c "$dir/web/nginx.conf" 2>/dev/null &
started+=($!)
for _ in $(seq 100); do curl -s "http://127.0.0.1:$web_port/404/" >/dev/null && break; sleep 0.1; done
web=http://x:glpat-xxxxxxxxxxxxxxxxxxxx@127.0.0.1:$web_port
for row in 401:auth_rejected 403:forbidden 404:not_found 410:not_found 413:size 429:rate_limited 500:server 502:server \
    503:server 504:server; do
    record "status-${row%:*}" "${row#*:}" "the server answers ${row%:*}" git ls-remote "$web/${row%:*}/app.git"
done
record redirect server 'a redirect to a sign-in page' git ls-remote "$web/moved/app.git"
record no-credential auth_missing 'no credential, no terminal' git ls-remote "http://127.0.0.1:$web_port/401/app.git"
record helper-nothing auth_missing 'a helper that gives nothing' \
    git -c 'credential.helper=!true' ls-remote "http://127.0.0.1:$web_port/401/app.git"
record helper-dead auth_missing 'a helper whose password has ended' git -c \
    'credential.helper=!f() { echo username=x; echo password_expiry_utc=1; }; f' \
    ls-remote "http://127.0.0.1:$web_port/401/app.git"
record extraheader-stale 'auth_missing|auth_rejected' 'a stale header and no helper' \
    git -c http.extraHeader='Authorization: Basic eDp4' ls-remote "http://127.0.0.1:$web_port/401/app.git"
record submodule auth_missing 'a submodule without a credential' sh -c "rm -rf $dir/super && git init -q $dir/super &&
    cd $dir/super && printf '[submodule \"s\"]\n path = s\n url = http://127.0.0.1:$web_port/401/s.git\n' >.gitmodules &&
    git add .gitmodules && git update-index --add --cacheinfo 160000,\$(git -C $work rev-parse HEAD),s &&
    git commit -q -m m && git submodule update --init"
for lang in de_DE fr_FR es_ES zh_CN; do
    extra=(LANGUAGE="${lang%_*}:$lang" LC_ALL=C.UTF-8 LANG="$lang.UTF-8")
    record "translated-${lang%_*}" auth_rejected "in the language of $lang" git ls-remote "$web/401/app.git"
    extra=()
done
record wrong-ca tls 'a CA that is not trusted' git ls-remote "https://127.0.0.1:${ssl[1]}/app.git"
record wrong-name tls 'a certificate for another host' \
    git -c "http.sslCAInfo=$dir/ca.pem" ls-remote "https://localhost:${ssl[0]}/app.git"
record expired-certificate tls 'a certificate that has ended' \
    git -c "http.sslCAInfo=$dir/ca.pem" ls-remote "https://localhost:${ssl[1]}/app.git"
record missing-ca tls 'no such CA file' \
    git -c "http.sslCAInfo=$dir/none.pem" ls-remote "https://localhost:${ssl[1]}/app.git"
# --- git-lfs ---
if command -v git-lfs >/dev/null; then
    quiet lfs install --local
    quiet lfs track '*.bin'
    head -c 1000 /dev/urandom >"$work/a.bin"
    quiet add .
    quiet commit -m lfs
    for row in 401:auth_rejected 403:forbidden 404:not_found '413:size|server' 429:rate_limited 500:server; do
        extra=(GIT_LFS_SKIP_SMUDGE=1)
        record "lfs-${row%:*}" "${row#*:}" "the LFS server answers ${row%:*}" git \
            -c "lfs.url=http://x:bad@127.0.0.1:$web_port/lfs/${row%:*}" -c lfs.locksverify=false \
            -c lfs.transfer.maxretries=1 lfs push --all "$web/404/app.git"
        extra=()
    done
    record lfs-dns dns 'the LFS server has no address' unshare -n git -c lfs.locksverify=false \
        -c lfs.url=https://git.example.invalid/lfs lfs push --all "$dir/bare.git"
    record lfs-refused network 'nobody listens for LFS' git -c lfs.locksverify=false \
        -c "lfs.url=http://127.0.0.1:$closed/lfs" lfs push --all "$dir/bare.git"
    quiet reset --hard HEAD~1
fi

# --- forges' words, by the sandbox ---
"$products/outlast-sandbox" serve --clock 2026-11-20T22:10:00Z --freeze --port-file "$dir/port" >/dev/null 2>&1 &
started+=($!)
for _ in $(seq 200); do [ -s "$dir/port" ] && break; sleep 0.1; done
sandbox_port=$(cat "$dir/port")
control() { curl -s "http://127.0.0.1:$sandbox_port/_sandbox/$1" -d "$2"; }
secret() { control "$1" "$2" | sed -nE 's/.*"(secret|token)" ?: ?"([^"]*)".*/\2/p'; }
at() { echo "http://x:$1@127.0.0.1:$sandbox_port/$2.git"; }
good=$(secret gitlab/tokens '{"scopes":["api"]}')
quiet push "$(at "$good" group/app)" main
ended=$(secret gitlab/tokens '{"scopes":["api"],"expires_at":"2026-11-21"}')
reader=$(secret gitlab/tokens '{"scopes":["read_repository"]}')
bare=$(secret gitlab/tokens '{"scopes":["read_user"]}')
dying=$(secret gitlab/tokens '{"scopes":["api"],"dies_after_advertisement":true}')
control gitlab/projects '{"path":"other/secret","members":{"root":50}}' >/dev/null
quiet commit --allow-empty -m more
record forge-unknown auth_rejected 'a token that nobody knows' git ls-remote "$(at nonsense group/app)"
record forge-upload-scope scope 'read_repository only, push' git push "$(at "$reader" group/app)" main
record forge-download-scope scope 'read_user only' git ls-remote "$(at "$bare" group/app)"
record forge-not-found not_found 'a project that is not there' git ls-remote "$(at "$good" group/none)"
record forge-hidden not_found 'a project of others' git ls-remote "$(at "$reader" other/secret)"
record forge-dying-push auth_rejected 'the token dies between advertisement and pack' git push "$(at "$dying" group/app)" main
dying=$(secret gitlab/tokens '{"scopes":["api"],"dies_after_advertisement":true}')
record forge-dying-clone auth_rejected 'the same, clone' git clone "$(at "$dying" group/app)" "$dir/c2"
control gitlab/project-settings '{"path":"group/app","archived":true}' >/dev/null
record forge-archived forbidden 'an archived project' git push "$(at "$good" group/app)" main
control gitlab/project-settings '{"path":"group/app","archived":false,"read_only":true}' >/dev/null
record forge-read-only 'server|forbidden' 'a repository that is read-only for a while' git push "$(at "$good" group/app)" main
control gitlab/project-settings '{"path":"group/app","read_only":false,"http_disabled":true}' >/dev/null
record forge-http-off forbidden 'git over HTTP is turned off' git ls-remote "$(at "$good" group/app)"
control gitlab/project-settings '{"path":"group/app","http_disabled":false}' >/dev/null
for fault in 503 504 429; do
    control faults "{\"kind\":\"status\",\"status\":$fault,\"path\":\"/group/app.git\",\"match\":\"prefix\"}" >/dev/null
    class=server && [ $fault = 429 ] && class=rate_limited
    record "forge-$fault" $class "the forge answers $fault" git ls-remote "$(at "$good" group/app)"
    curl -s -X DELETE "http://127.0.0.1:$sandbox_port/_sandbox/faults" >/dev/null
done
for fact in gitlab.git.banned:ip_banned gitlab.git.noPushRole:forbidden gitlab.git.jobTokenNotAllowed:forbidden \
    gitlab.git.jobTokenNoPull:forbidden gitlab.git.deployKeyReadOnly:'forbidden|scope' gitlab.git.gitalyDown:server \
    github.git.noPush:forbidden github.git.noWrite:'scope|forbidden' github.git.sso:forbidden \
    github.git.ipAllowList:'ip_banned|forbidden' github.git.archived:forbidden github.git.denied:auth_rejected \
    github.git.notFound:not_found; do
    id=${fact%%:*}
    control faults "{\"kind\":\"fact\",\"fact\":\"$id\",\"path\":\"/group/app.git\",\"times\":null,\"bindings\":{\"from\":\"group/a\",\"to\":\"group/b\",\"project\":\"group/b\",\"repository\":\"octo-org/app\",\"login\":\"octocat\",\"organization\":\"octo-org\"}}" >/dev/null
    record "fact-$(tr '[:upper:].' '[:lower:]-' <<<"${id/.git./.}")" "${fact#*:}" "the words of $id" \
        git ls-remote "$(at "$good" group/app)"
    curl -s -X DELETE "http://127.0.0.1:$sandbox_port/_sandbox/faults" >/dev/null
done
control clock '{"set":"2026-11-21T00:00:00Z"}' >/dev/null
record forge-expired auth_rejected 'a token past its end' git ls-remote "$(at "$ended" group/app)"

# --- SSH ---
ssh_port=$(port)
ssh-keygen -q -t ed25519 -N '' -f "$dir/host"
ssh-keygen -q -t ed25519 -N '' -f "$dir/other_host"
for key in known stranger locked reader; do
    words='' && [ $key = locked ] && words=secret
    ssh-keygen -q -t ed25519 -N "$words" -C "$key" -f "$dir/$key"
done
say_and_fail() { printf '#!/bin/sh\ncat >&2 <<"END"\n%s\nEND\nexit 1\n' "$2" >"$dir/$1.sh" && chmod +x "$dir/$1.sh"; }
say_and_fail not-found 'remote:
remote: ========================================================================
remote:
remote: ERROR: The project you were looking for could not be found or you don'"'"'t have permission to view it.
remote:
remote: ========================================================================
remote:'
say_and_fail hub-not-found 'ERROR: Repository not found.'
say_and_fail hub-read-only 'ERROR: The key you are authenticating with has been marked as read only.'
say_and_fail lab-read-only 'remote: ERROR: This deploy key does not have write access to this project.'
say_and_fail lab-expired 'remote: ERROR: Your SSH key has expired.'
say_and_fail hub-denied 'ERROR: Permission to octo-org/app.git denied to deploy key'
{
    sed "s#^#restrict #" "$dir/known.pub"
    sed "s#^#restrict #" "$dir/locked.pub"
} >"$dir/authorized"
cat >"$dir/sshd_config" <<END
Port $ssh_port
ListenAddress 127.0.0.1
HostKey $dir/host
AuthorizedKeysFile $dir/authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
PidFile none
END
mkdir -p /run/sshd
/usr/sbin/sshd -D -f "$dir/sshd_config" -E "$dir/sshd.log" &
started+=($!)
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$ssh_port") 2>/dev/null && break; sleep 0.1; done
echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$dir/host.pub")" >"$dir/pins"
echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$dir/other_host.pub")" >"$dir/wrong_pins"
: >"$dir/no_pins"
# over_ssh NAME CLASS SITUATION KEY PINS [PORT] [OPTIONS]
over_ssh() {
    extra=("GIT_SSH_COMMAND=ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o StrictHostKeyChecking=yes -o ConnectTimeout=3 -o UserKnownHostsFile=$dir/$5 -o GlobalKnownHostsFile=/dev/null -i $dir/$4 ${7:-}")
    record "$1" "$2" "$3" git ls-remote "ssh://$(id -un)@127.0.0.1:${6:-$ssh_port}$dir/bare.git"
    extra=()
}
over_ssh ssh-denied publickey 'a key that is not registered' stranger pins
over_ssh ssh-changed host_key 'another host key than the pinned one' known wrong_pins
over_ssh ssh-unknown-host host_key 'no host key is pinned' known no_pins
over_ssh ssh-refused network 'nobody listens' known pins "$closed"
over_ssh ssh-passphrase 'publickey|local' 'a key with a passphrase' locked pins
cp "$dir/known" "$dir/crlf" && sed -i 's/$/\r/' "$dir/crlf"
over_ssh ssh-crlf 'publickey|local' 'a key with CRLF' crlf pins
cp "$dir/known" "$dir/open" && chmod 644 "$dir/open"
over_ssh ssh-open-key 'publickey|local' 'a key that others may read' open pins
over_ssh ssh-missing-key 'publickey|local' 'no such key file' none pins
over_ssh ssh-no-algorithm 'network|host_key|local' 'no cipher in common' known pins '' '-o Ciphers=3des-cbc'
over_ssh ssh-option local 'an option that ssh does not know' known pins '' '-o Nonsense=yes'
say ''
over_ssh ssh-closed network 'the server closes at once' known pins "$said"
say wait
over_ssh ssh-silent network 'the server says nothing' known pins "$said"
record ssh-missing local 'no ssh program' env GIT_SSH_COMMAND=/nonexistent/ssh git ls-remote "ssh://git@127.0.0.1:$ssh_port/a.git"
for row in not-found:not_found hub-not-found:not_found hub-read-only:'forbidden|scope' lab-read-only:'forbidden|scope' \
    lab-expired:auth_expired hub-denied:'forbidden|scope'; do
    sed "s#^#restrict,command=\"$dir/${row%%:*}.sh\" #" "$dir/known.pub" >"$dir/authorized"
    over_ssh "ssh-${row%%:*}" "${row#*:}" "the server says so over SSH" known pins
done
echo "recorded $(($(wc -l <"$samples/index.csv") - 1)) samples in $samples"
