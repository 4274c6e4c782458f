"""The small snippets: each one's steps are read from its file and run as its CI runs them."""

import os
import re
import unittest

import yaml

from case import LOUD, StoryCase
from story import TEMPLATES


def load(*parts):
    with open(os.path.join(TEMPLATES, *parts), encoding="utf-8") as file:
        return yaml.safe_load(file)


class Shell:
    """The shells of one job: how loudly they run, and what the CI's log has of what they said; a line that begins with
    `mask` tells the CI what to hide, and is not shown."""

    def __init__(self, story, variant, variables, mask=None):
        self.story, self.variant, self.log = story, variant, ""
        self.mask, self.masks = mask, set()
        self.variables = {"CI": "true", "REMOTE": story.remote, **variables}
        if variant == "set -x":
            self.variables["CI_DEBUG_TRACE"] = "true"

    def run(self, script, usual=("bash", "-e"), **variables):
        loud = ["sh", "-xe"] if self.variant == "sh -xe" else list(usual)
        text = ("set -x\n" if self.variant == "set -x" else "") + script + "\n"
        path = self.story.write(text, "step.sh")
        code, log = self.story.run([*loud, path], **{**self.variables, **variables})
        for line in log.splitlines():
            if self.mask and line.startswith(self.mask):
                self.masks.add(line.removeprefix(self.mask))
                continue
            for mask in sorted(self.masks, key=len, reverse=True):
                line = line.replace(mask, "***")
            self.log += line + "\n"
        return code


def azure(story, variant):
    """Secrets reach a step only where its `env` names them."""
    secrets = {name: story.variables.pop(name) for name in
               ("RELEASE_TOKEN", "RELEASE_REFRESH", "RELEASE_SECRET", "OUTLAST_KEY")}
    shell = Shell(story, variant, {
        "TF_BUILD": "True", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/owner/", "SYSTEM_TEAMPROJECT": "team",
        "BUILD_REPOSITORY_NAME": "app", "BUILD_DEFINITIONNAME": "release", "BUILD_BUILDID": "7", "BUILD_BUILDNUMBER": "7",
        "SYSTEM_JOBNAME": "release", "SYSTEM_PHASENAME": "release", "SYSTEM_STAGENAME": "__default",
        "SYSTEM_JOBID": "1", "SYSTEM_JOBATTEMPT": "1", "SYSTEM_STAGEATTEMPT": "1", "AGENT_NAME": "agent",
    }, mask="##vso[task.setsecret]")
    failed = 0
    for step in load("azure", "azure-pipelines.yml")["jobs"][0]["steps"]:
        if "bash" in step and (not failed or step.get("condition") == "always()"):
            given = {key: re.sub(r"\$\((\w+)\)", lambda match: secrets[match.group(1)], value)
                     for key, value in step.get("env", {}).items()}
            status = "Failed" if failed else "Succeeded"
            failed = shell.run(step["bash"], ("bash", "--noprofile", "--norc"), AGENT_JOBSTATUS=status, **given) or failed
    story.variables |= secrets
    return failed, shell.log


def circleci(story, variant):
    """Each step's bash reads $BASH_ENV; where a shell of another kind is asked for, the line is put before it."""
    path = story.write("", "bash-env")
    shell = Shell(story, variant, {
        "CIRCLECI": "true", "CIRCLE_PROJECT_USERNAME": "owner", "CIRCLE_PROJECT_REPONAME": "app",
        "CIRCLE_JOB": "release", "CIRCLE_BUILD_NUM": "7", "BASH_ENV": path,
    })
    failed = 0
    for step in load("circleci", "config.yml")["jobs"]["release"]["steps"]:
        if step == "checkout" or step["run"].get("when", "on_success") != ("on_fail" if failed else "on_success"):
            continue
        before = '. "$BASH_ENV"\n' if variant == "sh -xe" else ""
        failed = shell.run(before + step["run"]["command"], ("bash", "-eo", "pipefail")) or failed
    return failed, shell.log


def bitbucket(story, variant):
    (entry,) = load("bitbucket", "bitbucket-pipelines.yml")["pipelines"]["branches"]["main"]
    shell = Shell(story, variant, {
        "BITBUCKET_BUILD_NUMBER": "7", "BITBUCKET_REPO_FULL_NAME": "owner/app",
        "BITBUCKET_STEP_UUID": "{1}", "BITBUCKET_DEPLOYMENT_ENVIRONMENT": "release",
    })
    code = shell.run("\n".join(entry["step"]["script"]))
    shell.run("\n".join(entry["step"]["after-script"]), BITBUCKET_EXIT_CODE=str(code))
    return code, shell.log


def buildkite(story, variant):
    """The agent sources a hook and hands its exports to the command."""
    (step,) = load("buildkite", "pipeline.yml")["steps"]
    hooks = os.path.join(TEMPLATES, "buildkite", "hooks")
    shell = Shell(story, variant, {
        "BUILDKITE": "true", "BUILDKITE_ORGANIZATION_SLUG": "owner", "BUILDKITE_PIPELINE_SLUG": "app",
        "BUILDKITE_BUILD_NUMBER": "7", "BUILDKITE_STEP_KEY": step["key"], "BUILDKITE_JOB_ID": "1",
        "BUILDKITE_RETRY_COUNT": "0", "BUILDKITE_TIMEOUT": str(step["timeout_in_minutes"]), **step["env"],
    })
    command = "\n".join(step["command"]).replace("$$", "$")
    code = shell.run(f". {hooks}/pre-command || exit\n{command}", ("bash", "-e"))
    shell.run(f". {hooks}/pre-exit", BUILDKITE_COMMAND_EXIT_STATUS=str(code))
    return code, shell.log


KINDS = {"azure": azure, "circleci": circleci, "bitbucket": bitbucket, "buildkite": buildkite}


class SnippetTests(StoryCase):
    def test_a_secret_that_shows_is_found(self):
        """What the other tests rest on."""
        with self.story() as story:
            show = 'echo "$RELEASE_TOKEN"; printf "oauth2:%s" "$RELEASE_TOKEN" | base64 -w0 >left'
            _, log = story.run(["sh", "-c", show])
            self.assertEqual(story.leaks(log, renewed=False), ["the log", os.path.join("workspace", "left")])

    def test_the_job_pushes_after_its_token_has_died(self):
        for name, job in KINDS.items():
            for variant in LOUD:
                with self.subTest(name, variant=variant), self.story() as story:
                    code, log = job(story, variant)
                    self.assert_outlived(story, code, log)

    def test_the_job_fails_when_its_token_cannot_be_renewed(self):
        for name, job in KINDS.items():
            for variant in LOUD:
                with self.subTest(name, variant=variant), self.story() as story:
                    story.refuse_renewal()
                    code, log = job(story, variant)
                    self.assert_refused(story, code, log)

    def test_a_token_that_dies_in_the_middle_is_renewed(self):
        for name, job in KINDS.items():
            with self.subTest(name), self.story(life=4) as story:
                story.warn_only()
                code, log = job(story, "quiet")
                self.assert_outlived(story, code, log)

    def test_the_push_fails_when_the_token_dies_in_the_middle_and_cannot_be_renewed(self):
        for name, job in KINDS.items():
            with self.subTest(name), self.story(life=4) as story:
                story.refuse_renewal()
                story.warn_only()
                code, log = job(story, "set -x")
                self.assert_lost(story, code, log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
