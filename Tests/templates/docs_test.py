"""The documentation's examples, run as their pages show them, and its lists, compared with what the program says of itself.

pages.py has the marks that make a block run. Each page is one shell in a folder of its own, with a forge to itself.
"""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import pages
from story import BINARIES, OUTLAST, PATIENCE, REPOSITORY

# What every rehearsal begins with: the sandbox, and two words for making things there.
BEGINNING = """
outlast-sandbox serve --port-file port >sandbox.log 2>&1 & sandbox=$!
trap 'kill $sandbox' EXIT
until [ -s port ]; do sleep 0.1; done
export S=http://127.0.0.1:$(cat port)
new() { curl -sSf "$S/_sandbox/$1" -d "$2" >made || { cat made; return 1; }; }
made() { jq -r ".$1" made; }
mkdir -m 700 state run stubs
export OUTLAST_KEY=$(outlast key generate) OUTLAST_STATE=$PWD/state/state.db
"""

# A page's own example servers and folders, and what stands for them.
STANDS_FOR = [
    ("https://gitlab.example.com", "$S"), ("https://api.github.com", "$S/github"), ("https://github.com", "$S/github-git"),
    ("/var/lib/outlast", "$PWD/state"), ("/etc/outlast", "$PWD/run"), ("/run/build", "$PWD/run"),
]


def stand_in(text, values):
    for shown, name in STANDS_FOR:
        text = text.replace(shown, re.sub(r"\$(\w+)", lambda match: values[match.group(1)], name) if values else name)
    return text


class Rehearsal:
    """One page, played in one shell."""

    def __init__(self, text):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="outlast-page-"))
        self.steps = list(pages.parts(text))

    def end(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="backslashreplace") as file:
            return file.read()

    def play(self):
        """Runs the steps; each leaves `out.N` and, when it was reached, `code.N`."""
        os.mkdir(os.path.join(self.folder, ".steps"))
        script = [BEGINNING]
        for number, (kind, *rest) in enumerate(self.steps):
            place = f'"$HOME/.steps/{number}"'
            if kind == "file":
                # Only the stand-ins' variables are the shell's; the rest of the text is the file's own.
                self.write(f".steps/{number}", stand_in(rest[1], None))
                script.append(f'text=$(cat {place}); text=${{text//\\$S/$S}}; printf "%s\\n" "${{text//\\$PWD/$HOME}}" >{rest[0]}')
            else:
                strict = "" if rest[2] else "set -e\n"
                self.write(f".steps/{number}", strict + stand_in(rest[0], None).replace("$PWD", "$HOME"))
                # The page's shell goes on with what the step has set, and stops where a step fails unforetold.
                script.append(f'. {place} >"$HOME/.steps/{number}.out" 2>&1; '
                              f'code=$?; set +e; echo $code >"$HOME/.steps/{number}.code"')
        self.write(".steps/script", "\n".join(script) + "\n")
        environment = {
            "PATH": f"{self.folder}/stubs:{BINARIES}:/usr/bin:/bin", "HOME": self.folder, "NO_PROXY": "127.0.0.1",
            "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": f"{self.folder}/run", "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC",
            **{f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
               for what, value in {"NAME": "a", "EMAIL": "a@example.invalid"}.items()},
        }
        return subprocess.run(["bash", ".steps/script"], cwd=self.folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=PATIENCE, check=False).stdout


class PageTests(unittest.TestCase):
    maxDiff = None

    def test_marked_blocks_run_and_answer_as_their_page_shows(self):
        count = 0
        for path, text in pages.pages():
            rehearsal = Rehearsal(text)
            self.addCleanup(rehearsal.end)
            if not rehearsal.steps:
                continue
            said = rehearsal.play()
            for number, (kind, *rest) in enumerate(rehearsal.steps):
                if kind == "file":
                    continue
                command, expected, code = rest
                out = rehearsal.read(f".steps/{number}.out") if self.there(rehearsal, f"{number}.out") else ""
                with self.subTest(page=path, command=command.strip()):
                    self.assertTrue(self.there(rehearsal, f"{number}.code"), f"the page ended here: {out}{said}")
                    self.assertEqual(rehearsal.read(f".steps/{number}.code").strip(), str(code), out)
                    if expected is not None:
                        self.assertTrue(pages.fits(self.stood(expected, rehearsal), out.splitlines()),
                                        "\n".join([*expected, "--- but it answered:", out]))
                count += 1
        self.assertGreater(count, 40)

    def there(self, rehearsal, name):
        return os.path.exists(os.path.join(rehearsal.folder, ".steps", name))

    def stood(self, expected, rehearsal):
        """Expected lines with the names that the rehearsal's stand-ins have."""
        values = {"S": f"http://127.0.0.1:{rehearsal.read('port').strip()}", "PWD": rehearsal.folder}
        return [stand_in(line, values) for line in expected]

    def test_how_tos_run(self):
        """No shell of a how-to stays untried."""
        for path, text in pages.pages():
            if path.startswith("docs/how-to/"):
                blocks = [match for match in pages.FENCE.finditer(text) if match.group(2) in ("sh", "console")]
                marked = [part for part in re.findall(r"<!-- (?:runs|file: [^ ]+) -->\n+ *```(?:sh|console)\n", text)]
                self.assertEqual(len(marked), len(blocks), f"{path} has a block of shell that is not run")
                self.assertGreater(len(blocks), 0, path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
