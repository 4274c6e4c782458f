"""A forge, a project and a job that outlives its token: what every template is run with.

The forge is outlast-sandbox, git is git, the program is the one that was built. A test stands for the CI alone.
"""

import base64
import contextlib
import hashlib
import itertools
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

from forge import BINARIES, PATIENCE, REPOSITORY, Forge

TEMPLATES = os.path.join(REPOSITORY, "ci-templates")
VENV = os.environ.get("OUTLAST_TEMPLATES_VENV", os.path.join(REPOSITORY, ".build", "templates-venv"))
OUTLAST = os.path.join(BINARIES, "outlast")

# Waits until the forge no longer takes the token that the job was started with: that is the build.
BUILD = """#!/bin/sh
set -e
[ -z "$STORY_END" ] || "$STORY_END"
until [ "$(curl -s -o answer -w '%{http_code}' -H @"$STORY_FIRST" "$STORY_API/user")" = 401 ]; do sleep 0.2; done
date >built
git add built
git commit -qm built
"""

# An App's token lives for an hour. What plays that hour takes the one that git has and ends it.
END = """#!/bin/sh
set -e
printf 'url=%s\\n\\n' "$STORY_REMOTE" | git credential fill | sed -n 's/^password=//p' >"$STORY_FIRST.token"
printf '{"token":"%s"}' "$(cat "$STORY_FIRST.token")" | curl -sSf -o answer -d @- "$STORY_CONTROL/github/revoke"
printf 'Authorization: Bearer %s\\n' "$(cat "$STORY_FIRST.token")" >"$STORY_FIRST"
"""

# A tool that reads its token from a file each time that it needs it, and needs it when the job's first one is dead.
NIGHTLY = """#!/bin/sh
set -e
until [ "$(curl -s -o answer -w '%{http_code}' -H @"$STORY_FIRST" "$STORY_API/user")" = 401 ]; do sleep 0.2; done
git commit --allow-empty -qm built
export GIT_CONFIG_COUNT=0
until git -c credential.helper= -c 'credential.helper=!f() { echo username=oauth2; echo "password=$(cat "$TOKEN_FILE")"; }; f' \\
    push -q "$STORY_REMOTE" HEAD:refs/heads/nightly; do sleep 0.2; done
echo pushed by the file
"""


def quick_start(name):
    """The first example of a page: what a newcomer types."""
    with open(os.path.join(REPOSITORY, "docs", name), encoding="utf-8") as file:
        return file.read().split("```yaml\n", 1)[1].split("```", 1)[0]


