#!/usr/bin/env python3
"""Fills an empty store, which outlast itself has made, with the history of a busy installation.

Usage: recordings.py STORE JOBS [END]

For each job five events, over the two years before END (seconds since the epoch; now). The same arguments make the same
rows. Projects grow with the root of the number of jobs; each has a token that was renewed every month, and two jobs in ten
mint one for themselves. One job in twelve fails, half of these for want of a credential; refusals from a forge's log and
tokens from its lists are there as well. Keys and fingerprints are what outlast would have made of the same parts.
"""

import hashlib
import math
import random
import sqlite3
import sys
import time

DAY = 86_400_000
SPAN = 730 * DAY
MONTH = 30 * DAY
FORGES = ["gitlab"] * 7 + ["github"] * 2 + ["jenkins"]
SERVERS = {"gitlab": "gitlab.example.com", "github": "github.com", "jenkins": "ci.example.com"}
APIS = {"gitlab": "https://gitlab.example.com", "github": "https://api.github.com", "jenkins": None}
JOBS = ["build", "test", "release", "deploy", "nightly"]
# Class, whether a credential is to blame, and how often it is met.
FAILURES = [
    ("auth_expired", 1, 20, "remote: HTTP Basic: Access denied. The provided password or token is incorrect"),
    ("auth_rejected", 1, 15, "fatal: Authentication failed for 'https://gitlab.example.com/group/app.git/'"),
    ("auth_revoked", 1, 5, "remote: Invalid username or token. Password authentication is not supported"),
    ("scope", 1, 5, "remote: You are not allowed to push code to this project."),
    ("network", 0, 20, "fatal: unable to access 'https://gitlab.example.com/group/app.git/': Connection reset by peer"),
    ("non_fast_forward", 0, 12, " ! [rejected]        main -> main (fetch first)"),
    ("server", 0, 8, "fatal: unable to access 'https://gitlab.example.com/group/app.git/': error: 502"),
    ("local", 0, 8, "fatal: write error: No space left on device"),
    ("unknown", None, 7, "make: *** [Makefile:12: all] Error 2"),
]
KINDS = [
    ("start", "running"), ("finish", "success"), ("finish", "failed"), ("finish", "canceled"),
    ("preflight", "sufficient"), ("preflight", "insufficient"), ("preflight", "expired"), ("preflight", "unknown"),
    ("usage", "ok"), ("usage", "denied"), ("credential", "answered"), ("renew", "renewed"),
] + [("failure", name) for name, _, _, _ in FAILURES]  # fmt: skip
NUMBERS = {kind: number + 1 for number, kind in enumerate(KINDS)}


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def job_key(*parts):
    """What JobIdentity makes of its parts."""
    return digest("|".join(f"{len(part.encode())}:{part}" for part in parts)).hex()[:16]


class Table:
    """Rows that are inserted many at a time."""

    def __init__(self, db, name, columns):
        self.db, self.rows = db, []
        self.sql = f"INSERT INTO {name}({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})"

    def add(self, *row):
        self.rows.append(row)
        if len(self.rows) >= 20_000:
            self.flush()

    def flush(self):
        self.db.executemany(self.sql, self.rows)
        self.rows.clear()


