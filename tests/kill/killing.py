"""What the kill tests are written with: work to be done, a kill, and how all must be after it."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests.kill.upload import Upload
from tests.processes import Process
from tests.running import CLUSTERS, Product

Work = TypeVar("Work")
MOVING_AGAIN = 90  # seconds, by the clock on the wall
TRIES = 5
# The bars hold nothing remarkable.
OPTIONS = {"count": 1, "threshold": 0, "min_duration": 5, "use": []}
NOW = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())


def ready_source(product: Product, upload: Upload) -> int:
    query = "SELECT id FROM clips_source WHERE upload_id = ? AND state = 'ready'"
    product.wait_until(lambda: product.rows(query, upload.pk), "the source to be ready")
    job = "SELECT 1 FROM clips_job WHERE source_id = ? AND state IN ('queued', 'running')"
    ((source,),) = product.rows(query, upload.pk)
    product.wait_until(lambda: not product.rows(job, source), "its own job to end")
    return source


def order_rendition(product: Product, clip: int) -> int:
    """A due rendition of a size of its own."""
    ((taken,),) = product.rows("SELECT count(*) FROM clips_rendition WHERE clip_id = ?", clip)
    return product.add(
        "clips_rendition",
        clip_id=clip,
        aspect="1:1",
        height=60 + 2 * taken,
        captions=0,
        is_preview=0,
        state="waiting",
        progress=0,
        error="",
        file="",
        size=0,
        attempts=0,
        lease_owner="",
        created_at=NOW,
        next_action_at=NOW,
    )


def add_job(product: Product, source: int) -> int:
    """A due job, as any page would leave one, without a nudge: the sweeper must find it."""
    return product.add(
        "clips_job",
        team_id=product.rows("SELECT team_id FROM clips_source WHERE id = ?", source)[0][0],
        source_id=source,
        provider="local",
        options=json.dumps(OPTIONS),
        state="queued",
        summary="{}",
        stage="",
        error="",
        progress=0,
        attempts=0,
        lease_owner="",
        created_at=NOW,
        next_action_at=NOW,
    )


@contextmanager
def job_at(product: Product, source: int, stage: str) -> Iterator[int]:
    """A new job's id, while it is at that stage: its ffmpeg stands still inside the block."""

    def is_there(job: int) -> bool:
        ((state, now),) = product.rows("SELECT state, stage FROM clips_job WHERE id = ?", job)
        assert state in ("queued", "running", "succeeded"), state
        return state == "running" and (now == "rendering") == (stage == "rendering")

    def has_ended(job: int) -> bool:
        return product.rows("SELECT state FROM clips_job WHERE id = ?", job) == [("succeeded",)]

    def begin() -> int:
        return add_job(product, source)

    with held(product, begin, is_there=is_there, has_ended=has_ended, who=at_work) as job:
        yield job


@contextmanager
def preparing(product: Product, begin: Callable[[], Upload]) -> Iterator[Upload]:
    """A new upload, while it is prepared: its engine stands still inside the block."""
    query = "SELECT state FROM clips_source WHERE upload_id = ?"

    def is_there(upload: Upload) -> bool:
        return product.rows(query, upload.pk) == [("preparing",)]

    def has_ended(upload: Upload) -> bool:
        return product.rows(query, upload.pk) == [("ready",)]

    with held(product, begin, is_there=is_there, has_ended=has_ended, who=engines) as upload:
        yield upload


@contextmanager
def held(
    product: Product,
    begin: Callable[[], Work],
    *,
    is_there: Callable[[Work], bool],
    has_ended: Callable[[Work], bool],
    who: Callable[[Product], list[Process]],
) -> Iterator[Work]:
    """What `begin` began, while `who` works on it and stands still.

    Short work may be done before anyone sees it; then other work is begun.
    """
    stopped: list[Process] = []

    def reached() -> bool:
        stopped.extend(who(product) if is_there(work) else [])
        for process in stopped:
            process.kill(signal.SIGSTOP)
        return bool(stopped) or has_ended(work)

    for _ in range(TRIES):
        work = begin()
        product.wait_until(reached, "somebody at work", every=0.03)
        if is_there(work) and any(process.is_alive() for process in stopped):
            break
        go_on(stopped)  # it went on while we looked
    assert stopped, f"missed the work {TRIES} times"
    try:
        yield work
    finally:
        go_on(stopped)


