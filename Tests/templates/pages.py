"""What a page of the documentation says: its blocks, its command lines, and what a test may run of it.

A page marks what runs by plain comments:

    <!-- runs -->               the console or shell block that follows is run, and answers as it shows
    <!-- runs, figures differ -->   the same, but numbers, times and durations are examples
    <!-- file: NAME -->         the block that follows is the text of that file
    <!-- rehearsal              shell that a rehearsal needs and a reader's own forge has already
    …
    -->

In a console block a command stands behind `$ `, goes on after a backslash, and what it answers follows. `…` stands for any
text, alone in a line for any lines. `(exit N)` is its exit code when that is not 0.

What a page's rehearsal has to begin with may also stand in a file of its own, rehearsals/PAGE.sh.
"""

import glob
import os
import re

from story import REPOSITORY

FENCE = re.compile(r"(?m)^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL)
RUNS = r"runs(?:, figures differ)?|file: ([^ ]+)"
PART = re.compile(rf"<!-- ({RUNS}) -->\n+( *)```(\w*)\n(.*?)^\3```$|<!-- rehearsal\n(.*?)^-->$",
                  re.DOTALL | re.MULTILINE)


def pages():
    """README and its neighbours, and all of docs, by their path in the repository."""
    paths = [*glob.glob(f"{REPOSITORY}/*.md"), *glob.glob(f"{REPOSITORY}/docs/**/*.md", recursive=True)]
    for path in sorted(paths):
        with open(path, encoding="utf-8") as file:
            yield os.path.relpath(path, REPOSITORY), file.read()


def parts(text):
    """What a page's rehearsal is made of, in order: ('run', command, expected lines, exit code, whether figures
    differ) and ('file', name, text)."""
    for match in PART.finditer(text):
        kind, name, margin, language, body, hidden = match.groups()
        if hidden is not None:
            yield "run", hidden, None, 0, False
            continue
        body = re.sub(rf"(?m)^{margin}", "", body)
        if name:
            yield "file", name, body
        elif language == "console":
            for command in commands(body):
                yield (*command, "figures" in kind)
        else:
            yield "run", body, None, 0, False


def commands(body):
    """The commands of a console block with what they answer."""
    command, expected = None, []
    for line in [*body.splitlines(), None]:
        if line is not None and command is not None and command.endswith("\\\n"):
            command += line + "\n"
        elif line is None or line.startswith("$ "):
            if command is not None:
                code = 0
                if expected and (match := re.fullmatch(r"\(exit (\d+)\)", expected[-1])):
                    code = int(match.group(1))
                    expected.pop()
                yield "run", command, expected, code
            command, expected = (line[2:] + "\n" if line is not None else None), []
        else:
            expected.append(line)


def without_figures(line):
    """A line in which every duration, time and number reads the same."""
    return re.sub(r"\d+", "0", re.sub(r"\b\d+[dhms](?: \d+[hms])*\b", "0s", line))


def fits(expected, given):
    """Whether lines are as they were foretold."""
    if not expected:
        return not given
    if expected[0].strip() == "…":
        return any(fits(expected[1:], given[count:]) for count in range(len(given) + 1))
    pattern = ".*?".join(re.escape(part) for part in expected[0].rstrip().split("…"))
    return bool(given) and bool(re.fullmatch(pattern, given[0].rstrip())) and fits(expected[1:], given[1:])


# What stands before a program's name where a shell looks for one.
BEFORE = r"(?:^|[;&|({`'\"]|(?:^|\s)(?:-|\$|then|do|else|if|!|exec|until|while|[\w-]+:)\s)\s*(?:[A-Z_]+=\S*\s+)*"
COMMAND = re.compile(BEFORE + r"(outlast\s+[-a-z$].*)", re.MULTILINE)
# A form to fill in rather than a line to type.
FORM = re.compile(r"\[[A-Z-]|[A-Z]…|…|\.\.\.|[A-Z]\|[A-Z]")


def shell(text):
    """Lines of shell, each whole, with the program called by its name and without what a CI or a shell puts in."""
    text = re.sub(r"\\\n\s*", " ", text)
    text = re.sub(r'"\$(?:OUTLAST_PROGRAM|\{OUTLAST_PROGRAM:-outlast\})"', "outlast", text)
    text = re.sub(r"\$\{\{.*?\}\}", "success", text)
    return re.sub(r"\$\{\w+:\+(.*?)\}", r"\1", text)


def pieces(path, text):
    """The parts of a page or template that a reader types or a CI runs."""
    if not path.endswith(".md"):
        yield re.sub(r"(?m)^\s*(?:#|//).*$", "", text)
        yield "\n".join(re.findall(r"`(outlast [^`\n]+)`", text))
        return
    for match in FENCE.finditer(text):
        if match.group(2) in ("sh", "bash", "console", "yaml", "groovy"):
            # What a console answers is nothing to type.
            lines = shell(match.group(3)).splitlines()
            yield "\n".join(line for line in lines if match.group(2) != "console" or line.startswith("$ "))
    bare = FENCE.sub("", text)
    yield "\n".join(line for line in bare.splitlines() if line.startswith("    "))
    yield "\n".join(re.findall(r"`(outlast [^`\n]+)`", re.sub(r"(?m)^    .*$", "", bare)))


def command_lines(path, text):
    """Each `outlast …` that a page or template shows as something to type, as the words that the program would get."""
    for piece in pieces(path, text):
        for line in shell(piece).splitlines():
            start = 0
            while match := COMMAND.search(line, start):
                found = words(match.group(1))
                start = match.start(1) + len("outlast")
                if found and not (path.endswith(".md") and FORM.search(" ".join(found))):
                    yield found


def words(line):
    """The words of the command that a line begins with, without the program's name, up to where the command ends."""
    found, index = [], 0
    while index < len(line):
        if line[index].isspace():
            index += 1
        elif line[index] in "|;&<>)#`" or (line[index].isdigit() and line[index + 1:index + 2] == ">"):
            break
        else:
            word, index, is_last = next_word(line, index)
            found.append(word)
            if is_last:
                break
    if "--" in found:
        # What is wrapped is the reader's own business.
        found = [*found[:found.index("--") + 1], "true"]
    return found[1:]


def next_word(line, index):
    """A word from a place on, the place behind it, and whether the command ends there."""
    word, start = "", index
    while index < len(line) and not line[index].isspace():
        letter = line[index]
        if letter in "'\"":
            end = line.find(letter, index + 1)
            # A quote that nobody opened here, or that closes in the middle of a word, belongs to what is around the command.
            if end < 0 or (index > start and line[index - 1] not in "='\""):
                return word, index, True
            word += line[index + 1:end]
            index = end + 1
        elif letter in "|;&)`" or (letter in "<>" and not word.isdigit()):
            return word, index, True
        else:
            word += letter
            index += 1
    return word, index, False
