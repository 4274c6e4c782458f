"""As much of GitHub's runner as steps see of it: its files, its masks, expressions that only look something up, a cache."""

import os
import re
import shutil

import yaml

from story import TEMPLATES

ACTION = os.path.join(TEMPLATES, "github")


class GitHubRunner:
    """Runs one job of a workflow; `uses:` of the action of this repository are run by node, checkouts are there already."""

    def __init__(self, story, trace="quiet", **contexts):
        self.story, self.trace, self.masks, self.log = story, trace, set(), ""
        self.folder = story.path("runner")
        os.makedirs(self.folder, exist_ok=True)
        self.contexts = {"job.status": "success", "runner.temp": self.folder, "github.run_id": str(9000 + story.number),
                         "github.run_attempt": "1", **contexts}
        self.environment = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": contexts.get("github.repository", "owner/app"),
            "GITHUB_WORKFLOW": "release",
            "GITHUB_JOB": "build",
            "GITHUB_RUN_ID": self.contexts["github.run_id"],
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SERVER_URL": contexts.get("github.server_url", story.forge.url),
            "GITHUB_API_URL": story.forge.url + "/github",
            "GITHUB_WORKSPACE": story.workspace,
            "RUNNER_NAME": "runner-1",
            "RUNNER_TEMP": self.folder,
            "RUNNER_DEBUG": "1" if trace == "set -x" else "",
            "CI_DEBUG_TRACE": "true" if trace == "set -x" else "",
        }

    def expand(self, value):
        """A value with its expressions looked up."""
        return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", lambda match: self.contexts[match.group(1)], str(value))

    def job(self, workflow):
        """The steps in order, then what they left for the end; the job's exit code."""
        (name, job), = yaml.safe_load(workflow)["jobs"].items()
        self.environment["GITHUB_JOB"] = self.contexts["github.job"] = name
        self.environment |= {key: self.expand(value) for key, value in (job.get("env") or {}).items()}
        ends, failed = [], 0
        for index, step in enumerate(job["steps"]):
            if failed:
                break
            given = {key: self.expand(value) for key, value in (step.get("env") or {}).items()}
            if "run" in step:
                failed = self.script(step, given)
            elif step["uses"].startswith("actions/cache@"):
                inputs = {key: self.expand(value) for key, value in step["with"].items()}
                self.restore(inputs)
                ends.append((step, inputs, given, index))
            elif "ci-templates/github" in step["uses"] or step["uses"] == "./.github/actions/outlast":
                inputs = {key: self.expand(value) for key, value in (step.get("with") or {}).items()}
                ends.append((step, inputs, given, index))
                failed = self.action("main", *ends[-1])
            if failed:
                self.contexts["job.status"] = "failure"
        for step, inputs, given, index in reversed(ends):
            if step["uses"].startswith("actions/cache@"):
                if not failed:
                    self.save(inputs)
                continue
            failed = self.action("post", step, inputs, given, index) or failed
        return failed, self.log

    def restore(self, inputs):
        """The newest entry whose key is this one or begins as asked; entries are files named after their keys."""
        found = [os.path.join(self.story.caches, name) for name in os.listdir(self.story.caches)
                 if name == inputs["key"] or name.startswith(inputs["restore-keys"])]
        if found:
            shutil.copyfile(max(found, key=os.path.getmtime), inputs["path"])

    def save(self, inputs):
        """A key that is there already is left as it is."""
        entry = os.path.join(self.story.caches, inputs["key"])
        if not os.path.exists(entry):
            shutil.copyfile(inputs["path"], entry)

    def script(self, step, given):
        path = os.path.join(self.folder, "step.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write(("set -x\n" if self.trace == "set -x" else "") + self.expand(step["run"]) + "\n")
        shell = ["sh", "-xe"] if self.trace == "sh -xe" else ["bash", "-e"]
        return self.start([*shell, path], step, given)

    def action(self, part, step, inputs, given, index):
        with open(os.path.join(ACTION, "action.yml"), encoding="utf-8") as file:
            action = yaml.safe_load(file)
        values = {key: self.expand(value.get("default", "")) for key, value in action["inputs"].items()} | inputs
        state = os.path.join(self.folder, f"state-{index}")
        variables = {f"INPUT_{key.upper()}": value for key, value in values.items()}
        if os.path.exists(state):
            variables |= {f"STATE_{key}": value for key, value in self.pairs(state)}
        return self.start(["node", os.path.join(ACTION, action["runs"][part])], step, {**given, **variables}, state)

    def start(self, arguments, step, given, state=None):
        names = {"ENV": "env", "OUTPUT": "output", "PATH": "path", "STEP_SUMMARY": "summary"}
        files = {f"GITHUB_{key}": os.path.join(self.folder, name) for key, name in names.items()}
        files["GITHUB_STATE"] = state or os.path.join(self.folder, "state")
        for path in files.values():
            if not os.path.exists(path) or path.endswith(("env", "output", "path")):
                open(path, "w", encoding="utf-8").close()
        code, text = self.story.run(arguments, **{**self.environment, **given, **files})
        for line in text.splitlines():
            if line.startswith("::add-mask::"):
                self.masks.add(line.removeprefix("::add-mask::").replace("%25", "%"))
            else:
                self.log += self.masked(line) + "\n"
        self.environment |= dict(self.pairs(files["GITHUB_ENV"]))
        with open(files["GITHUB_PATH"], encoding="utf-8") as file:
            for folder in file.read().split():
                self.environment["PATH"] = folder + ":" + self.environment.get("PATH", self.story.variables["PATH"])
        if "id" in step:
            pairs = self.pairs(files["GITHUB_OUTPUT"])
            self.contexts |= {f"steps.{step['id']}.outputs.{key}": value for key, value in pairs}
        return code

    def masked(self, line):
        for mask in filter(None, sorted(self.masks, key=len, reverse=True)):
            line = line.replace(mask, "***")
        return line

    @staticmethod
    def pairs(path):
        """NAME=value lines and NAME<<DELIMITER blocks, as the runner reads them."""
        with open(path, encoding="utf-8") as file:
            lines = iter(file.read().split("\n"))
        found = []
        for line in lines:
            name, sign, value = line.partition("=")
            name_of_block, mark, delimiter = line.partition("<<")
            if mark and (not sign or len(name_of_block) < len(name)):
                block = []
                for inner in lines:
                    if inner == delimiter:
                        break
                    block.append(inner)
                found.append((name_of_block, "\n".join(block)))
            elif sign:
                found.append((name, value))
        return found
