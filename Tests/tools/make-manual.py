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

from program_text import below, exit_codes, flowing, shown, spelled, variables


def escape(text):
    """Makes plain text safe for troff, whose own marks are the backslash and a dot or quote at a line's beginning."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return re.sub(r"(?m)^(?=[.'])", r"\\&", text)


def paragraphs(text):
    """Lines and paragraphs, as troff breaks them."""
    parts = flowing(text).split("\n\n")
    return ".PP\n".join(re.sub(r"\n(?=.)", "\n.br\n", escape(part)) + "\n" for part in parts).rstrip("\n")


def plain(text):
    """A cell of a table without its marks."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text.replace("`", ""))


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
    arguments = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    if command.get("subcommands"):
        words.append("\\fIsubcommand\\fR")
    if any(a["kind"] != "positional" for a in arguments):
        words.append("[\\fIoptions\\fR]")
    for argument in arguments:
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
    for argument in shown(command):
        out += [".TP", heading(argument), paragraphs(argument.get("abstract", ""))]
    for sub in below(command):
        describe(sub, f"{path} {sub['commandName']}", out)


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
    for command in below(program):
        describe(command, f"outlast {command['commandName']}", out)
    out.append(".SH EXIT STATUS")
    for code, meaning in exit_codes(readme):
        out += [".TP", f"\\fB{escape(plain(code))}\\fR", escape(plain(meaning))]
    out.append(".SH ENVIRONMENT")
    for name, meaning in variables(readme):
        out += [".TP", f"\\fB{escape(plain(name))}\\fR", escape(plain(meaning))]
    out += [".SH SEE ALSO", ".BR git (1),", ".BR gitcredentials (7)"]
    print("\n".join(out))


if __name__ == "__main__":
    main()
