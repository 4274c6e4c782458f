"""GitHub's action: main and post run by node, in jobs with the runner's files in place."""

import os
import unittest

from case import LOUD, StoryCase
from github_runner import ACTION, GitHubRunner

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

    def test_the_job_fails_when_its_token_cannot_be_renewed(self):
        with self.story() as story:
            story.refuse_renewal()
            code, log, _ = self.run_job(story, WORKFLOW.replace("REMEDY", "refresh"))
            self.assert_refused(story, code, log)
            self.assertIn("::error", log)

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

    def test_the_example_of_a_long_build_pushes_by_an_apps_token(self):
        with self.story(method="github-app") as story:
            with open(os.path.join(ACTION, "examples", "long-build.yml"), encoding="utf-8") as file:
                workflow = file.read()
            with open(story.variables["OUTLAST_CONFIG"], encoding="utf-8") as file:
                text = file.read()
            code, log, _ = self.run_job(story, workflow, **{
                "vars.OUTLAST_CONFIG": text,
                "secrets.APP_PRIVATE_KEY": story.app_key,
                "secrets.OUTLAST_KEY": story.variables["OUTLAST_KEY"],
                "github.server_url": story.forge.url + "/github-git",
                "github.repository": "octo-org/app",
            })
            self.assertEqual(code, 0, log)
            self.assertIn("HEAD -> release", log)
            self.assertIn("renewed: release, generation 1", log)
            story.variables["APP_PRIVATE_KEY"] = story.app_key
            self.assertEqual(story.leaks(log, renewed=True), [], log)

    def test_the_action_is_short(self):
        count = 0
        for name in os.listdir(ACTION):
            if os.path.isfile(os.path.join(ACTION, name)):
                with open(os.path.join(ACTION, name), encoding="utf-8") as file:
                    count += len(file.readlines())
        self.assertLess(count, 150)


if __name__ == "__main__":
    unittest.main(verbosity=2)
