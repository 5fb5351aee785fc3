"""Jobs at providers, as the sandbox plays them, and workers that are stopped and killed on the way.

A point is named "provider: where"; each order has an account, and so a ledger, of its own.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass

import httpx

from tests.kill.stops import Stop
from tests.processes import Process, read
from tests.running import ROOT, Product

KEYS = {"reka": "reka_{}", "scalereach": "sr_live_{}", "reelbot": "rb_live_{}", "sync": "sk-{}"}
LATE = "late"  # in a key of ScaleReach's: clips are told of before they are rendered
FILES = "files"  # the vendor of files, at the sandbox
SOON = 240  # seconds for what needs no waiting at all


@dataclass
class Killed:
    """How what was killed at a point looked then, and how soon it moved again (seconds, by the
    clock on the wall)."""

    before: tuple
    at: float
    moved_after: float = 0.0


class Stage:
    def __init__(self, product: Product, sandbox, clock, sample):
        self.product, self.sandbox, self.clock, self.sample = product, sandbox, clock, sample
        self.jobs: dict[str, int] = {}
        self.killed: dict[str, Killed] = {}
        self.waiting: dict[str, Stop] = {}
        self.held: dict[str, Process] = {}
        self.downloads: dict[str, int] = {}
        self.looked_at = 0.0

    # --- Orders ---------------------------------------------------------------------------------

    def open_accounts(self, points):
        self.keys = {point: key_of(point) for point in points}
        wanted = {
            "origin": self.sandbox.origin,
            "file": str(self.sample),
            "accounts": {point: [provider_of(point), self.keys[point]] for point in points},
        }
        outcome = subprocess.run(
            [sys.executable, "-m", "tests.kill.set_up"],
            cwd=ROOT,
            env=self.product.env,
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            timeout=SOON,
        )
        assert outcome.returncode == 0, outcome.stderr
        self.made = json.loads(outcome.stdout)

    def order(self, client, point):
        """As a browser sends the form; it is due at once. Returns the job's id."""
        provider, account = provider_of(point), self.made["accounts"][point]
        is_empty = provider in ("reka", "scalereach") and point not in WITH_CLIPS
        source = self.made["nothing" if is_empty else "page"]
        fields = {f"account-{account}-{name}": said for name, said in CHOICES[provider](point)}
        clip = {"clip": self.made["clip"]} if provider == "sync" else {}
        address = f"/sources/{source}/order/"
        answer = client.post(address, data={"account": account} | fields | clip)
        assert answer.status_code == 302, answer.text
        ((self.jobs[point],),) = self.product.rows(
            "SELECT id FROM clips_job WHERE account_id = ?", account
        )
        return self.jobs[point]

    def ask_now(self, client, job):
        """As a person does who does not want to wait."""
        answer = client.post(f"/jobs/{job}/poll/")
        assert answer.status_code == 302, answer.text

    def next_job(self) -> int:
        """The id that the next order's job will have."""
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'clips_job'"
        return self.product.rows(query)[0][0] + 1

    def job(self, point) -> tuple:
        query = "SELECT state, remote_id, next_action_at, error FROM clips_job WHERE id = ?"
        return self.product.rows(query, self.jobs[point])[0]

    def wait_for(self, point, *states, seconds=SOON):
        self.wait_until(
            lambda: self.job(point)[0] in states, f"{point} to be {states}", seconds=seconds
        )

    def wait_until(self, condition, what, *, seconds=SOON, every=0.1):
        """Looks on the way who moves again."""

        def looked():
            if time.monotonic() - self.looked_at > 1:
                self.look_who_moves()
            return condition()

        self.product.wait_until(looked, what, seconds=seconds, every=every)

    # --- Stops ----------------------------------------------------------------------------------

    def stop(self, point, moment, pattern):
        """Stop whoever comes by there."""
        self.waiting[point] = Stop(self.product.var_dir, point.replace(": ", "-"), moment, pattern)

    def hold(self, point, matches, moment, *, key=None, **more):
        """Have the provider hold its answer."""
        vendor = more.pop("vendor", provider_of(point))
        key = self.keys.get(point, "") if key is None else key
        self.control("POST", vendor=vendor, key=key, matches=matches, does={"hold": moment} | more)

    def control(self, method, **asked):
        where = f"{self.sandbox.origin}/control/faults"
        answer = httpx.request(method, where, json=asked, timeout=SOON)
        assert answer.status_code == 200

    def wait_at_provider(self, point, *, vendor=None, key=None):
        """Until the provider has the request that it holds; who has sent it stands in the row."""
        vendor, key = vendor or provider_of(point), self.keys[point] if key is None else key

        def arrived():
            faults = self.sandbox.memory.faults()
            mine = [one for one in faults if (one["vendor"], one["key"]) == (vendor, key)]
            return mine and not any(one["times_left"] for one in mine)

        self.wait_until(arrived, f"the request of {point}", every=0.02)

    def wait_at(self, point):
        def is_held():
            process = self.waiting[point].held()
            if process:
                self.held[point] = process
            return process

        self.wait_until(is_held, f"somebody at {point}", every=0.02)

    def worker_of(self, table, row) -> Process:
        query = f"SELECT lease_owner FROM {table} WHERE id = ?"
        ((owner,),) = self.product.rows(query, row)
        process = read(int(owner.split(":")[1]))
        assert process, f"{owner} is gone"
        return process

    def downloading(self) -> dict[int, Process]:
        """Who fetches each of the files that are fetched now."""
        query = "SELECT id FROM clips_download WHERE lease_owner != '' ORDER BY id"
        return {row: self.worker_of("clips_download", row) for (row,) in self.product.rows(query)}

    def kill(self, *points):
        """All at once; what the provider held goes on there."""
        self.look_who_moves()
        for point in points:
            self.killed[point] = Killed(self.seen(point), time.monotonic())
        for process in {self.held[point] for point in points}:
            assert process.is_alive(), f"nobody stands at {points} any more"
            process.kill()
        for point in points:
            if point in self.keys:
                self.control("DELETE", vendor=provider_of(point), key=self.keys[point])
        with suppress(sqlite3.OperationalError):  # the next one stands inside a transaction
            self.forget_attempts(patience=1)

    def forget_attempts(self, *, patience=20):
        """Whose worker dies three times is given up; that is not what this is about."""
        attempts = "UPDATE clips_download SET attempts = 0 WHERE state != 'ready'"
        self.change(attempts, patience=patience)

    def watch_download(self, point, row):
        self.downloads[point] = row

    def seen(self, point) -> tuple:
        """What changes as soon as anybody works on it again."""
        if row := self.downloads.get(point):
            query = "SELECT state, attempts, progress, size FROM clips_download WHERE id = ?"
            return self.product.rows(query, row)[0]
        events = "SELECT count(*) FROM clips_jobevent WHERE job_id = ?"
        clips = "SELECT count(*) FROM clips_clip WHERE job_id = ? AND status = 'completed'"
        counts = [self.product.rows(query, self.jobs[point])[0] for query in (events, clips)]
        return (*self.job(point)[:3], *counts)

    def look_who_moves(self):
        self.looked_at = time.monotonic()
        for point, killed in self.killed.items():
            if not killed.moved_after and self.seen(point) != killed.before:
                killed.moved_after = time.monotonic() - killed.at

    def kill_as_they_come(self, points, *, seconds=SOON):
        """Each as soon as somebody stands there: inside a transaction nobody else can write."""
        left = list(points)

        def all_killed():
            for point in left[:]:
                if process := self.waiting[point].held():
                    self.held[point] = process
                    self.kill(point)
                    left.remove(point)
            return not left

        self.wait_until(all_killed, f"somebody at each of {left}", seconds=seconds, every=0.02)
        self.forget_attempts()

    # --- At the provider ------------------------------------------------------------------------

    def billed(self, point) -> list[str]:
        """The remote ids of what was charged to that point's account."""
        rows = self.sandbox.memory.ledger(provider_of(point))
        return [row["id"] for row in rows if row["key"] == self.keys[point]]

    def account_of_download(self, row) -> tuple[str, str]:
        """The provider and the key that its file is had with."""
        query = (
            "SELECT account.name FROM clips_account account "
            "JOIN clips_job job ON job.account_id = account.id "
            "JOIN clips_clip clip ON clip.job_id = job.id "
            "JOIN clips_download row ON row.clip_id = clip.id WHERE row.id = ?"
        )
        ((point,),) = self.product.rows(query, row)
        return provider_of(point), self.keys[point]

    def change(self, statement, *parameters, patience=20):
        """Change rows behind the product's back: time passes, an address runs out. How many."""
        database = sqlite3.connect(self.product.var_dir / "clipboard.sqlite3", timeout=patience)
        with closing(database) as connection, connection:
            return connection.execute(statement, parameters).rowcount

    def put_off(self, points):
        """Have them asked after only when we say so: whoever asks just now writes when to ask
        again, so that we wait for that."""
        query = (
            "UPDATE clips_job SET next_action_at = '2100-01-01' WHERE id = ? AND lease_owner = ''"
        )
        for point in points:
            self.product.wait_until(
                lambda job=self.jobs[point]: self.change(query, job),
                f"nobody to ask after {point}",
                seconds=SOON,
            )

    def hurry(self):
        """Have asked now what would be asked after in its provider's own time, but for what has
        not moved since it was killed: nobody but the product may do that."""
        still = [self.jobs[point] for point, one in self.killed.items() if not one.moved_after]
        self.change(
            "UPDATE clips_job SET next_action_at = datetime('now') "
            "WHERE state IN ('running', 'partial') AND lease_until IS NULL "
            f"AND id NOT IN ({', '.join(map(str, still))})"
        )

    def sha256(self, address) -> str:
        name = re.search(r"/files/([\w.]+)", address)[1]
        return hashlib.sha256(self.sandbox.outputs.file(name).read_bytes()).hexdigest()


def provider_of(point):
    return point.partition(":")[0]


def key_of(point):
    word = re.sub(r"\W+", "_", point.partition(": ")[2])
    return KEYS[provider_of(point)].format(f"{word}_0123456789abcdef")


WITH_CLIPS = {"scalereach: late collect", "scalereach: files"}
CHOICES = {
    "reka": lambda point: [("prompt", f"nothing of {point}")],
    "scalereach": lambda point: [
        ("config.clipType", "viral-clips"), ("config.customPrompt", point),
    ],
    "reelbot": lambda point: [
        ("videoType", "cinematic"), ("topic", point), ("brollKeys", "shared/sea.mp4"),
    ],
    "sync": lambda point: [
        ("model", "lipsync-2"), ("sound", "text"), ("text.voiceId", "sandbox"),
        ("text.script", point),
    ],
}  # fmt: skip
