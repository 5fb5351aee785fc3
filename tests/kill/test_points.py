"""kill -9 at every point of sending an order, asking after it, listing its clips, fetching their
files and being told: moving again within 90 seconds, nothing lost, nothing paid for twice."""

from __future__ import annotations

import hashlib
import sys
import time

import pytest

from clipboard.sandbox.outputs import Outputs
from clipboard.sandbox.registry import VENDORS
from clipboard.sandbox.server import Sandbox
from clipboard.sandbox.world import Memory
from tests import recordings
from tests.kill import acts
from tests.kill.acts import COLLECTS, DOWNLOADS, HOOK, HOOKS, LATE, POLLS, SEEN, SUBMITS
from tests.kill.killing import MOVING_AGAIN
from tests.kill.stage import Stage
from tests.running import free_port, running_product

pytestmark = [
    pytest.mark.kill,
    pytest.mark.timeout(480),
]
ORDERED = [*SUBMITS, *POLLS, LATE, SEEN, HOOK]
HAS_CLIPS = {LATE: 3, SEEN: 3, HOOK: 1}


class Clock:
    """Stands still but for what is skipped."""

    def __init__(self):
        self.time = time.time()

    def __call__(self):
        return self.time


@pytest.fixture(scope="module")
def stage(tmp_path_factory, prepared):
    folder = tmp_path_factory.mktemp("points")
    sample, clock = recordings.make(folder / "sample.mp4", seconds=2, size="128x72"), Clock()
    outputs = Outputs(folder / "outputs", fallback=sample, secret=b"s", now=clock)
    sandbox = Sandbox((vendor() for vendor in VENDORS), Memory(now=clock), outputs)
    sandbox.start()
    port = free_port()
    settings = {
        "PORT": str(port),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "OUTBOUND_ALLOW_HOSTS": sandbox.netloc,
        "DJANGO_SETTINGS_MODULE": "tests.kill.settings_with_stops",
        "LEASE_SECONDS": "5",
        "QUEUE_PATIENCE_SECONDS": "3",
        "MEDIA_WORKERS": "6",
        "SPEECH_MODEL_DIR": "",
    }
    with running_product(folder, prepared=prepared, env=settings) as product:
        yield Stage(product, sandbox, clock, sample)
    sandbox.close()


@pytest.fixture(scope="module")
def story(stage):
    """Everything that is killed, until all of it has ended."""
    stage.open_accounts(ORDERED)
    with stage.product.client() as client:
        for point in (*POLLS, LATE, SEEN, HOOK):
            stage.order(client, point)
        for point in (*POLLS, LATE, SEEN, HOOK):
            stage.wait_for(point, "running")
        stage.put_off([*POLLS, LATE, SEEN, HOOK])
        acts.kill_submits(stage, client)
        acts.kill_polls(stage, client)
        acts.kill_hooks(stage)
        acts.mark_a_favourite(stage, client)
        acts.kill_downloads(stage, client)
        acts.kill_collects(stage, client)
        acts.tell_what_nobody_knows(stage, client)
        acts.wait_for_the_end(stage, ORDERED)
    return stage


@pytest.mark.parametrize("point", [*SUBMITS, *POLLS, *HOOKS, *DOWNLOADS, *COLLECTS])
def test_it_moves_again(story, point):
    took = story.killed[point].moved_after
    sys.stdout.write(f"moved {took:.1f} s after the kill\n")
    assert 0 < took < MOVING_AGAIN


@pytest.mark.parametrize("point", ORDERED)
def test_it_is_paid_for_once_and_ends_well(story, point):
    state, remote_id, next_action_at, error = story.job(point)
    assert (state, next_action_at, error) == ("succeeded", None, "")
    assert story.billed(point) == [remote_id]
    clips = story.product.rows(
        "SELECT remote_id, status, error FROM clips_clip WHERE job_id = ?", story.jobs[point]
    )
    makes_one = point.startswith(("sync", "reelbot"))
    assert len({clip[0] for clip in clips}) == len(clips) == HAS_CLIPS.get(point, int(makes_one))
    assert {clip[1:] for clip in clips} <= {("completed", "")}


def test_every_file_is_whole_and_the_right_one(story):
    rows = story.product.rows(
        "SELECT clip.file, row.sha256, row.url FROM clips_download row "
        "JOIN clips_clip clip ON clip.id = row.clip_id"
    )
    assert len(rows) > 8
    for file, sha256, url in rows:
        content = (story.product.var_dir / "media" / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256 == story.sha256(url)


def test_the_favourite_is_where_it_was(story):
    (marked,) = story.product.rows(
        "SELECT clip.id, clip.remote_id FROM review_favourite mark "
        "JOIN clips_clip clip ON clip.id = mark.clip_id"
    )
    assert marked == story.clips[1]


def test_every_message_is_kept_once(story):
    query = "SELECT verdict, times FROM clips_delivery WHERE instr(body, ?)"
    kept = [story.product.rows(query, point.encode()) for point in HOOKS]
    # The last had been taken when the server died, and came again.
    assert kept == [[("authentic", 1)], [("authentic", 1)], [("authentic", 2)]]


def test_all_is_well_in_the_end(story):
    product = story.product
    assert product.is_healthy()
    assert product.rows("PRAGMA integrity_check") == [("ok",)]
    for table in ("clips_job", "clips_download"):
        assert product.rows(f"SELECT id FROM {table} WHERE lease_until IS NOT NULL") == []
