#!/usr/bin/env python3
"""Writes the manual page from what the program says of itself.

Usage: outlast --experimental-dump-help | make-manual.py README.md VERSION SECONDS >outlast.1

Commands and options come from the argument parser, exit codes and variables from the README's tables, so that no second
text can differ from the first. SECONDS is the page's date, since 1970.
"""
import json
import re
import sys
import time


def escape(text):
    """Makes plain text safe for troff, whose own marks are the backslash and a dot or quote at a line's beginning."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return re.sub(r"(?m)^(?=[.'])", r"\\&", text)


def paragraphs(text):
    """A line that ends a sentence stays a line; others were broken for a width that a page does not have."""
    text = re.sub(r"(?<![.:\n])\n(?=[^\n])", " ", text.strip())
    return ".PP\n".join(re.sub(r"\n(?=.)", "\n.br\n", escape(part)) + "\n" for part in text.split("\n\n")).rstrip("\n")


def spelled(name):
    return ("-" if name["kind"] in ("short", "longWithSingleDash") else "--") + name["name"]


def value(argument):
    return f"\\fI{escape(argument.get('valueName', 'value'))}\\fR"


def heading(argument):
    """What stands at the left of an argument's text."""
    if argument["kind"] == "positional":
        return value(argument)
    names = ", ".join(f"\\fB{escape(spelled(name))}\\fR" for name in argument["names"])
    return names if argument["kind"] == "flag" else f"{names} {value(argument)}"


def usage(command, path):
    words = [f"\\fB{escape(path)}\\fR"]
    shown = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    if command.get("subcommands"):
        words.append("\\fIsubcommand\\fR")
    if any(a["kind"] != "positional" for a in shown):
        words.append("[\\fIoptions\\fR]")
    for argument in shown:
        if argument["kind"] == "positional":
            word = value(argument) + ("..." if argument["isRepeating"] else "")
            if argument.get("parsingStrategy") == "postTerminator":
                word = "\\fB\\-\\-\\fR " + word
            words.append(f"[{word}]" if argument["isOptional"] else word)
    return " ".join(words)


def describe(command, path, out):
    out += [f".SS {escape(path)}", paragraphs(command["abstract"]), ".PP", usage(command, path)]
    if command.get("discussion"):
        out += [".PP", paragraphs(command["discussion"])]
    for argument in command.get("arguments", []):
        # Every command has --help; saying it forty times hides the rest.
        if argument.get("shouldDisplay", True) and argument.get("valueName") not in ("help", "version"):
            out += [".TP", heading(argument), paragraphs(argument.get("abstract", ""))]
    for below in command.get("subcommands", []):
        if below.get("shouldDisplay", True) and below["commandName"] != "help":
            describe(below, f"{path} {below['commandName']}", out)


def table(readme, title, first):
    """The rows of the first table after a heading of the README whose head begins with a given word."""
    section = "\n" + readme.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = section.split(f"\n| {first} |", 1)[1].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            break
        left, right = (cell.strip().replace("`", "") for cell in line.strip("|").split("|", 1))
        yield left, re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", right)


def main():
    readme_path, version, seconds = sys.argv[1:]
    with open(readme_path, encoding="utf-8") as file:
        readme = file.read()
    program = json.load(sys.stdin)["command"]
    date = time.strftime("%Y-%m-%d", time.gmtime(int(seconds)))
    out = [
        f'.TH OUTLAST 1 "{date}" "outlast {version}" "User Commands"',
        ".SH NAME", f"outlast \\- {escape(program['abstract'][0].lower() + program['abstract'][1:].rstrip('.'))}",
        ".SH SYNOPSIS", usage(program, "outlast"),
        ".SH DESCRIPTION", paragraphs(program["discussion"]),
        ".PP", "Every command answers \\fB\\-\\-help\\fR.", ".SH COMMANDS",
    ]
    for command in program["subcommands"]:
        if command.get("shouldDisplay", True) and command["commandName"] != "help":
            describe(command, f"outlast {command['commandName']}", out)
    out.append(".SH EXIT STATUS")
    for code, meaning in table(readme, "Exit codes", "code"):
        out += [".TP", f"\\fB{escape(code)}\\fR", escape(meaning)]
    out.append(".SH ENVIRONMENT")
    keys = list(table(readme, "Keys and sealed secrets", "variable"))
    # The key's variables are in both tables, one by one only in the second.
    others = [row for row in table(readme, "Configuration", "variable") if not row[0].startswith(keys[0][0])]
    for name, meaning in others + keys:
        out += [".TP", f"\\fB{escape(name)}\\fR", escape(meaning)]
    out += [".SH SEE ALSO", ".BR git (1),", ".BR gitcredentials (7)"]
    print("\n".join(out))


if __name__ == "__main__":
    main()
