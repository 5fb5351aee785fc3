"""What schedules happen on: a database in memory that is put back at once, prepared videos, and
the product's ways out, which end at the sandbox's vendors."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.test.utils import override_settings

from clipboard import engine
from clipboard.clips import poll, queue, refresh, tasks
from clipboard.clips.models import Account, Clip, Source
from clipboard.providers import outbound, outbound_async, speak
from clipboard.providers.crowd import Crowd
from clipboard.sandbox import scalereach_videos
from clipboard.sandbox.outputs import Outputs
from clipboard.sandbox.registry import VENDORS
from clipboard.sandbox.sync_webhook import secret_of
from tests import factories
from tests.faults.carrier import Carrier, Session, Transport
from tests.faults.contents import Contents
from tests.faults.moments import Moments
from tests.faults.vendors import TRADES, page
from tests.faults.videos import Videos, marked

MARKS = ("the sea", "the hill", "the road")
LENGTH = 6.0  # seconds of every recording
IN_MEMORY = Path("/dev/shm")


class Stage:
    """Opened once, used by one schedule after another."""

    def __init__(self, folder: Path, videos: Videos) -> None:
        self.folder, self.videos = folder, videos
        self.vendors = {vendor.name: vendor() for vendor in VENDORS}
        self.carrier = Carrier(self.vendors)
        self.moments = Moments()
        self.pid = os.getpid()
        self.connection = connections["default"]

    def furnish(self, prepared: Path) -> None:
        """What every schedule begins with, over the prepared database."""
        with sqlite3.connect(prepared) as empty:
            empty.backup(self.connection.connection)
        team = factories.make_team()
        for email in ("one@example.org", "two@example.org"):
            factories.make_member(team=team, email=email)
        for mark in MARKS:
            factories.make_source(
                team=team, origin=Source.Origin.URL, origin_url=page(mark), duration=LENGTH,
                title=mark, file="sources/talk.mp4",
            )  # fmt: skip
        factories.make_clip(team=team, job=factories.make_job(team=team), file="clips/1.mp4")
        for trade in TRADES.values():
            for key in trade.keys:
                url = f"https://sandbox.example/{trade.name}"
                account = factories.make_account(
                    team=team, provider=trade.name, name=key, key=key, base_url=url
                )
                account.keep_webhook_secret(secret_of(key))
                account.save()
        self.furnished = Contents(self.connection.connection)
        self.read()

    def read(self) -> None:
        """What is the same at the beginning of all schedules, which take copies of it."""
        self.users = list(get_user_model().objects.order_by("pk"))
        self.sources = list(Source.objects.order_by("pk")[: len(MARKS)])
        self.clip = Clip.objects.select_related("source").order_by("pk")[0]
        self.accounts: dict[str, list[Account]] = {}
        for account in Account.objects.order_by("pk"):
            self.accounts.setdefault(account.provider, []).append(account)

    def clear(self) -> None:
        """As it was when it was opened."""
        own = self.connection.connection
        if own.in_transaction:
            own.rollback()
        self.furnished.restore()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.forget()

    def sleeps(self, seconds: float) -> None:
        self.carrier.near.waits(max(1.0, seconds))

    def forget(self) -> None:
        """Another process takes over: what the last one had in its memory is gone."""
        self.pid += 1
        self.moments.stop()
        speak._kept.clear()


class Promised(Outputs):
    """Outputs whose bytes follow from their names: nothing is cut."""

    def __init__(self, videos: Videos, folder: Path) -> None:
        super().__init__(folder, fallback=folder, secret=b"s", now=time.time)
        self.videos = videos
        self.recipes: dict[str, dict[str, Any]] = {}

    def promise(self, suffix: str, **recipe: Any) -> str:
        recipe["source"] = str(recipe.get("source", "")).partition("?e=")[0]
        text = repr(sorted(recipe.items()))
        name = hashlib.sha256(text.encode()).hexdigest()[:24] + suffix
        self.recipes[name] = recipe
        return name

    def length(self, url: str) -> float:
        return LENGTH

    def content(self, name: str, *, changed: bool = False) -> bytes | None:
        recipe = self.recipes.get(name)
        if recipe is None:
            return None
        is_long = recipe.get("end", 0) - recipe.get("start", 0) > 2
        video = self.videos.plain["long" if is_long else "short"]
        return marked(video, f"{name} changed" if changed else name)


class Patient(Crowd):
    """The same order of things every time: nobody goes on before all have answered."""

    def answers(self, *, within: float) -> list[Any]:
        return super().answers(within=60)


@contextmanager
def opened(prepared: Path, videos: Videos) -> Iterator[Stage]:
    """`prepared` is the file of an empty, migrated database."""
    with ExitStack() as stack:
        room = IN_MEMORY if IN_MEMORY.is_dir() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-", dir=room)))
        stack.enter_context(own_database())
        stage = Stage(folder / "media", videos)
        stack.enter_context(
            override_settings(
                MEDIA_ROOT=stage.folder,
                PUBLIC_BASE_URL="https://clips.example",
                OUTBOUND_ALLOW_HOSTS=[],
                LEASE_SECONDS=30,
            )
        )
        stage.furnish(prepared)
        for target, name, stand_in in stand_ins(stage):
            stack.enter_context(patch.object(target, name, stand_in))
        stack.enter_context(stage.connection.execute_wrapper(stage.moments.statement))
        yield stage


@contextmanager
def own_database() -> Iterator[None]:
    """SQLite in memory as "default", committing for real, whatever the tests around it use."""
    before = connections["default"]
    settings = {**connections.settings["default"], "NAME": ":memory:"}
    settings["OPTIONS"] = {**settings["OPTIONS"], "cached_statements": 1000}
    connections["default"] = own = DatabaseWrapper(settings, "default")
    own.connect()
    own.inc_thread_sharing()
    try:
        yield
    finally:
        connections["default"] = before
        own.connection.close()


def stand_ins(stage: Stage) -> list[tuple[Any, str, Any]]:
    """(where, what, what stands there): the network, the video engine, the queue, owners' names."""
    return [
        (outbound, "_GuardedTransport", lambda *_, **__: Transport(stage.carrier)),
        (outbound_async, "_session", lambda *_, **__: Session(stage.carrier)),
        (poll, "Crowd", Patient),
        (engine, "probe", stage.videos.probe),
        (engine, "make_previews", stage.videos.make_previews),
        (tasks, "nudge", lambda cluster: None),
        (refresh, "time", SimpleNamespace(monotonic=time.time, sleep=stage.sleeps)),
        (scalereach_videos, "CLIPS", 2),
        (queue, "os", SimpleNamespace(getpid=lambda: stage.pid)),
        (os, "replace", stage.moments.rename),
    ]
