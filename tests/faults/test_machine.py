"""The machine itself: it notices what it is there for, and says the same of the same seed."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from clipboard.clips import bring, collect, submit
from tests.faults.contents import Contents
from tests.faults.schedule import Schedule

SEEDS = range(100)


def all_broken(stage, provider):
    return (line for seed in SEEDS for line in Schedule(stage, provider, seed).run())


@pytest.mark.parametrize(
    ("provider", "where", "what", "instead", "words"),
    [
        ("reelbot", submit, "is_ambiguous", lambda *_: False, "times for"),
        ("scalereach", collect, "order_downloads", lambda rows: None, "lost"),
        ("vizard", bring.engine, "is_cut_short", lambda path: False, "is not"),
    ],
)
def test_it_notices_what_is_broken(stage, provider, where, what, instead, words):
    with patch.object(where, what, instead):
        assert any(words in line for line in all_broken(stage, provider))


def test_the_same_seed_is_the_same_schedule(stage):
    first, again = (Schedule(stage, "sync", 3) for _ in range(2))
    assert first.run() == again.run()
    assert first.trace == again.trace
    assert first.counts


def test_a_schedule_finds_nothing_of_the_one_before(stage):
    stage.clear()
    before = everything(stage)
    Schedule(stage, "scalereach", 3).run()
    assert everything(stage) != before
    stage.clear()
    assert everything(stage) == before


def everything(stage):
    """All rows; the index of words must fit them."""
    own = stage.connection.connection
    own.execute("INSERT INTO clips_clip_fts (clips_clip_fts) VALUES ('integrity-check')")
    return Contents(own).rows
