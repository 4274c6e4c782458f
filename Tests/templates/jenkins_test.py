"""Jenkins' shared library and its plain stage, run by groovy under stubs; `sh` is a real shell."""

import os
import subprocess
import tempfile
import unittest

from case import LOUD, StoryCase
from story import PATIENCE, REPOSITORY, TEMPLATES

JENKINS = os.path.join(TEMPLATES, "jenkins")
STUBS = os.path.join(REPOSITORY, "Tests", "templates", "jenkins")


class JenkinsTests(StoryCase):
    @classmethod
    def setUpClass(cls):
        """The stubs and the library's step are compiled once, which also says that they can be."""
        cls.classes = tempfile.TemporaryDirectory(prefix="outlast-jenkins-")
        sources = [os.path.join(base, name) for base, _, names in os.walk(STUBS) for name in names]
        step = os.path.join(JENKINS, "vars", "outlast.groovy")
        subprocess.run(["groovyc", "-d", cls.classes.name, *sources, step], check=True, timeout=PATIENCE)

    @classmethod
    def tearDownClass(cls):
        cls.classes.cleanup()

    def build(self, story, jenkinsfile, flags="-xe", **variables):
        credentials = {
            "release_token": story.variables["RELEASE_TOKEN"],
            "release_refresh": story.variables["RELEASE_REFRESH"],
            "release_secret": story.variables["RELEASE_SECRET"],
            "outlast_key": story.variables["OUTLAST_KEY"],
        }
        kept = {name: story.variables.pop(name) for name in
                ("RELEASE_TOKEN", "RELEASE_REFRESH", "RELEASE_SECRET", "OUTLAST_KEY")}
        try:
            return story.run(
                ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", f"{self.classes.name}:/usr/share/groovy/embeddable/*",
                 "Harness", JENKINS, jenkinsfile, flags],
                JENKINS_URL="http://jenkins.example.com/", JOB_NAME=story.project, BUILD_NUMBER="7",
                BUILD_TAG="jenkins-7", WORKSPACE=story.workspace, GIT_URL=story.remote,
                **{f"BIND_{name}": value for name, value in credentials.items()}, **variables,
            )
        finally:
            story.variables |= kept

    def test_the_job_pushes_after_its_token_has_died(self):
        for name, variants in (("Jenkinsfile", LOUD), ("Jenkinsfile.plain", LOUD)):
            for variant in variants:
                with self.subTest(name, variant=variant), self.story() as story:
                    flags = "-xe"
                    trace = {"CI_DEBUG_TRACE": "true"} if variant == "set -x" else {}
                    code, log = self.build(story, os.path.join(JENKINS, "examples", name), flags, **trace)
                    self.assert_outlived(story, code, log)

    def test_the_job_fails_when_its_token_cannot_be_renewed(self):
        for name in ("Jenkinsfile", "Jenkinsfile.plain"):
            with self.subTest(name), self.story() as story:
                story.refuse_renewal()
                code, log = self.build(story, os.path.join(JENKINS, "examples", name), CI_DEBUG_TRACE="true")
                self.assert_refused(story, code, log)

    def test_the_push_fails_when_the_token_dies_in_the_middle_and_cannot_be_renewed(self):
        for name in ("Jenkinsfile", "Jenkinsfile.plain"):
            with self.subTest(name), self.story(life=4) as story:
                story.refuse_renewal()
                story.warn_only()
                code, log = self.build(story, os.path.join(JENKINS, "examples", name))
                self.assert_lost(story, code, log)

    def test_a_tool_reads_its_token_from_a_file(self):
        with self.story() as story:
            keep = "sh 'TOKEN_FILE=$WORKSPACE_TMP/token outlast keep --credential release --file \"$WORKSPACE_TMP/token\" -- make nightly'"
            os.mkdir(story.path("tmp"))
            path = self.changed(story, "sh 'make release'", keep)
            with open(path, encoding="utf-8") as file:
                lines = [line for line in file if "git push" not in line]
            code, log = self.build(story, story.write("".join(lines), "Jenkinsfile"), WORKSPACE_TMP=story.path("tmp"))
            self.assertEqual(code, 0, log)
            self.assertTrue(story.pushed("nightly"), log)
            os.remove(story.path("tmp", "token"))
            self.assertEqual(story.leaks(log, renewed=True), [], log)

    def changed(self, story, old, new):
        with open(os.path.join(JENKINS, "examples", "Jenkinsfile"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        return story.write(text.replace(old, new), "Jenkinsfile")

    def test_a_token_that_dies_in_the_middle_is_renewed_by_gits_helper(self):
        with self.story(life=4) as story:
            path = self.changed(story, "onInsufficient: 'refresh'", "onInsufficient: 'warn'")
            with open(path, encoding="utf-8") as file:
                text = file.read().replace("outlast exec -- git", "git")
            code, log = self.build(story, story.write(text, "Jenkinsfile"), "-e")
            self.assert_outlived(story, code, log)

    def test_exec_renews_a_token_that_dies_in_the_middle(self):
        for name in ("Jenkinsfile", "Jenkinsfile.plain"):
            with self.subTest(name), self.story(life=4) as story:
                story.warn_only()
                code, log = self.build(story, os.path.join(JENKINS, "examples", name))
                self.assert_outlived(story, code, log)

    def test_the_simple_case_needs_no_configuration(self):
        with self.story(life=7200) as story:
            api = f"tokenVariable: 'RELEASE_TOKEN', forge: 'gitlab', apiUrl: '{story.forge.api}'"
            path = self.changed(story, "onInsufficient: 'refresh', duration: '90m'", api + ", duration: '10m'")
            with open(path, encoding="utf-8") as file:
                text = file.read().replace("sh 'make release'", "sh 'date'").replace("outlast exec -- git", "git")
            code, log = self.build(story, story.write(text, "Jenkinsfile"), OUTLAST_CONFIG="")
            self.assertEqual(code, 0, log)
            self.assertIn("HEAD -> release", log)
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_a_build_that_is_stopped_is_recorded_as_canceled(self):
        with self.story() as story:
            code, log = self.build(story, self.changed(story, "sh 'make release'", "sh 'exit 143'"))
            self.assertEqual(code, 143, log)
            self.assertEqual(story.jobs()[0]["status"], "canceled", log)

    def test_an_unknown_option_is_named(self):
        with self.story() as story:
            code, log = self.build(story, self.changed(story, "duration: '90m'", "length: '2h'"))
            self.assertEqual(code, 1, log)
            self.assertIn("outlast: unknown option length", log)

    def test_off_runs_the_work_alone(self):
        with self.story() as story:
            path = self.changed(story, "sh 'make release'", "sh 'echo worked'; return")
            code, log = self.build(story, path, OUTLAST_MODE="off")
            self.assertEqual(code, 0, log)
            self.assertIn("worked", log)
            self.assertNotIn("outlast:", log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
