#!/usr/bin/python3
"""As much of an LFS server as `git lfs` needs to push and to fetch: the batch API and a store, as a CGI program.

LFS_FOLDER holds the objects, LFS_SERVER is the address that clients use. Who may do what has been asked before.
"""

import hashlib
import json
import os
import re
import sys


def answer(status, document, kind="application/vnd.git-lfs+json"):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    head = f"Status: {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    sys.stdout.buffer.write(head.encode() + body)


def place(oid):
    return os.path.join(os.environ["LFS_FOLDER"], oid)


def transfer(entry, operation, repository):
    """What a client is to do about an object."""
    oid, size = entry["oid"], entry["size"]
    action = {"href": f"{os.environ['LFS_SERVER']}{repository}/lfs-objects/{oid}"}
    if "HTTP_AUTHORIZATION" in os.environ:
        # As GitLab does it: who was let in here is let in there.
        action["header"] = {"Authorization": os.environ["HTTP_AUTHORIZATION"]}
    here = re.fullmatch("[0-9a-f]{64}", oid) and os.path.exists(place(oid))
    if operation == "download" and not here:
        return {"oid": oid, "size": size, "error": {"code": 404, "message": "Object does not exist"}}
    actions = {} if operation == "upload" and here else {operation: action}
    return {"oid": oid, "size": size, "actions": actions}


def batch(repository, body):
    asked = json.loads(body)
    operation = asked["operation"]
    objects = [transfer(entry, operation, repository) for entry in asked["objects"]]
    answer("200 OK", {"transfer": "basic", "objects": objects, "hash_algo": "sha256"})


def store(oid, body):
    if hashlib.sha256(body).hexdigest() != oid:
        return answer("422 Unprocessable Entity", {"message": "this is another object"})
    scratch = place(f"{oid}.{os.getpid()}")
    with open(scratch, "wb") as file:
        file.write(body)
    os.rename(scratch, place(oid))
    return answer("200 OK", {})


def main():
    method, path = os.environ["REQUEST_METHOD"], os.environ["PATH_INFO"]
    body = sys.stdin.buffer.read(int(os.environ.get("CONTENT_LENGTH") or 0))
    found = re.fullmatch(r"(/.+\.git)/(?:info/lfs/(.+)|lfs-objects/([0-9a-f]{64}))", path)
    if not found:
        return answer("404 Not Found", {"message": "Not found"})
    repository, call, oid = found.groups()
    if oid and method == "PUT":
        return store(oid, body)
    if oid and method == "GET" and os.path.exists(place(oid)):
        with open(place(oid), "rb") as file:
            return answer("200 OK", file.read(), "application/octet-stream")
    if (method, call) == ("POST", "objects/batch"):
        return batch(repository, body)
    return answer("404 Not Found", {"message": "Not found"})


main()
