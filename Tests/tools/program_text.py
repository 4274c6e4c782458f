"""What the program and the README say, for pages that are made of it: no second text can differ from the first."""
import re


def spelled(name):
    """An option as it is typed."""
    return ("-" if name["kind"] in ("short", "longWithSingleDash") else "--") + name["name"]


def shown(command):
    """The arguments that a reader is told of. Every command has --help; saying it forty times hides the rest."""
    return [argument for argument in command.get("arguments", [])
            if argument.get("shouldDisplay", True) and argument.get("valueName") not in ("help", "version")]


def below(command):
    """The subcommands that a reader is told of."""
    return [sub for sub in command.get("subcommands", [])
            if sub.get("shouldDisplay", True) and sub["commandName"] != "help"]


def flowing(text):
    """A line that ends a sentence stays a line; others were broken for a width that a page does not have."""
    return re.sub(r"(?<![.:\n])\n(?=[^\n])", " ", text.strip())


def table(readme, title, first):
    """The rows of the first table after a heading of the README whose head begins with a given word."""
    section = "\n" + readme.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = section.split(f"\n| {first} |", 1)[1].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            break
        left, right = (cell.strip() for cell in line.strip("|").split("|", 1))
        yield left, right


def exit_codes(readme):
    """Codes with their meanings."""
    return list(table(readme, "Exit codes", "code"))


def variables(readme):
    """Environment variables with their meanings."""
    keys = list(table(readme, "Keys and sealed secrets", "variable"))
    # The key's variables are in both tables, one by one only in the second.
    others = [row for row in table(readme, "Configuration", "variable") if not row[0].startswith(keys[0][0])]
    return others + keys
