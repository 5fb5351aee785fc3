"""One schedule of faults, deaths and races, drawn from one number, and what is left to hold.

Some orders are placed at one provider. For a while everything goes wrong that can: answers, files,
processes, and others who do things at the worst moment. Then it is calm: people mend what is
theirs to mend, the workers go on until nothing is due any more, and `holds.py` looks at what is
there.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.db.models import Q
from django.utils import timezone

from clipboard.clips import order, poll, queue, tasks
from clipboard.clips.models import Download, Job
from clipboard.sandbox.vendor import Ask, Reply, Vendor
from clipboard.sandbox.world import Memory, World
from tests.faults import holds, people
from tests.faults.complaints import complaints
from tests.faults.mishaps import Does, draw
from tests.faults.moments import Killed, aside
from tests.faults.stage import Promised, Stage
from tests.faults.vendors import TRADES

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEPS_AT_MOST = 400
SAID = "(SELECT * FROM clips_errand WHERE kind <> 'look')"  # those go on for weeks
SPOKEN, FETCHED = ("clips_job", SAID), "clips_download"
SOON = timedelta(hours=26)  # a daily limit is the longest that anything may wait for


@dataclass
class Placed:
    """An order as people know it. `wanted`: how often somebody asked for it."""

    mark: str
    wanted: int = 1


class Schedule:
    def __init__(self, stage: Stage, provider: str, seed: int) -> None:
        self.stage, self.seed, self.trade = stage, seed, TRADES[provider]
        self.rng = random.Random(f"{provider} {seed}")
        self.counts: Counter[str] = Counter()
        self.trace: list[str] = []
        self.orders: dict[int, Placed] = {}
        self.likes: dict[tuple[int, int], tuple[str, str]] = {}
        self.excused: set[int] = set()  # jobs that a person cancelled or removed
        self.seen_ids: set[str] = set()  # remote ids of jobs that were ordered again or removed
        self.served: dict[str, set[str]] = defaultdict(set)  # SHA-256 of what was given whole
        self.troubled: Counter[str] = Counter()  # files, and how often one went wrong
        self.broken: list[str] = []
        self.is_calm = False

    def run(self) -> list[str]:
        """What does not hold at the end, in words; empty where everything does."""
        self.stage.clear()
        self.stage.carrier.near = self
        random.seed(self.seed)  # the product's own jitter
        with time_machine.travel(BEGIN, tick=False) as self.clock, complaints(self.broken):
            self.begin()
            self.storm()
            self.calm()
            holds.look(self)
            self.memory.close()
        return self.broken

    def begin(self) -> None:
        self.memory = Memory(now=time.time)
        self.account = copy(self.rng.choice(self.stage.accounts[self.trade.name]))
        self.users = self.stage.users
        self.world = World(self.memory, self.trade.name, self.account.name)
        self.outputs = Promised(self.stage.videos, self.stage.folder)
        self.bad = self.rng.choice((0.15, 0.3, 0.45))  # of all requests
        self.lag = self.rng.choice((0.0, 0.0, 40.0, 100.0))  # until a new job is listed
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            self.place()

    def place(self) -> None:
        source = copy(self.rng.choice(self.stage.sources))
        clip = copy(self.stage.clip) if self.trade.name == "sync" else None
        job = order.place(
            self.account,
            clip.source if clip else source,
            clip,
            self.trade.options(source.title),
            user=self.users[0],
        )
        self.orders[job.pk] = Placed(source.title)

    # --- While it goes wrong ----------------------------------------------------------------------

    def storm(self) -> None:
        for _ in range(self.rng.randint(2, 5)):
            if self.rng.random() < 0.4:
                self.safely(lambda: people.somebody(self))
            if self.rng.random() < 0.06:
                self.place()
            self.step()
            self.pass_time()

    def step(self) -> None:
        """One worker's turn, which may be interrupted."""
        what = self.rng.random()
        moments = self.stage.moments
        if what < 0.25:
            moments.start(at=self.rng.randint(1, 30), happens=self.dies, inside=True)
        elif what < 0.55:
            moments.start(at=self.rng.randint(1, 30), happens=self.intervenes, inside=False)
        try:
            self.safely(self.work)
        except Killed:
            self.bury()
        moments.stop()

    def work(self) -> None:
        if self.is_due(*SPOKEN):  # a turn of tasks.speak_now
            with poll.Poller() as poller:
                tasks.speak_once()
                poller.turn()
        for _ in range(self.rng.randint(0, 3)):
            if self.is_due(FETCHED):
                tasks.look_now((Download,))

    def dies(self, place: str) -> None:
        self.note(f"death: {place}")
        self.stage.moments.die(place)

    def bury(self) -> None:
        """The process is gone. Its leases run out, or a supervisor gives them back."""
        self.stage.forget()
        if self.rng.random() < 0.5:
            queue.let_go_spoken_here()
            queue.let_go_here(counted=True)

    def intervenes(self, place: str) -> None:
        if self.stage.connection.in_atomic_block:
            self.broken.append(f"a request is made within a transaction ({place})")
        else:
            aside(lambda: people.somebody(self), self.stage.connection)

    def pass_time(self) -> None:
        kind = self.rng.random()
        due = self.next_due()
        if kind < 0.6 and due and due - timezone.now() < SOON:
            self.wait_until(due)
        elif kind < 0.95:
            self.waits(self.rng.choice((1.0, 5.0, 15.0, 40.0, 130.0, 320.0)))
        else:  # the whole place stands still
            self.note("outage")
            self.waits(self.rng.choice((1800.0, 2 * 3600.0, 30 * 3600.0)))

    # --- Afterwards -------------------------------------------------------------------------------

    def calm(self) -> None:
        self.is_calm = True
        self.mend()
        self.until_quiet()
        given_up = "SELECT id FROM clips_job WHERE state = 'failed' AND remote_id <> ''"
        for job in self.jobs() if self.past(given_up) else ():
            if job.remote_id and job.state == Job.State.FAILED and job.look_again():
                self.note("a person looks again")
        self.until_quiet()

    def mend(self) -> None:
        """A person sees to the account: a test of the connection passes."""
        people.switch_on(self)
        self.account.write_check("The key is accepted.", passed=True)

    def until_quiet(self) -> None:
        for _ in range(STEPS_AT_MOST):
            self.safely(self.work)
            due = self.next_due()
            if due is None:
                return
            if due - timezone.now() > SOON:
                self.broken.append(f"stuck: nothing happens before {due:%Y-%m-%d %H:%M}")
                return
            self.wait_until(due)
        self.broken.append(f"stuck: still not quiet after {STEPS_AT_MOST} steps")

    def next_due(self) -> datetime | None:
        """When a worker finds something to do next."""
        moments = [self.due_in(table) for table in (*SPOKEN, FETCHED)]
        return min((moment for moment in moments if moment), default=None)

    def is_due(self, *tables: str) -> bool:
        now = timezone.now()
        return any((due := self.due_in(table)) and due <= now for table in tables)

    def past(self, asked: str) -> list[Any]:
        """What is asked past the product, and past the moments that are counted."""
        return self.stage.connection.connection.execute(asked).fetchall()

    def due_in(self, table: str) -> datetime | None:
        ((found,),) = self.past(
            f"SELECT MIN(MAX(next_action_at, COALESCE(lease_until, ''))) FROM {table}"
        )
        return datetime.fromisoformat(found).replace(tzinfo=UTC) if found else None

    # --- What the carrier asks for ----------------------------------------------------------------

    def meets(self, kind: str, what: str) -> Does:
        if self.is_calm or self.rng.random() > self.bad:
            return {}
        mishap = draw(self.rng, kind, self.trade.name)
        self.note(f"fault: {mishap.name}")
        self.troubled[what] += kind == "file"
        return mishap.does

    def reaches(self, place: str) -> None:
        self.stage.moments.reach(place)

    def asked(self, vendor: Vendor, ask: Ask) -> Reply:
        ask.world = World(self.memory, vendor.name, vendor.key_of(ask.headers))
        ask.outputs = self.outputs
        return self.lagging(vendor.answer(ask), ask)

    def lagging(self, reply: Reply, ask: Ask) -> Reply:
        """A list may not have the newest jobs yet."""
        if ask.path != self.trade.jobs_listed_at or ask.method != "GET":
            return reply
        made = {one["id"]: one["made"] for one in self.world.all(self.trade.kind)}
        items = reply.body if isinstance(reply.body, list) else reply.body.get("items", [])
        items[:] = [
            one for one in items if made.get(one["id"], 0) <= self.world.now - self.lag
        ]  # fmt: skip
        return reply

    def gives(self, name: str, params: dict[str, list[str]], *, changed: bool) -> bytes | None:
        expires, signature = (params.get(one, [""])[-1] for one in ("expires", "signature"))
        if not self.outputs.admits(name, expires, signature):
            return None
        content = self.outputs.content(name, changed=changed)
        if content:
            self.served[name].add(hashlib.sha256(content).hexdigest())
        return content

    def escapes(self, url: str) -> None:
        self.broken.append(f"somebody else was asked: {url}")

    # --- Small things -----------------------------------------------------------------------------

    def waits(self, seconds: float) -> None:
        self.clock.shift(seconds)

    def wait_until(self, moment: datetime) -> None:
        self.waits(max(0.0, (moment - timezone.now()).total_seconds()) + 0.001)

    def jobs(self) -> Any:
        return Job.objects.filter(pk__in=self.orders).order_by("pk")

    def any_job(self, which: Q) -> Job | None:
        found = list(self.jobs().filter(which).select_related("account", "source"))
        return self.rng.choice(found) if found else None

    def count(self, what: str) -> None:
        self.note(what)

    def note(self, what: str) -> None:
        self.counts[what] += 1
        self.trace.append(f"{timezone.now():%d %H:%M:%S} {what}")

    def safely(self, work: Callable[[], None]) -> None:
        """An exception that leaves the product is a fault of the product."""
        try:
            work()
        except Exception as error:
            self.broken.append(f"raised: {type(error).__name__}: {error}")
