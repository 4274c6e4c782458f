#!/usr/bin/env python3
"""Prints the plain include of GitLab: the component with the defaults of its inputs, as variables to override.

Usage: plain-gitlab.py COMPONENT
"""

import re
import sys

import yaml

HEAD = """\
# outlast: does every credential outlast this job? A plain include; your jobs `extends: .outlast` and set the variables
# below as they need them. Made from the component, templates/outlast/template.yml.
"""

with open(sys.argv[1], encoding="utf-8") as file:
    head, body = file.read().split("\n---\n")
inputs = yaml.safe_load(head)["spec"]["inputs"]


def default(match):
    value = inputs[match.group(1)]["default"]
    return str(value).lower() if isinstance(value, bool) else value


def described(match):
    """A variable, below what the component says of its input."""
    line, name = match.groups()
    options = inputs[name].get("options")
    choice = f" One of: {', '.join(str(option) for option in options)}." if options else ""
    return f"    # {inputs[name]['description']}{choice}\n{line}"


body = re.sub(r'^(    OUTLAST_[A-Z_]+: "\$\[\[ inputs\.([a-z-]+) \]\]")$', described, body, flags=re.MULTILINE)
body = re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", default, body)
# Names need quotes only where they might be anything.
body = re.sub(r'^( *extends: )?"(\.outlast[a-z-]*)"(:?)$', r"\1\2\3", body, flags=re.MULTILINE)
sys.stdout.write(HEAD + body)
