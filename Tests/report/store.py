"""A state store with a long past: made by the program, filled by hand, since nobody can wait for ninety nights."""

import hashlib
import os
import random
import sqlite3
import subprocess
import time

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARIES = os.environ.get("OUTLAST_BINARIES", os.path.join(REPOSITORY, ".build", "debug"))
OUTLAST = os.path.join(BINARIES, "outlast")
# Only ends a hang; nothing is timed.
PATIENCE = 600

DAY = 86_400_000
HOUR = 3_600_000

# Names that would be more than names, were they not escaped.
HOSTILE = [
    "<script>alert(1)</script>", "\"' onload=alert(1) x='", "x\"\u0301 onfocus=alert(1) autofocus tabindex=1 y=\"",
    "</style></svg><img src=http://127.0.0.1:9/x onerror=alert(1)>", "a\u202egnp.exe", "tab\tnew\nline\u001b[31m",
    "nuit 🌙🚀 élan", "שלום עולם", "{{name}} {{{style}}}", "]]><!-- &lt; &#60;",
    "a-name-without-any-place-to-break-it-that-goes-on-and-on-" * 3,
]


class Store:
    def __init__(self, folder):
        self.path = os.path.join(folder, "state.db")
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": folder, "OUTLAST_STATE": self.path, "LANG": "C.UTF-8",
        }
        self.run("record", "start", "--project", "made", "--job", "first", "--run", "0")
        self.rows = sqlite3.connect(self.path)
        self.rows.execute("DELETE FROM events")
        self.rows.execute("DELETE FROM jobs")
        self.now = int(time.time() * 1000)
        self.random = random.Random(7)
        self.numbers = {}

    def run(self, *arguments):
        """The program's stdout as bytes; what it says else is an error."""
        run = subprocess.run(
            [OUTLAST, *arguments], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
        )
        if run.returncode != 0:
            raise RuntimeError(f"outlast {arguments}: {run.returncode}: {run.stderr.decode()}")
        return run.stdout

    def close(self):
        self.rows.commit()
        self.rows.close()

    def series(self, project, job):
        key = ("series", project, job)
        if key not in self.numbers:
            self.numbers[key] = self.rows.execute(
                "INSERT INTO series(forge, server, project, job, leg) VALUES ('gitlab', 'gitlab.example', ?, ?, '')",
                (project, job)).lastrowid
        return self.numbers[key]

    def job(self, project, job, begun, minutes, status, tokens=()):
        series = self.series(project, job)
        run = str(len(self.numbers) + 1)
        self.numbers["run", run] = 0
        key = hashlib.sha256(f"{project} {job} {run}".encode()).hexdigest()[:16]
        end = None if status == "running" else begun + int(minutes * 60_000)
        number = self.rows.execute(
            """INSERT INTO jobs(job_key, series_id, run, attempt, leg, begun_at, last_seen_at, status, started_at,
                finished_at, ended_at, duration_ms) VALUES (?, ?, ?, 1, '', ?, ?, ?, ?, ?, ?, ?)""",
            (key, series, run, begun, end or begun, status, begun, end, end, end and end - begun)).lastrowid
        for token in tokens:
            self.rows.execute("INSERT INTO uses VALUES (?, ?, ?)", (token, begun, number))
            self.rows.execute(
                "INSERT INTO token_series VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_used_at = excluded.last_used_at",
                (token, series, begun, begun))
        return number

    def token(self, name, first, last, ends, family=None, generation=None, standing="alive", kind="gitlab-project", **more):
        digest = hashlib.sha256(f"{name} {generation}".encode()).digest()
        number = self.rows.execute(
            """INSERT INTO tokens(digest, fingerprint, family, generation, credential, kind, forge, api, forge_id, expiry,
                expires_at, expiry_source, checked_at, standing, first_seen_at, last_seen_at)
            VALUES (?, ?, ?, ?, ?, ?, 'gitlab', 'https://gitlab.example', ?, ?, ?, 'forge', ?, ?, ?, ?)""",
            (digest, digest.hex()[:16], family, generation, name, kind, more.get("id"),
             "never" if ends is None else "at", ends, last, standing, first, last)).lastrowid
        self.rows.execute(
            "INSERT INTO readings(token_id, api, read_at, standing, kind, expiry, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, "https://gitlab.example", last, standing, kind, "never" if ends is None else "at", ends))
        return number, digest

    def renewal(self, credential, family, generation, at, old, new, state="retired"):
        self.rows.execute(
            """INSERT INTO journal(family, generation, method, credential, state, intended_at, sent_at, timeout_ms,
                changed_at, old_digest, new_digest, seal) VALUES (?, ?, 'gitlab-rotate', ?, ?, ?, ?, 0, ?, ?, ?, x'')""",
            (family, generation, credential, state, at, at, at, old, new))

    def failure(self, kind, at, series, job=None, token=None):
        self.rows.execute("INSERT OR IGNORE INTO event_kinds(event, outcome) VALUES ('failure', ?)", (kind,))
        event = self.rows.execute(
            """INSERT OR IGNORE INTO events(at, kind_id, job_id, series_id, token_id, code) VALUES
                (?, (SELECT id FROM event_kinds WHERE event = 'failure' AND outcome = ?), ?, ?, ?, 0)""",
            (at, kind, job, series if job else None, token))
        if event.rowcount:
            self.rows.execute(
                "INSERT INTO diagnoses(event_id, class, confidence, source) VALUES (?, ?, 'high', 'record')",
                (event.lastrowid, kind))

    def listed(self, name, ends, kind="gitlab-personal"):
        number = len(self.numbers)
        self.numbers["listed", number] = 0
        self.rows.execute(
            "INSERT INTO listed_tokens VALUES ('https://gitlab.example', ?, 'gitlab', ?, ?, 'group', 'api', ?, ?, 'alive', ?, ?)",
            (f"l{number}", kind, name, "never" if ends is None else "at", ends, self.now - DAY, self.now - DAY))


def midnight(moment):
    return moment // DAY * DAY


def fill(store):
    """Ninety days of a company: a token that is renewed in time, one that is not, and others in all conditions."""
    chance, now = store.random, store.now
    start = midnight(now) - 89 * DAY
    release, family = [], "f" * 32
    for generation in range(1, 8):
        first = start + (generation - 1) * 14 * DAY + 21 * HOUR
        last = min(now, first + 14 * DAY)
        release.append((first, *store.token("release", first, last, midnight(first) + 16 * DAY, family, generation)))
    for (_, _, old), (at, _, new) in zip(release, release[1:]):
        if at < now:
            store.renewal("release", family, release.index((at, _, new)) + 1, at + 60_000, old, new)
    release = [one for one in release if one[0] < now]
    deploy = store.token("deploy", start, now - HOUR, midnight(now) + 9 * DAY, id="4711")[0]
    mirror = store.token("mirror", start + 20 * DAY, now - 2 * DAY, midnight(now) + 200 * DAY, standing="revoked")[0]
    legacy = store.token("legacy-push", start, now - 3 * DAY, None, kind="gitlab-personal", id="12")[0]
    nightly = store.token("nightly", start + 5 * DAY, now - DAY, midnight(now) - 30 * DAY)[0]
    fresh = store.token("nightly-2026", now - 29 * DAY, now - 4 * HOUR, midnight(now) + 45 * DAY)[0]
    for day in range(90):
        noon = start + day * DAY
        # A release every night; slower from the sixtieth day on.
        begun = noon + 22 * HOUR + chance.randrange(0, 1_200_000)
        if begun < now:
            token = [number for first, number, _ in release if first <= begun][-1:] or [release[0][1]]
            minutes = chance.gauss(52, 3) + (24 if day >= 60 else 0) + (35 if chance.random() < 0.03 else 0)
            status = "failed" if chance.random() < 0.05 else "success"
            job = store.job("group/app", "release", begun, minutes, status, token)
            if status == "failed":
                store.failure("network", begun + 60_000, store.series("group/app", "release"), job)
        for number in range(chance.choice([1, 2, 2, 3])):
            begun = noon + (8 + 4 * number) * HOUR + chance.randrange(0, HOUR)
            if begun >= now:
                continue
            status = chance.choices(["success", "failed", "canceled"], [90, 7, 3])[0]
            job = store.job("group/app", "test", begun, max(1, chance.gauss(11, 2)), status, [deploy])
            if status == "failed":
                kind = chance.choice(["non_fast_forward", "local", "server", "unknown", "hook_declined", "tls"])
                store.failure(kind, begun + 5000, store.series("group/app", "test"), job)
        begun = noon + 2 * HOUR + chance.randrange(0, HOUR)
        if day >= 5 and begun < now:
            token = nightly if begun < midnight(now) - 30 * DAY else fresh
            minutes = 140 + 90 * (day % 7 == 6) + chance.gauss(0, 6)
            dead = day in (59, 60)
            job = store.job("group/lib", "nightly", begun, minutes, "failed" if dead else "success",
                            [nightly if dead else token])
            if dead:
                store.failure("auth_expired", begun + 7 * HOUR, store.series("group/lib", "nightly"), job, nightly)
        if day % 7 == 2 and noon + 6 * HOUR < now:
            refused = day > 80
            job = store.job("group/mirror", "sync", noon + 6 * HOUR, chance.gauss(4, 1), "failed" if refused else "success",
                            [mirror])
            if refused:
                store.failure("auth_revoked", noon + 6 * HOUR + 9000, store.series("group/mirror", "sync"), job, mirror)
        if day % 10 == 4:
            store.job("group/old", "push", noon + 5 * HOUR, 7, "success", [legacy])
    store.job("group/mirror", "sync", now - 3 * DAY, 4, "failed", [mirror])
    store.job("group/app", "test", now - 20 * 60_000, 0, "running", [deploy])
    for kind, count in [("auth_rejected", 6), ("scope", 3), ("rate_limited", 9), ("dns", 4)]:
        for _ in range(count):
            store.failure(kind, start + chance.randrange(0, 88 * DAY), None)
    for number in range(70):
        day = 40 + (number % 3 == 0) * chance.randrange(0, 300) + (number % 3 == 1) * 131
        store.listed(f"person {number}", midnight(now) + day * DAY)
    for number in range(3):
        store.listed(f"robot {number}", None)
    # A renewal of which nobody knows.
    store.renewal("backup", "e" * 32, 3, now - 5 * HOUR, hashlib.sha256(b"backup").digest(), None, "in_doubt")


def fill_hostile(store):
    """Every text is one that somebody chose to do harm."""
    for number, name in enumerate(HOSTILE):
        token = store.token(name, store.now - 40 * DAY, store.now, store.now + (number + 1) * DAY,
                            family=name + "f", generation=number + 1, kind=name)[0]
        for day in range(1, 9):
            job = store.job(name, name, store.now - day * DAY, 30 + day, "failed" if day == 1 else "success", [token])
        store.failure(name, store.now - DAY, store.series(name, name), job, token)
        store.renewal(name, "d" * 32, 1, store.now - HOUR, hashlib.sha256(name.encode()).digest(), None, "lost")
        store.listed(name, store.now + 50 * DAY, kind=name)


def fill_much(store, jobs=6000, tokens=90):
    """More than a page has room for."""
    numbers = []
    for token in range(tokens):
        numbers.append(store.token(f"token-{token}", store.now - 80 * DAY, store.now, store.now + (token % 400) * DAY + HOUR)[0])
    for job in range(jobs):
        begun = store.now - 80 * DAY + job * (79 * DAY // jobs)
        status = "failed" if job % 13 == 0 else "success"
        number = store.job(f"group/{job % 30}", "build", begun, 5 + job % 7, status, [numbers[job % tokens]])
        if status == "failed":
            store.failure(["network", "dns", "auth_expired", "scope"][job % 4], begun, store.series(f"group/{job % 30}", "build"), number)