def go_on(stopped: list[Process]) -> None:
    while stopped:
        stopped.pop().kill(signal.SIGCONT)


def engines(product: Product) -> list[Process]:
    return product.processes().get("engine", [])


def at_work(product: Product) -> list[Process]:
    """The ffmpeg of engines; a worker itself only asks it for its version."""
    found = product.processes()
    engines = {engine.pid for engine in found.get("engine", [])}
    return [one for one in found.get("ffmpeg", []) if one.ppid in engines]


def working(product: Product) -> list[Process]:
    """Engines and their ffmpeg: those there are, and those ever seen that live on as orphans."""
    product.look()
    return [one for one in product.left() if product.roles[one.pid] in ("engine", "ffmpeg")]


def kill(product: Product, role: str, *, idle: bool = False) -> None:
    """The first of a role; of workers the one with an engine below it, or all of them if idle."""
    found: dict[str, list[Process]] = {}

    def there() -> bool:
        found.clear()
        found.update(product.processes())
        return is_complete(found) if idle else role in found

    product.wait_until(there, role, every=0.05)
    busy = {engine.ppid for engine in found.get("engine", [])}
    victims = [one for one in found[role] if one.pid in busy] or found[role]
    for victim in victims if idle else victims[:1]:
        assert victim.is_alive(), f"{role} has ended by itself"
        victim.kill()


def is_complete(found: dict[str, list[Process]]) -> bool:
    return all(len(found.get(role, [])) == number for role, number in EXPECTED.items())


EXPECTED = dict.fromkeys(["serve", "web", "web worker", "work", "steps", "media"], 1) | {
    f"{cluster} {role}": 2 if role == "worker" else 1
    for cluster in CLUSTERS
    for role in ("sentinel", "worker", "monitor", "pusher")
}


def ends_well(product: Product, job: int) -> None:
    query = "SELECT state, error FROM clips_job WHERE id = ?"

    def ended() -> bool:
        ((state, error),) = product.rows(query, job)
        assert state not in ("failed", "cancelled"), error
        return state == "succeeded"

    taken = product.wait_until(ended, "the job to be done", seconds=MOVING_AGAIN)
    sys.stdout.write(f"done {taken:.1f} s after the kill\n")
    clips = product.rows("SELECT id, status, file FROM clips_clip WHERE job_id = ?", job)
    assert [status for _, status, _ in clips] == ["completed"]
    assert (product.var_dir / "media" / clips[0][2]).stat().st_size
    check(product)


def check(product: Product) -> None:
    """No row in limbo, nothing twice, no process too many, everything healthy."""
    product.wait_until(product.is_healthy, "the product to be well", seconds=MOVING_AGAIN)
    for table, states in (
        ("clips_source", "'fetching', 'preparing'"),
        ("clips_rendition", "'waiting', 'rendering'"),
        ("clips_job", "'queued', 'running'"),
    ):
        limbo = (
            f"SELECT id FROM {table} WHERE state IN ({states}) "
            "AND next_action_at IS NULL AND lease_until IS NULL"
        )
        assert product.rows(limbo) == []
    assert product.rows("SELECT job_id FROM clips_clip GROUP BY job_id HAVING count(*) > 1") == []
    assert product.rows("PRAGMA integrity_check") == [("ok",)]
    product.wait_until(lambda: is_complete(product.processes()), "every process to be there once")
    now = {process.pid for process in product.look()}
    assert [process for process in product.left() if process.pid not in now] == []