class Recordings:
    def __init__(self, db, jobs, end):
        self.db, self.count, self.end = db, jobs, end
        self.random = random.Random(42)
        self.start = end - SPAN
        self.projects = max(10, int(math.sqrt(jobs) * 0.8))
        self.tokens = {}
        self.families = []
        self.seen, self.series_seen = {}, {}
        self.emitted = self.last_line = 0
        names = {
            "jobs": "id, job_key, series_id, run, attempt, leg, begun_at, last_seen_at, status, started_at, finished_at, "
            "ended_at, duration_ms, deadline_at, timeout_ms, slot, decision",
            "events": "id, at, kind_id, job_id, series_id, token_id, code, detail",
            "diagnoses": "event_id, class, confidence, line, source, operation, credential_at_fault",
            "uses": "token_id, begun_at, job_id",
            "tokens": "id, digest, fingerprint, family, generation, credential, kind, forge, api, forge_id, name, scopes, "
            "expiry, expires_at, expiry_source, checked_at, standing, first_seen_at, last_seen_at",
            "log_lines": "line_key, event_id, forge, host, forge_id",
        }
        self.tables = {name: Table(db, name, columns) for name, columns in names.items()}

    def make(self):
        self.db.executemany("INSERT INTO event_kinds(event, outcome) VALUES (?, ?)", KINDS)
        self.make_series()
        self.make_families()
        for number in range(1, self.count + 1):
            self.make_job(number)
        for table in self.tables.values():
            table.flush()
        self.finish_tokens()
        self.make_list()

    def make_series(self):
        """Durations, and how far a job can be trusted, are the series' own."""
        self.series = []
        for project in range(self.projects):
            forge = FORGES[project % len(FORGES)]
            for job in JOBS:
                number = len(self.series) + 1
                path = f"group-{project % 20}/app-{project}"
                self.series.append((number, project, forge, path, job, self.random.lognormvariate(13.5, 0.9)))
        rows = [(number, forge, SERVERS[forge], path, job, "") for number, _, forge, path, job, _ in self.series]
        self.db.executemany("INSERT INTO series VALUES (?, ?, ?, ?, ?, ?)", rows)

    def make_families(self):
        """A token for each project: a new generation every month, or one that never ends, or one that nobody renews."""
        journal = []
        for project in range(self.projects):
            forge = FORGES[project % len(FORGES)]
            family = digest(f"family-{project}").hex()[:32]
            phase = self.random.randrange(MONTH)
            isEndless = project % 25 == 7
            renewals = 0 if isEndless else SPAN // MONTH
            generations = []
            for generation in range(renewals + 1):
                born = self.start if generation == 0 else self.start + (generation - 1) * MONTH + phase
                # The last one has some days of its month left; now and then one lives on for long.
                dies = None if isEndless else born + MONTH + self.random.randrange(5) * DAY
                if dies and generation == renewals and project % 4 == 0:
                    dies = self.end + self.random.randrange(1, 365) * DAY
                generations.append((born, self.make_token(f"{project}-{generation}", {
                    "family": family, "generation": generation + 1, "credential": f"release-{project % 40}",
                    "kind": {"gitlab": "gitlab-project", "github": "github-pat-fine-grained"}.get(forge, "opaque"),
                    "forge": forge if APIS[forge] else "generic", "api": APIS[forge],
                    "forge_id": str(1000 + project * 40 + generation), "name": f"deploy app-{project}",
                    "scopes": "api\nwrite_repository", "expires": dies, "born": born,
                })))  # fmt: skip
                if generation:
                    state = "retired" if self.random.random() < 0.99 else "lost"
                    old, new = self.tokens[generations[-2][1]]["digest"], self.tokens[generations[-1][1]]["digest"]
                    journal.append((family, generation, "gitlab-rotate", f"release-{project % 40}", state, born - 2000,
                                    born - 1500, 60_000, born, old, new, None, b"\0" * 32))  # fmt: skip
            self.families.append(generations)
        self.db.executemany(
            "INSERT INTO journal(family, generation, method, credential, state, intended_at, sent_at, timeout_ms, "
            "changed_at, old_digest, new_digest, job_id, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            sorted(journal, key=lambda row: row[8]),
        )

    def make_token(self, text, facts):
        number = len(self.tokens) + 1
        facts["digest"] = digest(f"token {text}")
        self.tokens[number] = facts
        return number

    def make_minted(self, number, born):
        """A token that one job mints for itself, which ends within the hour."""
        return self.make_token(f"minted-{number}", {
            "credential": "app", "kind": "github-app-installation", "forge": "github", "api": APIS["github"],
            "forge_id": None, "name": None, "scopes": "contents:write", "expires": born + 3_600_000, "born": born,
        })  # fmt: skip

    def token_of(self, project, moment):
        generations = self.families[project]
        place = len(generations) - 1
        while place and generations[place][0] > moment:
            place -= 1
        # A few jobs present the generation before, as one does whose variable was not updated.
        if place and self.random.random() < 0.02:
            place -= 1
        return generations[place][1]

    def make_job(self, number):
        # A few projects run most of the jobs.
        place = int(len(self.series) * self.random.random() ** 2)
        series, project, forge, path, job, usual = self.series[place]
        begun = self.start + (SPAN - 60_000) * number // self.count
        duration = int(usual * self.random.lognormvariate(0, 0.35))
        ended = begun + duration
        luck = self.random.random()
        status = "success" if luck < 0.88 else "failed" if luck < 0.96 else "canceled" if luck < 0.99 else "abandoned"
        if ended >= self.end:
            status = "running"
        isOver = status not in ("running", "abandoned")
        run, timeout = str(10_000_000 + number), 4 * 3_600_000
        seen = ended if isOver else min(begun + 3000, self.end)
        token = self.make_minted(number, begun) if number % 5 == 0 else self.token_of(project, begun)
        decision = self.decision(status, token, begun + duration)
        self.tables["jobs"].add(
            number, job_key(forge, SERVERS[forge], path, job, run, "1", ""), series, run, 1, "", begun, seen, status,
            begun, ended if isOver else None, None if status == "running" else seen,
            None if status == "running" else seen - begun, begun + timeout, timeout,
            f"{SERVERS[forge]}/{number % 97}/{number % 4}", decision,
        )  # fmt: skip
        self.tables["uses"].add(token, begun, number)
        self.use(token, series, begun, seen)
        self.event(begun, ("start", "running"), number, series)
        code = 0 if decision in ("sufficient", "unknown") else 10
        self.event(begun + 2000, ("preflight", decision), number, series, token, code, "token: lives 12d more; needs 40m")
        if isOver:
            self.make_middle(number, series, token, begun, duration, status)
            self.event(ended, ("finish", status), number, series)
        if number % 50 == 0:
            self.make_line(begun, project)

    def decision(self, status, token, end):
        dies = self.tokens[token]["expires"]
        if dies is None:
            return "unknown"
        if dies < end:
            return "insufficient"
        return "expired" if status == "failed" and self.random.random() < 0.02 else "sufficient"

    def make_middle(self, number, series, token, begun, duration, status):
        """So many that there are five events for each job so far, the one that ends it included."""
        wanted = 5 * number - self.emitted - 1
        for place in range(wanted):
            at = begun + 3000 + (duration - 3000) * (place + 1) // (wanted + 1)
            if place == wanted - 1 and status == "failed":
                name, fault, _, line = self.random.choices(FAILURES, [failure[2] for failure in FAILURES])[0]
                event = self.event(at, ("failure", name), number, series, token, 0, line)
                operation = "push" if number % 2 else "fetch"
                self.tables["diagnoses"].add(event, name, "high", line, "record", operation, fault)
            elif place % 2:
                self.event(at, ("credential", "answered"), number, series, token)
            else:
                self.event(at, ("usage", "ok"), number, series, token, 0, "fetch" if place else "push")

    def make_line(self, moment, project):
        """A refusal that the forge's log tells: of a token that had ended, or of one that no job has presented."""
        at = self.last_line = max(moment + 500, self.last_line + 1)
        over = [token for _, token in self.families[project] if (self.tokens[token]["expires"] or at) < at]
        known = over[-1] if over and self.random.random() < 0.5 else None
        name = "auth_expired" if known else "auth_revoked"
        line = "token_expired: GET /api/:version/projects/:id/jobs answered 401"
        event = self.event(at, ("failure", name), None, None, known, 0, line)
        self.tables["diagnoses"].add(event, name, "high", line, "gitlab-log", None, 1)
        key = digest(f"line {event}")[:16]
        self.tables["log_lines"].add(key, event, "gitlab", "gitlab.example.com", str(event % 5000))

    def event(self, at, kind, job, series, token=None, code=0, detail=None):
        self.emitted += 1
        self.tables["events"].add(self.emitted, at, NUMBERS[kind], job, series, token, code, detail)
        return self.emitted

    def use(self, token, series, begun, seen):
        first, last = self.seen.get(token, (begun, seen))
        self.seen[token] = (first, max(last, seen))
        first, last = self.series_seen.get((token, series), (begun, seen))
        self.series_seen[(token, series)] = (first, max(last, seen))

    def finish_tokens(self):
        tokens = self.tables["tokens"]
        for number, facts in self.tokens.items():
            dies = facts["expires"]
            first, last = self.seen.get(number, (facts["born"], facts["born"]))
            print_ = facts["digest"].hex()[:16]
            tokens.add(
                number, facts["digest"], print_, facts.get("family"), facts.get("generation"), facts["credential"],
                facts["kind"], facts["forge"], facts["api"], facts["forge_id"], facts["name"], facts["scopes"],
                "never" if dies is None else "at", dies, "forge", first, "alive", first, last,
            )  # fmt: skip
        tokens.flush()
        rows = [(token, series, first, last) for (token, series), (first, last) in self.series_seen.items()]
        self.db.executemany("INSERT INTO token_series VALUES (?, ?, ?, ?)", rows)
        self.db.execute(
            "INSERT INTO readings(token_id, api, read_at, standing, kind, forge_id, name, scopes, expiry, expires_at) "
            "SELECT id, coalesce(api, ''), checked_at, standing, kind, forge_id, name, scopes, expiry, expires_at "
            "FROM tokens WHERE family IS NOT NULL"
        )

    def make_list(self):
        """What the last look at a forge's lists gave: tokens that no job has presented, mostly."""
        rows = []
        for number in range(self.projects * 5):
            dies = None if number % 20 == 0 else self.end + self.random.randrange(-60, 365) * DAY
            rows.append((
                APIS["gitlab"], str(900_000 + number), "gitlab", "gitlab-personal", f"laptop {number}",
                f"user-{number // 3}", "api", "never" if dies is None else "at", dies,
                "expired" if dies and dies < self.end else "alive", self.end - 90 * DAY, self.end - DAY,
            ))  # fmt: skip
        self.db.executemany(f"INSERT INTO listed_tokens({LISTED}) VALUES ({', '.join('?' * 12)})", rows)


LISTED = "api, forge_id, forge, kind, name, owner, scopes, expiry, expires_at, standing, first_listed_at, listed_at"


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    end = int(float(sys.argv[3]) if len(sys.argv) == 4 else time.time()) * 1000
    db = sqlite3.connect(sys.argv[1], isolation_level=None)
    if db.execute("SELECT count(*) FROM jobs").fetchone() != (0,):
        sys.exit(f"{sys.argv[1]} holds jobs already")
    # What stops half way is made anew.
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    db.execute("BEGIN EXCLUSIVE")
    Recordings(db, int(sys.argv[2]), end).make()
    db.execute("COMMIT")
    if db.execute("PRAGMA foreign_key_check").fetchone():
        sys.exit("the rows do not fit together")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


main()
