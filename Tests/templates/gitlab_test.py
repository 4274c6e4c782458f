"""GitLab's templates, run by gitlabci-local on this machine."""

import os
import shutil
import subprocess
import sys
import unittest

from case import LOUD, StoryCase
from story import REPOSITORY, TEMPLATES, VENV, quick_start

GITLAB = os.path.join(TEMPLATES, "gitlab")

JOB = """
release:
  extends: .outlast
  script:
    - make release
    - git push "$CI_PROJECT_URL.git" HEAD:refs/heads/release
"""
PLAIN = "include:\n  - local: ci/outlast.yml\n" + JOB + "  variables: {OUTLAST_ON_INSUFFICIENT: refresh}\n"
WORK = """\
    - make release
    - git push "$CI_PROJECT_URL.git" HEAD:refs/heads/release
"""
COMPONENT = """\
include:
  - local: ci/templates/outlast/template.yml
    inputs:
      on-insufficient: {remedy}
""" + JOB
# The same with the push that the long builds have.
EXEC = COMPONENT.replace("- git push", "- outlast exec -- git push")
TRACED = """\
  before_script:
    - set -x
    - !reference [.outlast, before_script]
"""


class GitLabCase(StoryCase):
    def pipeline(self, story, text, *options, job="release", **variables):
        """One job of a pipeline, by gitlabci-local on the host; what the runner sets and it does not is given here."""
        shutil.copytree(GITLAB, os.path.join(story.workspace, "ci"), dirs_exist_ok=True)
        with open(os.path.join(story.workspace, ".git", "info", "exclude"), "a", encoding="utf-8") as file:
            file.write("/ci\n/.gitlab-ci.yml\n")
        story.write(text, "workspace", ".gitlab-ci.yml")
        runner = {
            "GITLAB_CI": "true",
            "CI": "true",
            "CI_API_V4_URL": story.forge.api,
            "CI_SERVER_URL": story.forge.url,
            "CI_SERVER_HOST": "127.0.0.1",
            "CI_PROJECT_PATH": story.project,
            "CI_PROJECT_URL": story.remote.removesuffix(".git"),
            "CI_PROJECT_DIR": story.workspace,
            "CI_JOB_ID": str(9000 + story.number),
            "CI_JOB_TIMEOUT": "3600",
            "CI_COMMIT_REF_PROTECTED": "true",
            "RUNNER_TEMP_PROJECT_DIR": story.workspace + ".tmp",
            **variables,
        }
        given = [option for name in runner for option in ("-e", name)]
        return story.run(
            [f"{VENV}/bin/gcil", "-H", "-c", ".gitlab-ci.yml", *given, *options, job], **runner
        )