class Story:
    """A job of a project of its own: its folder, its variables, its secrets."""

    def __init__(self, life=60, method="oauth2", least="5s"):
        self.forge = Forge.get()
        self.number = next(self.forge.numbers)
        self.project = f"group/story-{self.number}"
        self.remote = f"{self.forge.url}/{self.project}.git"
        self.folder = tempfile.mkdtemp(prefix="outlast-story-")
        self.workspace = self.path("workspace")
        self.vault = self.path("vault")
        # Where there is a folder in memory the store lies there: other work on the machine's disk does not slow each commit.
        self.state = tempfile.mkdtemp(prefix="outlast-state-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        self.caches = self.path("caches")
        for name in ("home", "bin", "run", "vault", "caches"):
            os.mkdir(self.path(name), 0o700)
        os.symlink(OUTLAST, self.path("bin", "outlast"))
        self.secrets = {self.forge.secret}
        self.app_key = ""
        self.variables = self._basics()
        self.forge.control("gitlab/projects", {"path": self.project})
        self._seed()
        self.least = least
        {"oauth2": self._oauth, "gitlab-rotate": self._rotation, "github-app": self._app, "github-token": self._token}[method](life)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, text, *parts, mode=0o600):
        os.makedirs(os.path.dirname(self.path(*parts)), exist_ok=True)
        with open(self.path(*parts), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(*parts), mode)
        return self.path(*parts)

    def _basics(self):
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.secrets.add(key)
        who = {"NAME": "story", "EMAIL": "story@example.invalid"}
        return {
            "HOME": self.path("home"),
            "PATH": f"{self.path('bin')}:{VENV}/bin:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "NO_PROXY": "127.0.0.1",
            "XDG_RUNTIME_DIR": self.path("run"),
            "OUTLAST_STATE": os.path.join(self.state, "state.db"),
            "OUTLAST_KEY": key,
            "STORY_API": self.forge.api,
            "STORY_CONTROL": f"{self.forge.url}/_sandbox",
            "STORY_END": "",
            "STORY_REMOTE": self.remote,
            "STORY_FIRST": self.path("vault", "first"),
            **{f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in who.items()},
        }

    def git(self, *arguments, folder=None, token=None):
        """Runs git beside the job, with a token of an administrator in a file that only it reads."""
        extra = ["-c", f"credential.helper=store --file={token}"] if token else []
        run = subprocess.run(
            ["git", *extra, *arguments], cwd=folder or self.folder, env=self.variables, text=True,
            capture_output=True, timeout=PATIENCE, check=False,
        )
        if run.returncode:
            raise RuntimeError(f"git {arguments}: {run.stderr}")
        return run.stdout

    def _seed(self):
        """The project's first commit, with the build, and the job's checkout of it."""
        made = self.forge.control("gitlab/tokens", {"kind": "personal", "user": "root", "scopes": ["api"]})
        line = f"http://oauth2:{made['token']}@127.0.0.1:{self.forge.port}\n"
        self.root = self.write(line, "vault", "root")
        self.git("init", "-q", "-b", "main", "workspace")
        self.write(BUILD, "workspace", "build.sh", mode=0o755)
        self.write(NIGHTLY, "workspace", "nightly.sh", mode=0o755)
        self.write("release:\n\t./build.sh\nnightly:\n\t./nightly.sh\n", "workspace", "Makefile")
        self.write("/answer\n", "workspace", ".gitignore")
        self.git("add", ".", folder=self.workspace)
        self.git("commit", "-qm", "begin", folder=self.workspace)
        self.git("remote", "add", "origin", self.remote, folder=self.workspace)
        self.git("push", "-q", "origin", "main", folder=self.workspace, token=self.root)

    def add_submodule(self):
        """A second project, which the first one has as a submodule, and which the checkout does not have yet."""
        library = f"group/story-{self.number}-library"
        self.forge.control("gitlab/projects", {"path": library})
        self.git("init", "-q", "-b", "main", "library")
        self.write("a library\n", "library", "text")
        self.git("add", ".", folder=self.path("library"))
        self.git("commit", "-qm", "begin", folder=self.path("library"))
        self.git("push", "-q", f"{self.forge.url}/{library}.git", "main", folder=self.path("library"), token=self.root)
        self.git("submodule", "add", "-q", f"{self.forge.url}/{library}.git", "library", folder=self.workspace,
                 token=self.root)
        self.git("commit", "-qm", "library", folder=self.workspace)
        self.git("push", "-q", "origin", "main", folder=self.workspace, token=self.root)
        shutil.rmtree(self.workspace)
        self.git("clone", "-q", self.remote, "workspace", token=self.root)

    def _oauth(self, life):
        grant = self.forge.control("gitlab/oauth-grants", {"client_id": "ci", "expires_in": life})
        self.first = grant["access_token"]
        self.secrets |= {grant["access_token"], grant["refresh_token"]}
        self.write(f"Authorization: Bearer {self.first}\n", "vault", "first")
        self.variables |= {
            "RELEASE_TOKEN": self.first,
            "RELEASE_REFRESH": grant["refresh_token"],
            "RELEASE_SECRET": self.forge.secret,
        }
        self.configure(
            f"""\
                method: oauth2
                token_url: {self.forge.url}/oauth/token
                client_id: ci
                client_secret: {{env: RELEASE_SECRET}}
                refresh_token: {{env: RELEASE_REFRESH}}
            """
        )

    def _rotation(self, days):
        tomorrow = time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86400))
        made = self.forge.control(
            "gitlab/tokens",
            {"kind": "project", "project": self.project, "scopes": ["api"], "expires_at": tomorrow, "access_level": 40},
        )
        self.first = made["token"]
        self.secrets.add(self.first)
        self.write(f"PRIVATE-TOKEN: {self.first}\n", "vault", "first")
        self.variables["RELEASE_TOKEN"] = self.first
        self.forge.control("gitlab/variables", {"project": self.project, "key": "RELEASE_TOKEN", "value": self.first})
        self.configure("    method: gitlab-rotate\n    by: operator\n", more=f"""\
    publish:
      - gitlab-variable: {{project: {self.project}, key: RELEASE_TOKEN}}
""", least="10d")

    def _app(self, _):
        """Installation tokens of an App, which the job has none of when it begins."""
        app = self.forge.control("github/apps", {"slug": f"release-{self.number}"})
        made = self.forge.control("github/installations", {"app_id": app["id"], "account": "octo-org"})
        self.installation = made["id"]
        self.app_key = app["private_key"]
        self.secrets |= {line for line in self.app_key.splitlines() if len(line) > 30 and "-----" not in line}
        self.variables |= {"STORY_API": f"{self.forge.url}/github", "STORY_END": self.write(END, "end.sh", mode=0o755),
                           "STORY_REMOTE": f"{self.forge.url}/github-git/octo-org/app.git"}
        self.variables["OUTLAST_CONFIG"] = self.write(f"""\
version: 1
credentials:
  release:
    forge: github
    api_url: {self.forge.url}/github
    min_remaining: 10m
    renew:
      method: github-app
      client_id: {app["client_id"]}
      private_key: {{env: APP_PRIVATE_KEY}}
      repository: octo-org/app
      repositories: [app]
      permissions: {{contents: write}}
""", "operator", "outlast.yml")

        self._forget_pushes()

    def _forget_pushes(self):
        """All stories have this one repository."""
        repository = os.path.join(self.forge.folder, "git", "github", "octo-org", "app.git")
        for branch in ("release", "nightly", "simple") if os.path.isdir(repository) else ():
            self.git("update-ref", "-d", f"refs/heads/{branch}", folder=repository)

    def _token(self, _):
        """A token that lives on, given by a variable alone."""
        self._forget_pushes()
        made = self.forge.control("github/tokens", {"kind": "classic", "login": "octocat", "scopes": ["repo"],
                                                    "expires_at": "2099-01-01T00:00:00Z"})
        self.first = made["token"]
        self.secrets.add(self.first)
        self.variables |= {"RELEASE_TOKEN": self.first, "OUTLAST_CONFIG": ""}

    def configure(self, renew, more="", least=None):
        """What the operator keeps outside of the tree."""
        lines = "".join(f"      {line.strip()}\n" for line in renew.strip().splitlines())
        text = f"""\
version: 1
credentials:
  release:
    forge: gitlab
    api_url: {self.forge.api}
    token: {{env: RELEASE_TOKEN}}
    min_remaining: {least or self.least}
    renew:
{lines}{more}"""
        self.variables["OUTLAST_CONFIG"] = self.write(text, "operator", "outlast.yml")

    def configure_ssh(self, port, user, host_key):
        """A token that nothing renews, and a deploy key in its stead."""
        self.variables["OUTLAST_CONFIG"] = self.write(f"""\
version: 1
credentials:
  release:
    forge: gitlab
    api_url: {self.forge.api}
    token: {{env: RELEASE_TOKEN}}
    ssh: {{host: 127.0.0.1, port: {port}, user: {user}, key: {{env: DEPLOY_KEY}}, host_keys: ["{host_key}"], need_push: true}}
""", "operator", "outlast.yml")

    def stop_keeping(self):
        """What a runner does with processes that a job has left: those that have its environment."""
        mark = f"STORY_FIRST={self.variables['STORY_FIRST']}".encode()
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/environ", "rb") as file:
                    if mark in file.read().split(b"\0"):
                        os.kill(int(name), signal.SIGTERM)

    def warn_only(self):
        """Nothing is renewed before git asks for it: a duration that the first token suffices for."""
        self.write('#!/bin/sh\ncase $1 in preflight) exec "$OUTLAST_REAL" preflight --on-insufficient warn ;; esac\n'
                   'exec "$OUTLAST_REAL" "$@"\n', "shim", "outlast", mode=0o755)
        self.variables |= {"OUTLAST_REAL": OUTLAST, "PATH": f"{self.path('shim')}:{self.variables['PATH']}"}

    def refuse_renewal(self):
        """From now on the forge refuses the job a new token: its client secret is none."""
        self.variables["RELEASE_SECRET"] = secrets.token_hex(16)
        self.secrets.add(self.variables["RELEASE_SECRET"])

    def run(self, arguments, stdin=None, folder=None, **variables):
        """A program of the CI, in the job's environment; both streams together, as a log has them."""
        run = subprocess.run(
            arguments, cwd=folder or self.workspace, env={**self.variables, **variables}, input=stdin, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False, errors="backslashreplace",
        )
        return run.returncode, run.stdout

    def outlast(self, *arguments):
        code, text = self.run([OUTLAST, *arguments], folder=self.folder)
        return code, text

    def pushed(self, branch="release"):
        """Whether the branch has the build's commit."""
        names = self.git("ls-remote", self.remote, f"refs/heads/{branch}", token=self.root)
        return bool(names) and self.git("log", "-1", "--format=%s", folder=self.workspace).strip() == "built"

    def explain(self):
        """Why the last job ended as it did."""
        _, text = self.outlast("history", "explain", "--last", "--json")
        return json.loads(text)

    @staticmethod
    def fingerprint(token):
        return hashlib.sha256(token.encode()).hexdigest()[:16]

    def jobs(self, *options):
        _, text = self.outlast("history", "jobs", "--json", *options)
        return json.loads(text.splitlines()[-1])["jobs"]

    def new_machine(self):
        """A runner that has kept nothing but the working tree."""
        shutil.rmtree(self.path("home"))
        os.mkdir(self.path("home"), 0o700)

    def rows(self, path, table):
        """All rows of a table of a store, none where there is no such table."""
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
            if not store.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", [table]).fetchone():
                return []
            return store.execute(f"SELECT * FROM {table}").fetchall()

    def published(self, key):
        """What a variable of the project holds now."""
        found = self.forge.control(f"gitlab/variables?key={key}&project={urllib.parse.quote(self.project, safe='')}")
        return found["value"]

    def rotations(self):
        _, text = self.outlast("history", "rotations", "--json")
        return json.loads(text)["rotations"]

    def current(self):
        """The token that jobs have now; a secret like the first."""
        current = self.path("vault", "current")
        code, text = self.outlast("refresh", "--credential", "release", "--if-remaining-below", "0", "--export",
                                  f"file:{current}")
        if code:
            raise RuntimeError(text)
        with open(current, encoding="ascii") as file:
            return file.read().strip()

    def is_alive(self, token):
        request = urllib.request.Request(f"{self.forge.api}/user", headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE):
                return True
        except urllib.error.HTTPError:
            return False

    def leaks(self, log, renewed):
        """Where a secret of the job shows: the log, and every file that the job left, the vault and the CI's own place for
        later steps (`runner`) apart."""
        if renewed:
            self.secrets.add(self.current())
        forms = set()
        for secret in self.secrets:
            pair = base64.b64encode(f"oauth2:{secret}".encode()).decode()
            forms |= {secret.encode(), pair.encode(), base64.b64encode(secret.encode())}
        found = ["the log"] if any(form in log.encode() for form in forms) else []
        for base, folders, files in itertools.chain(os.walk(self.folder), os.walk(self.state)):
            folders[:] = [name for name in folders if os.path.join(base, name) not in (self.vault, self.path("runner"))]
            for name in files:
                # A socket holds nothing, and cannot be opened.
                if not os.path.isfile(os.path.join(base, name)):
                    continue
                with open(os.path.join(base, name), "rb") as file:
                    data = file.read()
                if any(form in data for form in forms):
                    found.append(os.path.relpath(os.path.join(base, name), self.folder))
        return found

    def end(self):
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
