#!/usr/bin/python3
"""git over HTTPS as a forge serves it: nginx, fcgiwrap, `git http-backend` and LFS, on loopback and with a CA of its own.

Usage: git-server.py FOLDER REPOSITORIES FORGE-PORT [proxy|proxy-login]

FOLDER must not be there yet. REPOSITORIES holds bare repositories, served by their paths. Who may do what is asked at
each request of the forge (`outlast-sandbox`) on FORGE-PORT, whose git serves the same paths: a token that dies there is
refused here from then on. Everything that is not git, the API for one, is handed on to the forge.

A file FOLDER/refuse/PHASE.STATUS (phases: refs, upload-pack, receive-pack, lfs, storage; statuses: 401, 403, 404, 429,
503) makes that phase end with that status as long as the file is there.

With `proxy` a tinyproxy starts beside it, which refuses every CONNECT; with `proxy-login` one that wants a login. One JSON line on stdout says that everything is ready. The end of stdin, or
a line on it, ends everything.
"""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time

PATIENCE = 60
STATUSES = (401, 403, 404, 429, 503)
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
TOOLS = os.path.dirname(os.path.abspath(__file__))
DENIED = "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect"
HIDDEN = "The project you were looking for could not be found or you don't have permission to view it."


def certificates(folder):
    """A CA, and a certificate of it for this machine's loopback."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-days", "30", "-subj", "/CN=A CA of the tests", "-keyout", "ca.key", "-out", "ca.pem",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *key, "-subj", "/CN=127.0.0.1", "-keyout", "server.key", "-out", "server.csr")
    with open(f"{folder}/server.ext", "w", encoding="ascii") as file:
        file.write("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "server.ext", "-out", "server.pem")


def refusals(folder, phase):
    """What is refused while a file says so."""
    lines = [f"if (-f {folder}/refuse/{phase}.{status}) {{ return {status}; }}" for status in STATUSES]
    return "\n            ".join(lines)


def location(folder, pattern, phase, program, parameters):
    """A place that a program answers for, behind the forge's word."""
    passed = {
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "$request_method", "QUERY_STRING": "$query_string",
        "CONTENT_TYPE": "$content_type", "CONTENT_LENGTH": "$content_length", "PATH_INFO": "$uri",
        "SERVER_PROTOCOL": "$server_protocol", "REMOTE_ADDR": "$remote_addr", "REMOTE_USER": "$remote_user",
        "PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C", "SCRIPT_FILENAME": program, **parameters,
    }
    lines = "\n            ".join(f'fastcgi_param {name} "{value}";' for name, value in passed.items())
    return f"""
        location ~ {pattern} {{
            {refusals(folder, phase)}
            auth_request /_gate;
            auth_request_set $verdict $upstream_status;
            fastcgi_pass unix:{folder}/fcgi.sock;
            {lines}
        }}"""