class TemplateTests(GitLabCase):
    def test_the_plain_file_is_the_component_with_its_defaults(self):
        script = os.path.join(REPOSITORY, "Tests", "tools", "plain-gitlab.py")
        component = os.path.join(GITLAB, "templates", "outlast", "template.yml")
        made = subprocess.run([sys.executable, script, component], capture_output=True, text=True, check=True).stdout
        with open(os.path.join(GITLAB, "outlast.yml"), encoding="utf-8") as file:
            self.assertEqual(file.read(), made)

    def test_the_job_pushes_after_its_token_has_died(self):
        for variant in LOUD:
            with self.subTest(variant), self.story() as story:
                text = COMPONENT.format(remedy="refresh") + (TRACED if variant == "set -x" else "")
                # gitlabci-local runs `set -ex` unless it is told to be quiet.
                options = [] if variant == "sh -xe" else ["--no-verbose"]
                extra = {"CI_DEBUG_TRACE": "true"} if variant == "set -x" else {}
                code, log = self.pipeline(story, text, *options, **extra)
                self.assert_outlived(story, code, log)

    def test_the_plain_file_does_the_same_with_a_variable_of_the_job(self):
        with self.story() as story:
            code, log = self.pipeline(story, PLAIN)
            self.assert_outlived(story, code, log)

    def test_the_simple_case_needs_a_variable_alone(self):
        with self.story(life=7200) as story:
            text = PLAIN.replace("{OUTLAST_ON_INSUFFICIENT: refresh}",
                                 "{OUTLAST_TOKEN_VARIABLE: RELEASE_TOKEN, OUTLAST_DURATION: 10m}")
            story.variables["OUTLAST_CONFIG"] = ""
            code, log = self.pipeline(story, text.replace("make release", "date"))
            self.assertEqual(code, 0, log)
            self.assertIn("HEAD -> release", log)
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_the_quick_start_runs_as_it_stands(self):
        with self.story(life=86400) as story:
            story.variables["OUTLAST_CONFIG"] = ""
            story.write("release:\n\tdate\n", "workspace", "Makefile")
            os.mkdir(os.path.join(story.workspace, ".gitlab"))
            shutil.copy(os.path.join(GITLAB, "outlast.yml"), os.path.join(story.workspace, ".gitlab"))
            code, log = self.pipeline(story, quick_start("ci-gitlab.md"))
            self.assertEqual(code, 0, log)
            self.assertIn("HEAD -> release", log)
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_a_token_that_dies_in_the_middle_is_renewed_by_gits_helper(self):
        with self.story(life=4) as story:
            code, log = self.pipeline(story, COMPONENT.format(remedy="warn"), "--no-verbose")
            self.assert_outlived(story, code, log)

    def test_exec_renews_a_token_that_dies_in_the_middle(self):
        with self.story(life=4) as story:
            code, log = self.pipeline(story, EXEC.format(remedy="warn") + TRACED, "--no-verbose", CI_DEBUG_TRACE="true")
            self.assert_outlived(story, code, log)

    def test_the_job_fails_when_its_token_cannot_be_renewed(self):
        component = COMPONENT.format(remedy="refresh")
        forms = {"component": (component, []), "sh -xe": (PLAIN, []), "set -x": (component + TRACED, ["--no-verbose"])}
        for form, (text, options) in forms.items():
            with self.subTest(form), self.story() as story:
                story.refuse_renewal()
                code, log = self.pipeline(story, text, *options, CI_JOB_STATUS="failed", CI_DEBUG_TRACE="true")
                self.assert_refused(story, code, log)

    def test_the_push_fails_when_the_token_dies_in_the_middle_and_cannot_be_renewed(self):
        with self.story(life=4) as story:
            story.refuse_renewal()
            code, log = self.pipeline(story, EXEC.format(remedy="warn"), CI_JOB_STATUS="failed")
            self.assert_lost(story, code, log)

    def test_a_job_without_a_volume_learns_from_the_packs_of_its_own_runs(self):
        """Each run has a new machine; what GitLab's cache would bring back is the file, which stays here."""
        with self.story(life=86400) as story:
            text = COMPONENT.format(remedy="fail").replace(WORK, "    - echo built\n").replace(".outlast", ".outlast-history")
            for run in range(6):
                story.new_machine()
                code, log = self.pipeline(story, text, "--no-verbose", CI_JOB_ID=str(7000 + run), OUTLAST_STATE="")
                self.assertEqual(code, 0, log)
            self.assertRegex(log, r"history: .* from 5 runs")
            pack = os.path.join(story.workspace, ".outlast-history.db")
            self.assertEqual(len(story.jobs("--state", pack)), 6)
            for table in ("secrets", "families", "members", "journal", "outbox", "key_envelope"):
                self.assertEqual(story.rows(pack, table), [], table)
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_a_cache_that_holds_something_else_stops_nothing(self):
        with self.story(life=86400) as story:
            text = COMPONENT.format(remedy="fail").replace(WORK, "    - echo built\n").replace(".outlast", ".outlast-history")
            path = story.write("not a pack\n", "workspace", ".outlast-history.db")
            code, log = self.pipeline(story, text, "--no-verbose")
            self.assertEqual(code, 0, log)
            self.assertIn("outlast: goes on without .outlast-history.db", log)
            with open(path, encoding="ascii") as file:
                self.assertEqual(file.read(), "not a pack\n")

    def test_a_job_with_a_before_script_of_its_own_is_told_that_it_ran_unguarded(self):
        with self.story() as story:
            own = COMPONENT.format(remedy="refresh").replace(WORK, "    - echo built\n") + "  before_script:\n    - date\n"
            code, log = self.pipeline(story, own, "--no-verbose")
            self.assertEqual(code, 0, log)
            self.assertIn("THIS JOB RAN UNGUARDED", log)
            self.assertIn("- !reference [.outlast, before_script]", log)

    def test_a_guarded_job_is_not_told_so(self):
        with self.story() as story:
            code, log = self.pipeline(story, COMPONENT.format(remedy="refresh"), "--no-verbose")
            self.assertEqual(code, 0, log)
            self.assertNotIn("UNGUARDED", log)
            self.assertEqual(os.listdir(story.workspace + ".tmp"), [])

    def test_a_job_whose_end_never_came_is_abandoned(self):
        """No after_script runs after a time-out; the next job of the same runner slot tells."""
        with self.story(life=7200) as story:
            text = COMPONENT.format(remedy="warn").replace(WORK, "    - echo built\n")
            slot = {"CI_RUNNER_ID": "3", "CI_CONCURRENT_ID": "0"}
            code, log = self.pipeline(story, text, "--no-after", **slot)
            self.assertEqual(code, 0, log)
            code, log = self.pipeline(story, text, **slot, CI_JOB_ID="99999")
            self.assertEqual(code, 0, log)
            statuses = {row["run"]: row["status"] for row in story.jobs()}
            self.assertEqual(sorted(statuses.values()), ["abandoned", "success"], log)
            self.assertEqual(statuses["99999"], "success")

    def test_one_variable_turns_it_off_even_without_the_program(self):
        with self.story() as story:
            text = COMPONENT.format(remedy="refresh").replace(WORK, "    - echo built\n")
            text += "  variables: {OUTLAST_PROGRAM: not-there}\n"
            code, log = self.pipeline(story, text, OUTLAST_MODE="off")
            self.assertEqual(code, 0, log)
        with self.story() as story:
            code, log = self.pipeline(story, text)
            self.assertNotEqual(code, 0, log)
            self.assertIn("the program not-there is not in this job's image", log)

    def test_what_is_asked_for_is_in_the_jobs_variables(self):
        with self.story() as story:
            text = COMPONENT.format(remedy="refresh\n      export: release")
            text = text.replace(WORK, '    - printenv RELEASE_TOKEN >"$VAULT"\n')
            code, log = self.pipeline(story, text, VAULT=os.path.join(story.vault, "seen"))
            self.assertEqual(code, 0, log)
            with open(os.path.join(story.vault, "seen"), encoding="ascii") as file:
                seen = file.read().strip()
            self.assertEqual(seen, story.current())
            self.assertNotEqual(seen, story.first)
            self.assertEqual(story.leaks(log, renewed=True), [])


