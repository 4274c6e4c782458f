"""What every template has to show."""

import contextlib
import re
import unittest

from story import Story

# How loudly a job may run: nothing of a secret may show in any of them. With the first, CI_DEBUG_TRACE is set besides.
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
        self.assert_explained(
            story, log, "none", r"^job .+ \(run \S+\) succeeded; token release \(.*\)(, which end(s|ed) at [0-9: -]+,)? "
            r"was renewed at [0-9:]+$",
            r"^preflight: (insufficient|expired): release: ", rf"\({story.fingerprint(story.first)} to ")
        self.assertEqual(story.leaks(log, renewed=True), [], log)

    def assert_refused(self, story, code, log):
        """The job has failed before its work began, and the history has it."""
        self.assertNotEqual(code, 0, log)
        self.assertIn("not renewed: ", log)
        self.assertIn("insufficient: release", log)
        self.assertFalse(story.pushed(), log)
        self.assertEqual(len(story.jobs()), 1, log)
        self.assertEqual(story.jobs()[0]["status"], "failed", log)
        self.assert_explained(
            story, log, "auth_expired", r"^job .+ \(run \S+\) was stopped at [0-9:]+ by its preflight, which said "
            r"'insufficient': release: ends in ", "refused: release was not renewed")
        self.assertEqual(story.leaks(log, renewed=False), [], log)

    def assert_lost(self, story, code, log):
        """The token has died in the middle, nothing could renew it, the push has failed, and the history says why."""
        self.assertNotEqual(code, 0, log)
        self.assertFalse(story.is_alive(story.first), "the first token still lives")
        self.assertFalse(story.pushed(), log)
        self.assertEqual([row["status"] for row in story.jobs()], ["failed"], log)
        self.assert_explained(
            story, log, "auth_expired", r"^the git push at [0-9:]+ failed because token release \(.*\) (ended at [0-9:]+|had "
            r"ended), and its renewal at [0-9:]+ came to nothing: .*; preflight had said '(insufficient|expired)' at [0-9:]+",
            r"^preflight: (insufficient|expired): release: ")
        self.assertTrue(story.explain()["would_have_saved"], log)
        self.assertEqual(story.leaks(log, renewed=False), [], log)

    def assert_explained(self, story, log, kind, sentence, *evidence):
        """What `history explain` says first of the last job, and what it must have seen; on a busy machine a token that
        was to die in the middle may be dead when it is looked at first."""
        found = story.explain()
        self.assertEqual(found["cause"]["class"], kind, (found, log))
        self.assertRegex(found["cause"]["sentence"], sentence, log)
        _, text = story.outlast("history", "explain", "--last")
        self.assertEqual(text.splitlines()[0], found["cause"]["sentence"])
        for what in evidence:
            self.assertTrue([piece for piece in found["evidence"] if re.search(what, piece["what"])], (what, found))
