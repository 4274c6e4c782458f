"""The documentation's examples, run as their pages show them, and its lists, compared with what the program says of itself.

pages.py has the marks that make a block run. Each page is one shell in a folder of its own, with a forge to itself.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import pages
from story import BINARIES, OUTLAST, PATIENCE, REPOSITORY

# What every rehearsal begins with: two words for making things at the forge, and what a job has of an operator.
BEGINNING = """
new() { curl -sSf "$S/_sandbox/$1" -d "$2" >made || { cat made; return 1; }; }
made() { jq -r ".$1" made; }
mkdir -m 700 state run stubs
export OUTLAST_KEY=$(outlast key generate) OUTLAST_STATE=$PWD/state/state.db
"""


class Rehearsal:
    """One page, played in one shell, with a forge of its own."""

    def __init__(self, path, text):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="outlast-page-"))
        self.steps = list(pages.parts(text))
        beginning = os.path.join(REPOSITORY, "Tests", "templates", "rehearsals", path.replace(".md", ".sh"))
        if self.steps and os.path.exists(beginning):
            with open(beginning, encoding="utf-8") as file:
                self.steps.insert(0, ("run", file.read(), None, 0, False))
        self.forge = None

    def end(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="backslashreplace") as file:
            return file.read()

    def has(self, name):
        return os.path.exists(os.path.join(self.folder, name))

    def stand_in(self, text):
        """A page's text with this rehearsal's addresses and folders in the place of those that it shows."""
        for shown, meant in [
            ("https://gitlab.example.com", self.forge), ("https://api.github.com", f"{self.forge}/github"),
            ("https://github.com", f"{self.forge}/github-git"), ("/var/lib/outlast", f"{self.folder}/state"),
            ("/etc/outlast", f"{self.folder}/run"), ("/run/build", f"{self.folder}/run"),
        ]:
            text = text.replace(shown, meant)
        return text

    def play(self):
        """Runs the steps; each leaves `.steps/N.out` and, when it came to its end, `.steps/N.code`."""
        sandbox = subprocess.Popen([os.path.join(BINARIES, "outlast-sandbox"), "serve", "--port-file", "port"],
                                   cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + PATIENCE
            while not (self.has("port") and self.read("port").strip()):
                if sandbox.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the sandbox did not start")
                time.sleep(0.05)
            self.forge = f"http://127.0.0.1:{self.read('port').strip()}"
            return self.run()
        finally:
            sandbox.terminate()
            sandbox.wait(PATIENCE)

    def run(self):
        os.mkdir(os.path.join(self.folder, ".steps"))
        script = [BEGINNING]
        for number, (kind, *rest) in enumerate(self.steps):
            place = f"{self.folder}/.steps/{number}"
            if kind == "file":
                self.write(place, self.stand_in(rest[1]))
                script.append(f"cp {place} {rest[0]}")
            else:
                # The page's shell goes on with what the step has set, and ends where a step fails that was not to fail.
                self.write(place, ("" if rest[2] else "set -e\n") + self.stand_in(rest[0]))
                # Addresses that only a rehearsal's own servers know are put in by a script for sed that it writes.
                script.append(f"[ ! -e {self.folder}/stand-ins ] || sed -i -f {self.folder}/stand-ins {place}")
                script.append(f". {place} >{place}.out 2>&1; code=$?; set +e; echo $code >{place}.code")
        self.write(".steps/script", "\n".join(script) + "\n")
        who = {"NAME": "a", "EMAIL": "a@example.invalid"}
        environment = {
            "PATH": f"{self.folder}/stubs:{BINARIES}:/usr/bin:/bin", "HOME": self.folder, "NO_PROXY": "127.0.0.1",
            "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": f"{self.folder}/run", "GIT_CONFIG_NOSYSTEM": "1", "S": self.forge, "TOOLS": os.path.join(REPOSITORY, "Tests", "tools"),
            **{f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in who.items()},
        }
        return subprocess.run(["bash", ".steps/script"], cwd=self.folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=PATIENCE, check=False).stdout


class PageTests(unittest.TestCase):
    maxDiff = None

    def test_marked_blocks_run_and_answer_as_their_page_shows(self):
        count = 0
        for path, text in pages.pages():
            rehearsal = Rehearsal(path, text)
            self.addCleanup(rehearsal.end)
            if not rehearsal.steps:
                continue
            said = rehearsal.play()
            for number, (kind, *rest) in enumerate(rehearsal.steps):
                if kind == "file":
                    continue
                command, expected, code, differs = rest
                place = f".steps/{number}"
                out = rehearsal.read(f"{place}.out") if rehearsal.has(f"{place}.out") else ""
                with self.subTest(page=path, command=command.strip()):
                    self.assertTrue(rehearsal.has(f"{place}.code"), f"the page ended here: {out}{said}")
                    self.assertEqual(rehearsal.read(f"{place}.code").strip(), str(code), out)
                    if expected is not None:
                        lines, given = [rehearsal.stand_in(line) for line in expected], out.splitlines()
                        if differs:
                            lines, given = map(pages.without_figures, lines), map(pages.without_figures, given)
                        self.assertTrue(pages.fits(list(lines), list(given)), "\n".join([*expected, "--- but it answered:", out]))
                count += 1
        self.assertGreater(count, 40)

    def test_a_page_that_runs_runs_whole(self):
        """No shell of a how-to stays untried, nor of any other page of which a part is run."""
        for path, text in pages.pages():
            blocks = [match for match in pages.FENCE.finditer(text) if match.group(2) in ("sh", "bash", "console")]
            marked = re.findall(rf"<!-- (?:{pages.RUNS}) -->\n+ *```(?:sh|bash|console)\n", text)
            with self.subTest(page=path):
                if path.startswith("docs/how-to/"):
                    self.assertGreater(len(marked), 0)
                if marked:
                    self.assertEqual(len(marked), len(blocks))

    def test_every_link_leads_somewhere(self):
        count = 0
        for path, text in pages.pages():
            bare = re.sub(r"`[^`\n]*`", "", pages.FENCE.sub("", text))
            for target in re.findall(r"\]\(([^)\s]+)\)", bare):
                if "://" in target:
                    continue
                name, _, anchor = target.partition("#")
                place = os.path.normpath(os.path.join(REPOSITORY, os.path.dirname(path), name)) if name else \
                    os.path.join(REPOSITORY, path)
                with self.subTest(page=path, link=target):
                    self.assertTrue(os.path.exists(place))
                    if anchor:
                        self.assertIn(anchor, self.anchors(place))
                count += 1
        self.assertGreater(count, 100)

    def anchors(self, place):
        """The headings of a page as its host names them."""
        with open(place, encoding="utf-8") as file:
            headings = re.findall(r"(?m)^#+ (.*)$", pages.FENCE.sub("", file.read()))
        plain = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower() for heading in headings]
        return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}

    def test_every_page_is_in_the_index(self):
        with open(os.path.join(REPOSITORY, "docs", "README.md"), encoding="utf-8") as file:
            index = file.read()
        for path, _ in pages.pages():
            if path.startswith("docs/") and "/decisions/" not in path and path != "docs/README.md":
                self.assertIn(f"({path.removeprefix('docs/')}", index)


class ConfigurationTests(unittest.TestCase):
    """docs/configuration.md has the keys that the program knows, and examples that it takes."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="outlast-keys-")
        self.addCleanup(shutil.rmtree, self.folder)
        with open(os.path.join(REPOSITORY, "docs", "configuration.md"), encoding="utf-8") as file:
            self.page = file.read()

    def sections(self):
        """The place of each table, with its rows as lists of cells."""
        for match in re.finditer(r"<!-- keys: (.*?) -->\n(.*?)\n\n", self.page, re.DOTALL):
            rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in match.group(2).splitlines()[2:]]
            yield match.group(1).split(), rows

    def asked(self, text, found=False):
        """What the program says of a configuration: nothing, or its first mistake with the hint."""
        place = os.path.join(self.folder, ".outlast.yml" if found else "named.yml")
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
        environment = {"HOME": self.folder, "PATH": "/usr/bin:/bin", **({} if found else {"OUTLAST_CONFIG": place}),
                       "GITLAB_CI": "true", "CI_API_V4_URL": "https://gitlab.example.com/api/v4"}
        run = subprocess.run([OUTLAST, "doctor", "--offline", "--json"], cwd=self.folder, env=environment, text=True,
                             capture_output=True, timeout=PATIENCE, check=False)
        (check,) = [check for check in json.loads(run.stdout)["checks"] if check["name"] == "configuration"]
        return "" if check["status"] == "pass" else f"{check['detail']}; {check['remedy']}"

    def file(self, place, body):
        """A whole configuration with a block of the given keys in its place."""
        block = "{" + ", ".join(f"{key}: {value}" for key, value in body) + "}"
        kind, *name = place
        others = "owner: {token: {env: OWNER_TOKEN}}, jenkins: {token: {env: JENKINS_TOKEN}}"
        if kind == "file":
            return "".join(f"{key}: {value}\n" for key, value in body)
        credential = {
            "credential": block, "token": f"{{token: {block}}}", "ssh": f"{{ssh: {block}}}",
            "renew": f"{{renew: {block}}}", "publish": f"{{publish: [{{{name[0] if name else ''}: {block}}}]}}",
        }[kind]
        return f"version: 1\ncredentials: {{a: {credential}, {others}}}\n"

    def method(self, place):
        return [("method", place[1])] if place[0] == "renew" else []

    def test_the_keys_are_those_that_the_program_knows(self):
        documented = []
        for place, rows in self.sections():
            with self.subTest(place=place):
                said = self.asked(self.file(place, [*self.method(place), ("zzzz", "1")] if place != ["file"] else
                                            [("version", "1"), ("zzzz", "1")]))
                known = said.split("known here: ")[-1].split(", ")
                # Those of every method have a table of their own.
                if place[0] == "renew" and place[1] != "none":
                    known = [key for key in known if key not in ("method", "by")]
                self.assertEqual([row[0].strip("`") for row in rows], known, said)
            documented.append(place)
        for kind, mistake in [("renew", "{renew: {method: zzzz}}"), ("publish", "{publish: [{zzzz: {}}]}")]:
            said = self.asked(f"version: 1\ncredentials: {{a: {mistake}}}\n")
            self.assertEqual(sorted(place[1] for place in documented if place[0] == kind),
                             sorted(said.split("known here: ")[-1].split(", ")))

    def test_every_example_is_taken_and_what_is_required_is_missed(self):
        for place, rows in self.sections():
            values = {row[0].strip("`"): row[1].strip("`") for row in rows}
            groups = [sorted({key, *re.findall(r"or `(\w+)`", row[2])}, key=list(values).index)
                      for key, row in zip(values, rows) if row[2].startswith("required")]
            for key, row in zip(values, rows):
                chosen = [key] + [group[0] for group in groups if key not in group]
                if place == ["token"]:
                    chosen = [key]
                body = [(name, values[name]) for name in dict.fromkeys(chosen)]
                if "method" not in chosen:
                    body = self.method(place) + body
                with self.subTest(place=place, key=key):
                    text = self.file(place, body)
                    self.assertEqual(self.asked(text), "", text)
                    if len(row) == 5:
                        refusal = self.asked(text, found=True)
                        self.assertEqual("no" if "found in the working tree" in refusal else "yes", row[3], refusal)
                    if row[2].startswith("required"):
                        left = self.file(place, [(name, value) for name, value in body if name != key])
                        self.assertNotEqual(self.asked(left), "", left)

    def test_whole_files_of_the_pages_are_taken(self):
        count = 0
        for path, text in pages.pages():
            for match in pages.FENCE.finditer(text):
                body = re.sub(rf"(?m)^{match.group(1)}", "", match.group(3))
                if match.group(2) == "yaml" and body.startswith("version: 1"):
                    with self.subTest(page=path):
                        self.assertEqual(self.asked(body), "", body)
                    count += 1
        self.assertGreater(count, 8)


if __name__ == "__main__":
    unittest.main(verbosity=2)