class ExampleTests(GitLabCase):
    def example(self, name):
        with open(os.path.join(GITLAB, "examples", name), encoding="utf-8") as file:
            text = file.read()
        text = text.replace("component: $CI_SERVER_FQDN/platform/outlast/outlast@1.0.0",
                            "local: ci/templates/outlast/template.yml")
        return text.replace("local: outlast.yml", "local: ci/outlast.yml")

    def test_the_long_build(self):
        with self.story() as story:
            code, log = self.pipeline(story, self.example("long-build.yml"), job="build")
            self.assert_outlived(story, code, log)

    def test_the_build_with_submodules(self):
        with self.story() as story:
            story.add_submodule()
            code, log = self.pipeline(story, self.example("submodules.yml"))
            self.assert_outlived(story, code, log)
            self.assertTrue(os.path.exists(os.path.join(story.workspace, "library", "text")))

    def test_the_release_begins_with_a_token_that_suffices_and_with_no_other(self):
        tag = {"CI_COMMIT_TAG": "v1"}
        text = self.example("release.yml").replace("make release", "date")
        with self.story(life=50, method="gitlab-rotate") as story:
            code, log = self.pipeline(story, text, CI_JOB_STATUS="success", **tag)
            self.assertEqual(code, 0, log)
            self.assertIn("HEAD -> release", log)
            self.assertEqual(story.explain()["cause"]["class"], "none")
            self.assertEqual(story.rotations(), [])
            self.assertEqual(story.leaks(log, renewed=False), [], log)
        with self.story(life=0, method="gitlab-rotate") as story:
            code, log = self.pipeline(story, text, CI_JOB_STATUS="failed", **tag)
            self.assertNotEqual(code, 0, log)
            self.assertIn("was stopped at", log)
            self.assertNotIn("HEAD -> release", log)
            self.assertEqual(story.rotations(), [])
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_the_tool_that_reads_its_token_from_a_file(self):
        for variant, remedy, life in (("set -x", "refresh", 60), ("sh -xe", "warn", 20)):
            with self.subTest(variant), self.story(life=life, least="10s") as story:
                text = self.example("token-file.yml") + (TRACED if variant == "set -x" else "")
                text = text.replace("OUTLAST_ON_INSUFFICIENT: refresh", f"OUTLAST_ON_INSUFFICIENT: {remedy}")
                code, log = self.pipeline(story, text, *(["--no-verbose"] if variant == "set -x" else []), job="nightly")
                self.assertEqual(code, 0, log)
                self.assertIn("pushed by the file", log)
                self.assertTrue(story.pushed("nightly"))
                self.assertRegex(story.explain()["cause"]["sentence"], r"succeeded; token release .* was renewed at")
                self.assertEqual(story.leaks(log, renewed=True), [], log)

    def test_the_tool_that_reads_its_token_from_a_file_is_not_begun_without_one(self):
        with self.story() as story:
            story.refuse_renewal()
            code, log = self.pipeline(story, self.example("token-file.yml"), job="nightly", CI_JOB_STATUS="failed")
            self.assert_refused(story, code, log)

    def test_the_build_without_a_volume(self):
        text = self.example("no-volume.yml").replace("make release", "date").replace("make check", "date")
        with self.story(life=86400) as story:
            for job, number in (("build", "7001"), ("test", "7002")):
                story.new_machine()
                code, log = self.pipeline(story, text, job=job, CI_JOB_ID=number, OUTLAST_STATE="")
                self.assertEqual(code, 0, log)
            self.assertEqual(len(story.jobs("--state", os.path.join(story.workspace, ".outlast-history.db"))), 2)
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def rotate(self, story, **given):
        given = {"CI_PIPELINE_SOURCE": "schedule", "OUTLAST_ROTATE": "release", **given}
        return self.pipeline(story, self.example("rotate.yml"), job="rotate-release-token", **given)

    def test_the_scheduled_rotation(self):
        with self.story(life=1, method="gitlab-rotate") as story:
            code, log = self.rotate(story)
            self.assertEqual(code, 0, log)
            self.assertIn("published: gitlab-variable RELEASE_TOKEN", log)
            self.assertEqual(len(story.rotations()), 1)
            self.assertEqual(story.leaks(log, renewed=True), [])

    def test_the_scheduled_rotation_wants_no_volume(self):
        with self.story(life=1, method="gitlab-rotate") as story:
            code, log = self.rotate(story, OUTLAST_STATE="")
            self.assertEqual(code, 0, log)
            self.assertIn("published: gitlab-variable RELEASE_TOKEN", log)
            published = story.published("RELEASE_TOKEN")
            self.assertNotEqual(published, story.first)
            self.assertTrue(story.is_alive(published))
            story.secrets.add(published)
            self.assertEqual(story.leaks(log, renewed=False), [])

    def test_a_rotation_that_the_forge_refuses_fails_its_job(self):
        with self.story(life=1, method="gitlab-rotate") as story:
            story.forge.control("faults", {"kind": "status", "status": 503, "method": "POST", "path": "/rotate",
                                           "match": "contains", "times": None})
            try:
                code, log = self.rotate(story, CI_JOB_STATUS="failed")
            finally:
                story.forge.control("faults", method="DELETE")
            self.assertNotEqual(code, 0, log)
            self.assertEqual(story.jobs()[0]["status"], "failed")
            self.assertEqual(story.leaks(log, renewed=False), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
