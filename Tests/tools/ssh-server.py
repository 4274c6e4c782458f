#!/usr/bin/python3
"""git over SSH as a forge serves it: sshd on loopback, with a host key of its own and deploy keys behind a forced command.

Usage: ssh-server.py FOLDER REPOSITORIES LFS-URL

FOLDER must not be there yet. REPOSITORIES holds bare repositories. Each line of FOLDER/authorized_keys is a deploy key
that runs `ssh-door.py`; the file is read at each connection. FOLDER/lfs-login, `user:password`, is what LFS is told to use
at LFS-URL. One JSON line on stdout says that everything is ready. The end of stdin, or a line on it, ends everything.
"""

import getpass
import json
import os
import signal
import socket
import subprocess
import sys
import threading

SETTINGS = """
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
LogLevel VERBOSE
SetEnv DOOR_FOLDER={folder} DOOR_REPOSITORIES={repositories} DOOR_LFS={lfs}
"""


class Door:
    """One sshd for each connection: the port is bound once, by us, and nobody else can take it."""

    def __init__(self, folder):
        self.folder = folder
        self.running = []
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            self.running = [child for child in self.running if child.poll() is None]
            self.running.append(subprocess.Popen(
                ["/usr/sbin/sshd", "-i", "-f", f"{self.folder}/config", "-E", f"{self.folder}/log"],
                stdin=connection, stdout=connection, stderr=subprocess.DEVNULL, start_new_session=True))
            connection.close()

    def stop(self):
        for child in self.running:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()


def main():
    folder, repositories, lfs = sys.argv[1:]
    os.makedirs(folder)
    if os.geteuid() == 0:
        # sshd wants it for the part of it that has no rights.
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", f"{folder}/host_key"], check=True)
    with open(f"{folder}/config", "w", encoding="utf-8") as file:
        file.write(SETTINGS.format(folder=folder, repositories=repositories, lfs=lfs))
    open(f"{folder}/authorized_keys", "w", encoding="ascii").close()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    door = Door(folder)
    threading.Thread(target=door.serve, daemon=True).start()
    try:
        with open(f"{folder}/host_key.pub", encoding="ascii") as file:
            key = " ".join(file.read().split()[:2])
        print(json.dumps({"port": door.port, "user": getpass.getuser(), "host_key": key}), flush=True)
        sys.stdin.buffer.readline()
    finally:
        door.stop()


if __name__ == "__main__":
    main()
