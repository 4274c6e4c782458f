"""The forge that every template is run against: outlast-sandbox."""

import atexit
import itertools
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
import urllib.request

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARIES = os.environ.get("OUTLAST_BINARIES", os.path.join(REPOSITORY, ".build", "debug"))
# Only ends a hang; nothing is timed.
PATIENCE = 300


class Forge:
    """The sandbox, one for all tests of a process."""

    shared = None

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="outlast-forge-")
        port_file = os.path.join(self.folder, "port")
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [os.path.join(BINARIES, "outlast-sandbox"), "serve", "--port-file", port_file,
                 "--git-root", os.path.join(self.folder, "git")], stdout=log, stderr=log
            )
        atexit.register(self.end)
        until = time.monotonic() + PATIENCE
        while not (os.path.exists(port_file) and os.path.getsize(port_file)):
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.05)
        with open(port_file, encoding="ascii") as file:
            self.port = file.read().strip()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api = self.url + "/api/v4"
        self.secret = secrets.token_hex(16)
        self.numbers = itertools.count(1)
        self.control("gitlab/oauth-clients", {"client_id": "ci", "client_secret": self.secret})

    @classmethod
    def get(cls):
        if cls.shared is None:
            cls.shared = cls()
        return cls.shared

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def control(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)
