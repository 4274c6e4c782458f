"""What can be said of the templates without running them: schemas, linters, shellcheck of every shell text in them."""

import glob
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

import yaml

from story import OUTLAST, PATIENCE, REPOSITORY, TEMPLATES, VENV, quick_start


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
        """Each `outlast …` that templates and quick starts show; what a shell would still change is run by other tests."""
        words = "preflight|refresh|record|credential|key|secret|init|doctor|history|ssh-fallback|exec|keep|version"
        pattern = re.compile(rf"(?<![\w./-])outlast ((?:{words})\b[^`\"')|;&\n<>]*)(.?)")
        paths = [path for path in glob.glob(f"{TEMPLATES}/**/*", recursive=True) if os.path.isfile(path)]
        found = set()
        for path in [*paths, *glob.glob(f"{REPOSITORY}/docs/ci-*.md")]:
            with open(path, encoding="utf-8") as file:
                # A quoted value that follows is the shell's.
                whole = [match for match in pattern.finditer(file.read()) if match.group(2) != '"']
                found |= {match.group(1).split("  ")[0].strip() for match in whole}
        return sorted(line for line in found if "$" not in line and "{" not in line)

    def test_every_command_line_is_understood(self):
        lines = self.command_lines()
        self.assertGreater(len(lines), 10)
        known = subprocess.run([OUTLAST, "--help"], text=True, capture_output=True, timeout=PATIENCE, check=True).stdout
        config = os.path.join(self.folder, "outlast.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("version: 1\ncredentials:\n  release: {forge: generic, token: {env: T}, "
                       "hosts: [git.example.com], expires_at: 2099-01-01, "
                       "ssh: {host: git.example.com, key: {env: DEPLOY_KEY}}}\n")
        environment = {
            "HOME": self.folder, "PATH": "/usr/bin:/bin", "T": "token-of-nobody-0000000", "OUTLAST_CONFIG": config,
            "XDG_RUNTIME_DIR": self.folder, "HTTPS_PROXY": "http://127.0.0.1:9", "GITLAB_CI": "true",
            "CI_PROJECT_PATH": "group/app", "CI_JOB_NAME": "release", "CI_JOB_ID": "7",
            "GITHUB_ENV": os.path.join(self.folder, "variables"),
        }
        unknown = set()
        for line in lines:
            if not re.search(rf"^  {re.escape(line.split()[0])}\b", known, re.MULTILINE):
                unknown.add(line.split()[0])
                continue
            run = subprocess.run([OUTLAST, *shlex.split(line)], cwd=self.folder, env=environment, text=True,
                                 capture_output=True, timeout=PATIENCE, check=False)
            # A fallback that finds no repository to prove it by ends so too, in words of its own.
            if "repository" not in run.stderr:
                self.assertNotEqual(run.returncode, 64, f"outlast {line}: {run.stderr}")
        self.assertEqual(unknown, set(), "commands that the program does not have")

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
