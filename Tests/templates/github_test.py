"""GitHub's action: main and post run by node, in jobs with the runner's files in place."""

import contextlib
import glob
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import unittest

from case import LOUD, StoryCase
from github_runner import ACTION, GitHubRunner
from story import OUTLAST, PATIENCE, REPOSITORY, quick_start

WORKFLOW = """\
jobs:
  build:
    env:
      RELEASE_TOKEN: ${{ secrets.RELEASE_TOKEN }}
    steps:
      - uses: actions/checkout@v5
      - id: outlast
        uses: owner/outlast/ci-templates/github@commit
        with:
          config: ${{ vars.CONFIG }}
          on-insufficient: REMEDY
      - run: make release
      - run: git push "$STORY_REMOTE" HEAD:refs/heads/release
      - run: echo "said ${{ steps.outlast.outputs.decision }} ${{ steps.outlast.outputs.remaining_s }}"
"""


class GitHubTests(StoryCase):
    def run_job(self, story, workflow, trace="quiet", **contexts):
        config = story.variables.pop("OUTLAST_CONFIG")
        token = story.variables.pop("RELEASE_TOKEN", "")
        runner = GitHubRunner(story, trace, **{"vars.CONFIG": config, "secrets.RELEASE_TOKEN": token, **contexts})
        code, log = runner.job(workflow)
        story.variables |= {"OUTLAST_CONFIG": config, "RELEASE_TOKEN": token}
        return code, log, runner

    def test_the_job_pushes_after_its_token_has_died(self):
        for variant in LOUD:
            with self.subTest(variant), self.story() as story:
                code, log, runner = self.run_job(story, WORKFLOW.replace("REMEDY", "refresh"), variant)
                self.assert_outlived(story, code, log)
                self.assertRegex(log, r"said sufficient 7\d\d\d")
                with open(os.path.join(runner.folder, "summary"), encoding="utf-8") as file:
                    self.assertIn("release", file.read())

    def test_a_token_that_dies_in_the_middle_is_renewed_by_gits_helper(self):
        with self.story(life=4) as story:
            code, log, _ = self.run_job(story, WORKFLOW.replace("REMEDY", "warn"))
            self.assert_outlived(story, code, log)

    def test_exec_renews_a_token_that_dies_in_the_middle(self):
        with self.story(life=4) as story:
            workflow = WORKFLOW.replace("REMEDY", "warn").replace("run: git push", "run: outlast exec -- git push")
            code, log, _ = self.run_job(story, workflow, "set -x")
            self.assert_outlived(story, code, log)

    def test_the_job_fails_when_its_token_cannot_be_renewed(self):
        for variant in LOUD:
            with self.subTest(variant), self.story() as story:
                story.refuse_renewal()
                code, log, _ = self.run_job(story, WORKFLOW.replace("REMEDY", "refresh"), variant)
                self.assert_refused(story, code, log)
                self.assertIn("::error", log)

    def test_the_push_fails_when_the_token_dies_in_the_middle_and_cannot_be_renewed(self):
        with self.story(life=4) as story:
            story.refuse_renewal()
            workflow = WORKFLOW.replace("REMEDY", "warn").replace("run: git push", "run: outlast exec -- git push")
            code, log, _ = self.run_job(story, workflow, "set -x")
            self.assert_lost(story, code, log)

    def test_what_is_asked_for_is_in_later_steps_and_masked(self):
        with self.story() as story:
            workflow = WORKFLOW.replace("REMEDY", "refresh\n          export: release")
            workflow += '      - run: printenv RELEASE_TOKEN; printenv RELEASE_TOKEN >"$STORY_FIRST.seen"\n'
            code, log, _ = self.run_job(story, workflow)
            self.assert_outlived(story, code, log)
            with open(os.path.join(story.vault, "first.seen"), encoding="ascii") as file:
                self.assertEqual(file.read().strip(), story.current())

    def test_the_simple_case_needs_a_variable_alone(self):
        with self.story(method="github-token") as story:
            workflow = WORKFLOW.replace("config: ${{ vars.CONFIG }}", "token-variable: RELEASE_TOKEN")
            workflow = workflow.replace("on-insufficient: REMEDY", "duration: 10m").replace("make release", "date")
            workflow = workflow.replace("heads/release", "heads/simple")
            story.variables["STORY_REMOTE"] = f"{story.forge.url}/github-git/octo-org/app.git"
            code, log, _ = self.run_job(story, workflow)
            self.assertEqual(code, 0, log)
            self.assertIn("said sufficient", log)
            self.assertIn("HEAD -> simple", log)
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_the_quick_start_runs_as_it_stands(self):
        with self.story(method="github-token") as story:
            story.write("release:\n\tdate\n", "workspace", "Makefile")
            code, log, _ = self.run_job(story, quick_start("ci-github.md"), **{
                "github.server_url": story.forge.url + "/github-git", "github.repository": "octo-org/app",
            })
            self.assertEqual(code, 0, log)
            self.assertIn("HEAD -> release", log)
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_off_does_nothing_even_without_the_program(self):
        with self.story() as story:
            workflow = WORKFLOW.replace("REMEDY", "refresh\n          program: not-there").replace("make release", "date")
            story.variables["OUTLAST_MODE"] = "off"
            code, log, _ = self.run_job(story, workflow.split("      - run: git push")[0])
            self.assertEqual(code, 0, log)
            story.variables["OUTLAST_MODE"] = "enforce"
            code, log, _ = self.run_job(story, workflow)
            self.assertEqual(code, 127, log)
            self.assertIn("::error title=outlast::the program cannot be started (ENOENT)", log)

    def example(self, story, name, trace="quiet", **contexts):
        """A whole example, with what its head asks the repository for."""
        with open(os.path.join(ACTION, "examples", name), encoding="utf-8") as file:
            workflow = file.read()
        text = ""
        if story.variables["OUTLAST_CONFIG"]:
            with open(story.variables["OUTLAST_CONFIG"], encoding="utf-8") as file:
                text = file.read()
        return self.run_job(story, workflow, trace, **{
            "vars.OUTLAST_CONFIG": text,
            "secrets.APP_PRIVATE_KEY": story.app_key,
            "secrets.OUTLAST_KEY": story.variables["OUTLAST_KEY"],
            "github.server_url": story.forge.url + "/github-git",
            "github.repository": "octo-org/app",
            **contexts,
        })

    def test_the_example_of_a_long_build_pushes_by_an_apps_token_after_its_first_one_has_died(self):
        for variant in ("quiet", *LOUD):
            with self.subTest(variant), self.story(method="github-app") as story:
                code, log, _ = self.example(story, "long-build.yml", variant)
                self.assertEqual(code, 0, log)
                self.assertIn("renewed: release, generation 1", log)
                self.assertIn("outlast: running it again (2 of 2)", log)
                self.assertIn("HEAD -> release", log)
                self.assertRegex(story.explain()["cause"]["sentence"], r"succeeded; token release .* was renewed at")
                story.variables["APP_PRIVATE_KEY"] = story.app_key
                with open(os.path.join(story.vault, "first.token"), encoding="ascii") as file:
                    story.secrets.add(file.read().strip())
                self.assertEqual(story.leaks(log, renewed=True), [], log)

    def test_the_example_of_a_long_build_ends_at_once_when_no_token_can_be_made(self):
        with self.story(method="github-app") as story:
            story.forge.control("github/suspend", {"id": story.installation})
            code, log, _ = self.example(story, "long-build.yml", "set -x")
            self.assertNotEqual(code, 0, log)
            self.assertNotIn("build.sh", log)
            self.assertEqual(story.jobs()[0]["status"], "failed")
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_the_example_of_a_token_file_serves_a_tool_in_a_later_step(self):
        for variant in LOUD:
            with self.subTest(variant), self.story(method="github-app") as story:
                try:
                    code, log, runner = self.example(story, "token-file.yml", variant)
                finally:
                    story.stop_keeping()
                self.assertEqual(code, 0, log)
                self.assertIn("pushed by the file", log)
                with open(os.path.join(runner.folder, "token"), encoding="ascii") as file:
                    story.secrets.add(file.read().strip())
                story.variables["APP_PRIVATE_KEY"] = story.app_key
                self.assertEqual(story.leaks(log, renewed=True), [], log)

    def test_the_example_on_githubs_own_runners_learns_from_its_packs(self):
        with self.story(method="github-token") as story:
            story.variables["STORY_REMOTE"] = f"{story.forge.url}/github-git/octo-org/app.git"
            archive = story.path("outlast.tar.gz")
            with tarfile.open(archive, "w:gz", compresslevel=1) as file:
                file.add(OUTLAST, "outlast-1.0.0-linux-x86_64/outlast")
            with open(archive, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            given = {"vars.OUTLAST_URL": f"file://{archive}", "vars.OUTLAST_SHA256": digest}
            story.variables |= {"OUTLAST_STATE": ""}
            story.write("release:\n\tdate\n", "workspace", "Makefile")
            os.remove(story.path("bin", "outlast"))
            for run in (1, 2):
                story.new_machine()
                code, log, runner = self.example(story, "hosted.yml", **given, **{"github.run_id": str(run)})
                self.assertEqual(code, 0, log)
                self.assertIn("sufficient", log)
                os.remove(os.path.join(runner.folder, "outlast-history.db"))
            self.assertEqual(sorted(os.listdir(story.caches)), ["outlast-history-build-1-1", "outlast-history-build-2-1"])
            newest = os.path.join(story.caches, "outlast-history-build-2-1")
            self.assertEqual(len(story.jobs("--state", newest)), 2)
            for table in ("secrets", "families", "members", "journal", "outbox", "key_envelope"):
                self.assertEqual(story.rows(newest, table), [], table)
            self.assertEqual(story.leaks(log, renewed=False), [], log)
            code, log, _ = self.example(story, "hosted.yml", **{**given, "vars.OUTLAST_SHA256": "0" * 64})
            self.assertNotEqual(code, 0, log)

    def test_the_example_of_a_deploy_key_pushes_after_its_token_has_died(self):
        for variant in LOUD:
            with self.subTest(variant), self.story(life=2) as story, self.door(story) as key:
                code, log, _ = self.example(story, "deploy-key.yml", variant, **{
                    "secrets.DEPLOY_KEY": key, "github.server_url": story.forge.url, "github.repository": story.project,
                })
                self.assertEqual(code, 0, log)
                self.assertFalse(story.is_alive(story.first))
                self.assertTrue(story.pushed(), log)
                self.assertEqual(glob.glob(story.path("run", "outlast", "ssh-*")), [], "keys and agents stay behind")
                self.assertEqual(story.leaks(log, renewed=False), [], log)

    def test_the_example_of_a_deploy_key_ends_at_once_when_the_key_may_not_push(self):
        with self.story(life=2) as story, self.door(story, right="read") as key:
            code, log, _ = self.example(story, "deploy-key.yml", "set -x", **{
                "secrets.DEPLOY_KEY": key, "github.server_url": story.forge.url, "github.repository": story.project,
            })
            self.assertEqual(code, 30, log)
            self.assertNotIn("build.sh", log)
            self.assertEqual(story.leaks(log, renewed=False), [], log)

    @contextlib.contextmanager
    def door(self, story, right="write"):
        """The project over SSH too: a real sshd, with one deploy key and with host keys that the configuration pins."""
        tools, folder = os.path.join(REPOSITORY, "Tests", "tools"), os.path.join(story.vault, "door")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(story.vault, "key")], check=True)
        with open(os.path.join(story.vault, "key"), encoding="ascii") as file:
            key = file.read()
        with open(os.path.join(story.vault, "key.pub"), encoding="ascii") as file:
            public = " ".join(file.read().split()[:2])
        # The first line of all such keys is the same.
        story.secrets |= set(key.splitlines()[2:-1])
        server = subprocess.Popen(
            [sys.executable, os.path.join(tools, "ssh-server.py"), folder, os.path.join(story.forge.folder, "git", "gitlab"),
             story.forge.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            told = json.loads(server.stdout.readline())
            command = f"{os.path.join(tools, 'ssh-door.py')} {right} {story.project}.git"
            with open(os.path.join(folder, "authorized_keys"), "w", encoding="ascii") as file:
                file.write(f'command="{command}",restrict {public}\n')
            story.configure_ssh(told["port"], told["user"], told["host_key"])
            yield key
        finally:
            server.stdin.close()
            server.wait(PATIENCE)
            server.stdout.close()

    def test_the_action_is_short(self):
        count = 0
        for name in os.listdir(ACTION):
            if os.path.isfile(os.path.join(ACTION, name)):
                with open(os.path.join(ACTION, name), encoding="utf-8") as file:
                    count += len(file.readlines())
        self.assertLess(count, 150)


if __name__ == "__main__":
    unittest.main(verbosity=2)
