#!/usr/bin/env python3
"""Writes docs/reference.md from what the program says of itself, or finds out whether it still says so.

Usage: outlast --experimental-dump-help | make-reference.py README.md docs/reference.md [--check]

Commands and options come from the argument parser, exit codes and variables from the README's tables, which tests compare
with the program.
"""
import difflib
import json
import re
import sys

from program_text import below, exit_codes, flowing, shown, spelled, variables

COMMON = "Common options"
HEAD = """\
# Reference

Every command with its options, the exit codes and the environment variables. This page is made from the argument parser and the
README's tables (`make reference`), and `make test` fails when they have gone apart. The same text is the manual page `outlast(1)`,
and in short form what `--help` answers. [configuration.md](configuration.md) has the file's keys, [history.md](history.md) the
public views.

Durations are `90s`, `45m`, `2h`, `1h30m`, `30d`; times `2026-11-20T22:10:00Z`, with an offset, or a bare date, which is its 00:00 UTC.
"""


def marked(text):
    """Plain text in Markdown: words between angle brackets are no HTML, and home folders strike nothing out."""
    return flowing(text).replace("<", "&lt;").replace("~", "\\~")


def cell(text):
    """Text that stays in its cell."""
    return marked(text).replace("\n", " ").replace("|", "\\|")


def usage(command, path):
    words = [path]
    if below(command):
        words.append("SUBCOMMAND")
    if any(argument["kind"] != "positional" for argument in shown(command)):
        words.append("[OPTIONS]")
    for argument in shown(command):
        if argument["kind"] == "positional":
            word = argument["valueName"].upper() + ("…" if argument["isRepeating"] else "")
            word = f"-- {word}" if argument.get("parsingStrategy") == "postTerminator" else word
            words.append(f"[{word}]" if argument["isOptional"] else word)
    return " ".join(words)


def row(argument, twins):
    """An argument's line; flags that turn the same thing on and off share one."""
    if argument["kind"] == "positional":
        left = f"`{argument['valueName'].upper()}`"
    else:
        value = "" if argument["kind"] == "flag" else " " + argument["valueName"].upper()
        names = [name for twin in twins for name in twin["names"]]
        left = ", ".join(f"`{spelled(name)}{value}`" for name in names)
    return f"| {left} | {cell(argument.get('abstract', ''))} |"


def options(arguments, out):
    """A table for each section, those without one first."""
    for section in dict.fromkeys([None, *(argument.get("sectionTitle") for argument in arguments)]):
        here = [argument for argument in arguments if argument.get("sectionTitle") == section]
        twins = {}
        for argument in here:
            same = argument.get("abstract") if argument["kind"] == "flag" else id(argument)
            twins.setdefault(same, []).append(argument)
        rows = [row(group[0], group) for group in twins.values()]
        if rows:
            out += [f"| {section.lower() if section else 'of its own'} | |", "| --- | --- |", *rows, ""]


def describe(command, path, out):
    out += [f"## {path}" if path.count(" ") == 1 else f"### {path}", "", cell(command["abstract"]), ""]
    if below(command):
        out += ["| | |", "| --- | --- |"]
        out += [f"| [{path} {sub['commandName']}](#{anchor(path, sub)}) | {cell(sub['abstract'])} |" for sub in below(command)]
        out.append("")
    else:
        out += [f"    {usage(command, path)}", ""]
    if command.get("discussion"):
        out += [marked(command["discussion"]).replace("\n", "\n\n").replace("\n\n\n\n", "\n\n"), ""]
    options([argument for argument in shown(command) if argument.get("sectionTitle") != COMMON], out)
    for sub in below(command):
        describe(sub, f"{path} {sub['commandName']}", out)


def anchor(path, sub):
    return f"{path} {sub['commandName']}".replace(" ", "-")


def common(command):
    """The options that nearly all commands have, from the first that has them."""
    for sub in below(command):
        found = [argument for argument in shown(sub) if argument.get("sectionTitle") == COMMON] or common(sub)
        if found:
            return found
    return []


def page(program, readme):
    out = [HEAD, "## Commands", "", "| | |", "| --- | --- |"]
    out += [f"| [outlast {sub['commandName']}](#{anchor('outlast', sub)}) | {cell(sub['abstract'])} |" for sub in below(program)]
    out += ["", "## Common options", "", "Every command takes these besides its own.", "", flowing(program["discussion"]).replace("\n", "\n\n"), ""]
    options(common(program), out)
    for sub in below(program):
        describe(sub, f"outlast {sub['commandName']}", out)
    out += ["## Exit codes", "", "| code | meaning |", "| --- | --- |"]
    out += [f"| {code} | {meaning} |" for code, meaning in exit_codes(readme)]
    out += ["", "Of several credentials the worst counts; what each means for a renewal is on [its page](how-to/rescue-a-lost-token.md).", ""]
    out += ["## Environment variables", "", "| variable | meaning |", "| --- | --- |"]
    # Links of the README begin in the folder above.
    out += [f"| {name} | " + re.sub(r"\]\((?!http|#)", "](../", meaning) + " |" for name, meaning in variables(readme)]
    return "\n".join(out) + "\n"


def main():
    readme_path, path, *check = sys.argv[1:]
    with open(readme_path, encoding="utf-8") as file:
        readme = file.read()
    text = page(json.load(sys.stdin)["command"], readme)
    if not check:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return
    with open(path, encoding="utf-8") as file:
        old = file.read()
    if old != text:
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), text.splitlines(True), path, "what the program says"))
        sys.exit(f"{path} is not what the program says: make reference")


if __name__ == "__main__":
    main()
