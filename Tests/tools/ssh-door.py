#!/usr/bin/python3
"""What a deploy key may do: the forced command of a line in `ssh-server.py`'s authorized_keys.

Usage: ssh-door.py read|write REPOSITORY...    with git's own command in SSH_ORIGINAL_COMMAND
"""

import base64
import json
import os
import shlex
import sys

RULE = "=" * 72


def refuse(sentence):
    """As GitLab says it."""
    print(f"remote: \nremote: {RULE}\nremote: \nremote: ERROR: {sentence}\nremote: \nremote: {RULE}\nremote: ", file=sys.stderr)
    sys.exit(1)


def authenticate(repository):
    """Where LFS is, and what opens it."""
    with open(f"{os.environ['DOOR_FOLDER']}/lfs-login", encoding="ascii") as file:
        login = base64.b64encode(file.read().strip().encode()).decode()
    header = {"Authorization": f"Basic {login}"}
    print(json.dumps({"href": f"{os.environ['DOOR_LFS']}/{repository}/info/lfs", "header": header, "expires_in": 3600}))


def main():
    right, *repositories = sys.argv[1:]
    words = shlex.split(os.environ.get("SSH_ORIGINAL_COMMAND", ""))
    if len(words) < 2:
        print("Welcome to this forge!")
        return
    command, repository = words[0], words[1].lstrip("/")
    if repository not in repositories:
        refuse("The project you were looking for could not be found or you don't have permission to view it.")
    if right != "write" and (command == "git-receive-pack" or words[2:] == ["upload"]):
        refuse("This deploy key does not have write access to this project.")
    if command == "git-lfs-authenticate":
        authenticate(repository)
    elif command in ("git-upload-pack", "git-receive-pack"):
        own = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_COUNT": "1",
               "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        if "GIT_PROTOCOL" in os.environ:
            own["GIT_PROTOCOL"] = os.environ["GIT_PROTOCOL"]
        path = os.path.join(os.environ["DOOR_REPOSITORIES"], repository)
        os.execve("/usr/bin/git", ["git", command.removeprefix("git-"), path], {"PATH": "/usr/bin:/bin", **own})
    else:
        refuse(f"Unknown command: {command}")


main()
