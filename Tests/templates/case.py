"""What every template has to show."""

import contextlib
import unittest

from story import Story

# How loudly a job may run: nothing of a secret may show in any of them. With the first, CI_DEBUG_TRACE is set besides. The
# tests of a token that dies in the middle run quietly.
LOUD = ["set -x", "sh -xe"]


class StoryCase(unittest.TestCase):
    @contextlib.contextmanager
    def story(self, **options):
        story = Story(**options)
        try:
            yield story
        finally:
            story.end()

    def assert_outlived(self, story, code, log, status="success", jobs=1):
        """The token of the job's start is dead, the push is there, the history has it, and no secret was seen."""
        self.assertEqual(code, 0, log)
        self.assertFalse(story.is_alive(story.first), "the first token still lives")
        self.assertTrue(story.pushed(), log)
        self.assertEqual([row["state"] for row in story.rotations()], ["retired"], log)
        self.assertEqual(len(story.jobs()), jobs, log)
        if status:
            self.assertEqual({row["status"] for row in story.jobs()}, {status}, log)
        self.assertEqual(story.leaks(log, renewed=True), [], log)

    def assert_refused(self, story, code, log, status="failed"):
        """The job has failed before its work began, and the history has it."""
        self.assertNotEqual(code, 0, log)
        self.assertIn("not renewed: ", log)
        self.assertIn("insufficient: release", log)
        self.assertFalse(story.pushed(), log)
        self.assertEqual(len(story.jobs()), 1, log)
        if status:
            self.assertEqual(story.jobs()[0]["status"], status, log)
        self.assertEqual(story.leaks(log, renewed=False), [], log)