def configuration(folder, repositories, forge, port):
    git = {"GIT_PROJECT_ROOT": repositories, "GIT_HTTP_EXPORT_ALL": "1", "GIT_PROTOCOL": "$http_git_protocol",
           "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
           "GIT_CONFIG_VALUE_0": "*"}
    backend = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    lfs = {"LFS_FOLDER": f"{folder}/lfs", "LFS_SERVER": f"https://127.0.0.1:{port}", "GIT_PROJECT_ROOT": repositories}
    places = "".join([
        location(folder, r"\.git/info/refs$", "refs", f"{backend}/git-http-backend", git),
        location(folder, r"\.git/git-upload-pack$", "upload-pack", f"{backend}/git-http-backend", git),
        location(folder, r"\.git/git-receive-pack$", "receive-pack", f"{backend}/git-http-backend", git),
        location(folder, r"\.git/info/lfs/", "lfs", f"{TOOLS}/lfs-server.py", lfs),
        location(folder, r"\.git/lfs-objects/", "storage", f"{TOOLS}/lfs-server.py", lfs),
    ])
    # What it writes belongs to whoever runs the tests.
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""
daemon off;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    log_format plain '$status $request_method $request_uri $remote_user';
    access_log {folder}/access.log plain;
    client_body_temp_path {folder}/tmp-body;
    fastcgi_temp_path {folder}/tmp-fastcgi;
    proxy_temp_path {folder}/tmp-proxy;
    uwsgi_temp_path {folder}/tmp-uwsgi;
    scgi_temp_path {folder}/tmp-scgi;
    client_max_body_size 0;
    default_type text/plain;
    # What the forge is asked: may this token read, or write, this repository?
    map $request_uri $repository {{ default /none; "~^(?<repository_path>/[^?]+?\\.git)/" $repository_path; }}
    map "$request_method $request_uri" $service {{
        default git-upload-pack;
        "~git-receive-pack" git-receive-pack;
        "~^PUT " git-receive-pack;
    }}
    # Where the forge has refused, its own challenge is handed on by nginx.
    map $verdict $challenge {{ default 'Basic realm="GitLab"'; 401 ""; }}
    map $verdict $refusal {{ default 502; 404 404; 429 429; 503 503; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        location = /_gate {{
            internal;
            proxy_pass http://127.0.0.1:{forge}$repository/info/refs?service=$service;
            proxy_method GET;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header Content-Type "";
            proxy_set_header Content-Encoding "";
        }}
        error_page 401 @denied;
        error_page 403 @forbidden;
        error_page 404 @hidden;
        # nginx hands on no other refusal than 401 and 403: any other is an error of its own.
        error_page 500 = @other;
        location @denied {{
            add_header WWW-Authenticate $challenge always;
            return 401 "{DENIED}\\n";
        }}
        location @forbidden {{ return 403 "You are not allowed to do this here.\\n"; }}
        location @hidden {{ return 404 "{HIDDEN}\\n"; }}
        location @other {{
            if ($refusal = 404) {{ return 404 "{HIDDEN}\\n"; }}
            if ($refusal = 429) {{ return 429; }}
            return 502;
        }}{places}
        location / {{
            proxy_pass http://127.0.0.1:{forge};
            proxy_pass_request_headers on;
            proxy_set_header Host $http_host;
        }}
    }}
}}
"""


class Servers:
    """Programs in sessions of their own, so that they end with all that they have started."""

    def __init__(self, folder):
        self.folder = folder
        self.running = []

    def start(self, name, words, **more):
        log = open(f"{self.folder}/{name}.log", "wb")
        child = subprocess.Popen(words, stderr=log, start_new_session=True, **QUIET, **more)
        self.running.append(child)
        return child

    def wait(self, name, child, is_ready):
        end = time.monotonic() + PATIENCE
        while not is_ready():
            if child.poll() is not None or time.monotonic() > end:
                with open(f"{self.folder}/{name}.log", encoding="utf-8", errors="replace") as log:
                    raise SystemExit(f"git-server.py: {name} did not start: {log.read()}")
            time.sleep(0.01)

    def stop(self):
        for child in self.running:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for child in self.running:
            child.wait()


def serve_git(servers, folder, repositories, forge):
    """fcgiwrap, and nginx on a socket that is bound here: nobody else can take the port in between."""
    wrap = servers.start("fcgiwrap", ["/usr/sbin/fcgiwrap", "-c", "6", "-s", f"unix:{folder}/fcgi.sock"])
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    port = listener.getsockname()[1]
    with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
        file.write(configuration(folder, repositories, forge, port))
    nginx = servers.start(
        "nginx", ["/usr/sbin/nginx", "-p", folder, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"],
        env={**os.environ, "NGINX": f"{listener.fileno()};"}, pass_fds=[listener.fileno()])
    listener.close()
    servers.wait("fcgiwrap", wrap, lambda: os.path.exists(f"{folder}/fcgi.sock"))
    servers.wait("nginx", nginx, lambda: answers(folder, port))
    return port


def answers(folder, port):
    """Whether nginx, and the forge behind it, speak."""
    context = ssl.create_default_context(cafile=f"{folder}/ca.pem")
    try:
        link = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context)
        link.request("GET", "/api/v4/version")
        return link.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False


# It allows CONNECT to no port but 1, or asks for a login, which it answers with 407, and with 401 where that is wrong.
PROXY_RULES = {"proxy": "ConnectPort 1", "proxy-login": "BasicAuth job right"}


def refuse_to_tunnel(servers, folder, rule):
    """tinyproxy on a free port, with a rule by which it refuses."""
    for _ in range(20):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with open(f"{folder}/tinyproxy.conf", "w", encoding="ascii") as file:
            file.write(f"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 60\n{rule}\n")
        child = servers.start("tinyproxy", ["/usr/bin/tinyproxy", "-d", "-c", f"{folder}/tinyproxy.conf"])
        end = time.monotonic() + PATIENCE
        while child.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                return port
            except OSError:
                time.sleep(0.01)
    raise SystemExit("git-server.py: tinyproxy did not start")


def main():
    folder, repositories, forge, *wishes = sys.argv[1:]
    for name in ("refuse", "lfs"):
        os.makedirs(f"{folder}/{name}")
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    servers = Servers(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        certificates(folder)
        port = serve_git(servers, folder, repositories, forge)
        rules = [PROXY_RULES[wish] for wish in wishes]
        proxy = refuse_to_tunnel(servers, folder, rules[0]) if rules else None
        print(json.dumps({"port": port, "proxy": proxy, "ca": f"{folder}/ca.pem"}), flush=True)
        sys.stdin.buffer.readline()
    finally:
        servers.stop()


if __name__ == "__main__":
    main()
