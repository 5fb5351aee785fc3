"""Work in progress: what a worker leaves that was killed alone."""

from __future__ import annotations

import os
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.media.files import scratch, scratch_here, sweep_scratch


def test_what_nobody_writes_to_any_more_is_removed_after_a_day(media_root):
    left = scratch_here() / "left"
    left.mkdir(parents=True)
    with scratch() as folder:
        assert sweep_scratch(timezone.now()) == 0
        assert left.exists()
        assert folder.exists()
    assert sweep_scratch(timezone.now() + timedelta(days=1, seconds=5)) == 1
    assert not left.exists()


def test_what_another_machine_left_is_removed_too(media_root):
    """One that has a new name each time it is set up leaves nobody who would."""
    left = scratch_here().parent / "gone.example.org" / "left"
    left.mkdir(parents=True)
    assert sweep_scratch(timezone.now()) == 0
    assert sweep_scratch(timezone.now() + timedelta(days=1, seconds=5)) == 1
    assert not left.exists()


def test_tidying_does_it(db, media_root):
    left = scratch_here() / "left"
    left.mkdir(parents=True)
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(left, (long_ago, long_ago))
    cache.delete("tidied")
    tasks.tidy_now()
    assert not left.exists()
