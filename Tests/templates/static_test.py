"""What can be said of the templates without running them: schemas, linters, shellcheck of every shell text in them."""

import base64
import functools
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import pages
from story import OUTLAST, PATIENCE, REPOSITORY, TEMPLATES, VENV, quick_start


# What a command line names and a test's folder does not have: the line was understood all the same.
UNMET = r"no such file|there is no process|there is no (file|folder)|no such job|repository|no credential of|one credential is renewed at a time"


@functools.cache
def described():
    """The commands, as the program describes itself."""
    dump = subprocess.run([OUTLAST, "--experimental-dump-help"], capture_output=True, timeout=PATIENCE, check=True)
    return json.loads(dump.stdout)["command"]


class Reference(yaml.SafeLoader):
    """YAML with GitLab's `!reference`."""


Reference.add_constructor("!reference", lambda loader, node: " ".join(loader.construct_sequence(node)))


def read(*parts):
    with open(os.path.join(TEMPLATES, *parts), encoding="utf-8") as file:
        return file.read()


class StaticTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="outlast-static-")
        self.addCleanup(shutil.rmtree, self.folder)

    def check(self, *command, folder=None):
        run = subprocess.run(command, cwd=folder or self.folder, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=PATIENCE, check=False)
        self.assertEqual(run.returncode, 0, run.stdout)

    def schema(self, name, *paths, transform=None, more=()):
        more = [*more, *(["--data-transform", transform] if transform else [])]
        self.check(f"{VENV}/bin/check-jsonschema", "--builtin-schema", f"vendor.{name}", *more, *paths)

    def test_yaml(self):
        rules = "{extends: default, rules: {line-length: disable, document-start: disable, truthy: disable, " \
                "comments: {min-spaces-from-content: 1}}}"
        files = [path for path in glob.glob(f"{TEMPLATES}/**/*.yml", recursive=True)]
        self.assertGreater(len(files), 10)
        self.check(f"{VENV}/bin/yamllint", "--strict", "-d", rules, *files)

    def test_gitlab(self):
        # A component is two documents, and its inputs stand in places where a schema wants values.
        head, body = read("gitlab", "templates", "outlast", "template.yml").split("\n---\n")
        self.assertEqual(set(yaml.safe_load(head)["spec"]["inputs"]) - set(self.used(body)), set())
        with open(os.path.join(self.folder, "component.yml"), "w", encoding="utf-8") as file:
            file.write(body.replace("$[[ inputs.name ]]", ".outlast"))
        files = [f"{TEMPLATES}/gitlab/outlast.yml", *glob.glob(f"{TEMPLATES}/gitlab/examples/*.yml")]
        self.schema("gitlab-ci", os.path.join(self.folder, "component.yml"), *files, transform="gitlab-ci")

    def used(self, body):
        return [part.split(" ]]")[0] for part in body.split("$[[ inputs.")[1:]]

    def test_every_input_is_described_and_typed(self):
        inputs = yaml.safe_load(read("gitlab", "templates", "outlast", "template.yml").split("\n---\n")[0])
        for name, value in inputs["spec"]["inputs"].items():
            self.assertGreater(len(value["description"]), 20, name)
            self.assertIsInstance(value["default"], str, name)
        for name, value in yaml.safe_load(read("github", "action.yml"))["inputs"].items():
            self.assertGreater(len(value["description"]), 20, name)

    def test_github(self):
        workflows = os.path.join(self.folder, ".github", "workflows")
        shutil.copytree(f"{TEMPLATES}/github/examples", workflows)
        shutil.copy(f"{TEMPLATES}/github/action.yml", self.folder)
        self.schema("github-actions", f"{TEMPLATES}/github/action.yml")
        self.schema("github-workflows", *glob.glob(f"{workflows}/*.yml"))
        self.check("git", "init", "-q", ".")
        self.check(f"{VENV}/bin/actionlint")
        self.check(f"{VENV}/bin/zizmor", "--offline", "--persona", "pedantic", ".")
        # The quick start, with the action as `outlast init` copies it.
        local = os.path.join(self.folder, ".github", "actions", "outlast")
        shutil.copytree(f"{TEMPLATES}/github", local, ignore=shutil.ignore_patterns("examples"))
        with open(os.path.join(workflows, "quick-start.yml"), "w", encoding="utf-8") as file:
            file.write(quick_start("ci-github.md"))
        self.schema("github-workflows", os.path.join(workflows, "quick-start.yml"))
        self.check(f"{VENV}/bin/actionlint")

    def test_workflows_are_pinned_and_have_no_rights_by_default(self):
        for path in glob.glob(f"{TEMPLATES}/github/examples/*.yml"):
            with open(path, encoding="utf-8") as file:
                workflow = yaml.safe_load(file)
            self.assertEqual(workflow["permissions"], {}, path)
            for job in workflow["jobs"].values():
                for step in job["steps"]:
                    if "uses" in step:
                        self.assertRegex(step["uses"], r"@[0-9a-f]{40}$")
                    if step.get("uses", "").startswith("actions/checkout"):
                        self.assertIs(step["with"]["persist-credentials"], False)

    def test_the_others(self):
        # Patterns of the first schema are none in JavaScript's stricter mode.
        self.schema("azure-pipelines", f"{TEMPLATES}/azure/azure-pipelines.yml", transform="azure-pipelines",
                    more=["--regex-variant", "nonunicode"])
        self.schema("circle-ci", f"{TEMPLATES}/circleci/config.yml")
        self.schema("bitbucket-pipelines", f"{TEMPLATES}/bitbucket/bitbucket-pipelines.yml")
        self.schema("buildkite", f"{TEMPLATES}/buildkite/pipeline.yml")

    def test_all_shell_is_clean(self):
        scripts = [*glob.glob(f"{TEMPLATES}/jenkins/resources/outlast/*.sh"), *glob.glob(f"{TEMPLATES}/buildkite/hooks/*")]
        texts = [("sh", text) for text in self.gitlab_texts()] + [("bash", text) for text in self.other_texts()]
        self.assertGreater(len(texts), 15)
        for number, (shell, text) in enumerate(texts):
            scripts.append(os.path.join(self.folder, f"{number}.sh"))
            with open(scripts[-1], "w", encoding="utf-8") as file:
                file.write(f"#!/usr/bin/env {shell}\nset -e\n{text}\n")
        # Variables that the CI or an earlier piece has set are none of one piece's own.
        self.check("shellcheck", "--exclude", "SC2154,SC2148", *scripts)

    def command_lines(self):
        """Each `outlast …` that README, docs and templates show, as its words, with the files that show it."""
        texts = dict(pages.pages())
        for path in glob.glob(f"{TEMPLATES}/**/*", recursive=True):
            if os.path.isfile(path):
                with open(path, encoding="utf-8") as file:
                    texts[os.path.relpath(path, REPOSITORY)] = file.read()
        found = {}
        for path, text in texts.items():
            for words in pages.command_lines(path, text):
                # Arguments that a script puts together itself are run by the tests of that script.
                if "$@" not in words:
                    found.setdefault(tuple(words), []).append(path)
        return found

    def test_every_command_line_is_understood(self):
        lines = self.command_lines()
        self.assertGreater(len(lines), 100)
        shown = set().union(*lines.values())
        for path in ("README.md", "docs/renewing.md", "docs/how-to/rotate-weekly.md", "ci-templates/gitlab/outlast.yml"):
            self.assertIn(path, shown)
        environment = self.place(lines)
        for number, (line, paths) in enumerate(lines.items()):
            words = [self.filled(word) for word in line]
            # In prose a command's name alone stands for the command, whatever it needs besides.
            if all(re.fullmatch(r"[a-z][a-z-]*", word) for word in words):
                self.assertTrue(self.has_command(words), f"outlast {' '.join(words)}, in {paths}")
                words.append("--help")
            # A wait would only be slept through.
            words = ["1s" if before == "--for" and re.fullmatch(r"[0-9]+[smhd]", word) else word
                     for before, word in zip(["", *words], words)]
            folder = os.path.join(self.folder, str(number))
            os.mkdir(folder)
            run = subprocess.run([OUTLAST, *words], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=PATIENCE, check=False)
            with self.subTest(line=" ".join(line), shown=sorted(set(paths))):
                if not re.search(UNMET, run.stderr):
                    self.assertNotEqual(run.returncode, 64, run.stderr)
                    self.assertNotIn("(code 64)", run.stderr)

    def has_command(self, words):
        """Whether the program has a command of this name, which may be followed by an argument where it takes one."""
        command, rest = described(), list(words)
        while rest and (below := [sub for sub in command.get("subcommands", []) if sub["commandName"] == rest[0]]):
            command = below[0]
            rest.pop(0)
        return not rest or any(argument["kind"] == "positional" for argument in command.get("arguments", []))

    def filled(self, word):
        """A word with the variables of a shell filled in."""
        known = {"S": "http://127.0.0.1:9", "PWD": self.folder, "SSH_KNOWN_HOSTS": os.path.join(self.folder, "known_hosts"),
                 "OUTLAST_DURATION": "90m", "OUTLAST_ON_INSUFFICIENT": "fail", "OUTLAST_BUILD_STATUS": "failed",
                 "OUTLAST_TOKEN_VARIABLE": "RELEASE_TOKEN", "outlast_name": "release", "status": "success"}
        word = re.sub(r"\$\((?:[^()]*)\)", "1", word)
        # The shell's own process: one that has ended, so that nothing is kept for it.
        word = word.replace("$$", "999999")
        return re.sub(r"\$\{?(\w+)(?::-[^}]*)?\}?", lambda match: known.get(match.group(1), "1"), word)

    def place(self, lines):
        """The environment of a command line: all credentials and variables that lines name are there, and no network."""
        def named(option):
            return {self.filled(after) for line in lines for word, after in zip(line, line[1:]) if word == option}

        config = os.path.join(self.folder, "outlast.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("version: 1\ncredentials:\n" + "".join(
                f"  {name}: {{forge: gitlab, api_url: https://git.example.com/api/v4, token: {{env: T}}, "
                "hosts: [git.example.com], ssh: {host: git.example.com, key: {env: DEPLOY_KEY}}}\n"
                for name in sorted({"release"} | named("--credential") - {"none"})))
        with open(os.path.join(self.folder, "known_hosts"), "w", encoding="utf-8") as file:
            file.write("")
        tokens = {name: "token-of-nobody-0000000" for name in {"T", "DEPLOY_KEY"} | named("--token-env") | named("--key-env")}
        key = base64.b64encode(bytes(range(32))).decode()
        return tokens | {
            "HOME": self.folder, "PATH": "/usr/bin:/bin", "OUTLAST_CONFIG": config,
            "OUTLAST_KEY": key, "OUTLAST_NEW_KEY": key[::-1].lstrip("=") + "=",
            "XDG_RUNTIME_DIR": self.folder, "HTTPS_PROXY": "http://127.0.0.1:9", "GITLAB_CI": "true",
            "CI_PROJECT_PATH": "group/app", "CI_JOB_NAME": "release", "CI_JOB_ID": "7",
            "GITHUB_ENV": os.path.join(self.folder, "variables"),
        }

    def test_what_init_writes_are_these_templates(self):
        self.check(f"{VENV}/bin/python", os.path.join(REPOSITORY, "Tests", "tools", "embed-templates.py"), "--check")

    def gitlab_texts(self):
        for path in ["outlast.yml", *(f"examples/{name}" for name in os.listdir(f"{TEMPLATES}/gitlab/examples"))]:
            for job in yaml.load(read("gitlab", path), Loader=Reference).values():
                if isinstance(job, dict):
                    for part in ("before_script", "script", "after_script"):
                        lines = [line for line in job.get(part, []) if not line.startswith(".outlast ")]
                        yield "\n".join(lines)

    def other_texts(self):
        for path in glob.glob(f"{TEMPLATES}/github/examples/*.yml"):
            with open(path, encoding="utf-8") as file:
                for job in yaml.safe_load(file)["jobs"].values():
                    yield from (step["run"] for step in job["steps"] if "run" in step)
        steps = yaml.safe_load(read("azure", "azure-pipelines.yml"))["jobs"][0]["steps"]
        yield from (step["bash"] for step in steps if "bash" in step)
        steps = yaml.safe_load(read("circleci", "config.yml"))["jobs"]["release"]["steps"]
        # The line in single quotes is for later shells.
        late = ("echo 'eval", "# shellcheck disable=SC2016\necho 'eval")
        yield from (step["run"]["command"].replace(*late) for step in steps if step != "checkout")
        (entry,) = yaml.safe_load(read("bitbucket", "bitbucket-pipelines.yml"))["pipelines"]["branches"]["main"]
        yield "\n".join(entry["step"]["script"] + entry["step"]["after-script"])
        yield "\n".join(yaml.safe_load(read("buildkite", "pipeline.yml"))["steps"][0]["command"]).replace("$$", "$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
