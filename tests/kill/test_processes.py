"""kill -9 of any one process, whether it waits, serves or works on a recording: nothing lost,
nothing doubled, moving again within 90 seconds."""

from __future__ import annotations

import time

import pytest

from tests.kill.killing import (
    MOVING_AGAIN,
    add_job,
    check,
    ends_well,
    job_at,
    kill,
    order_rendition,
    preparing,
    ready_source,
    working,
)
from tests.kill.upload import Upload
from tests.processes import Watch

pytestmark = [
    pytest.mark.kill,
    pytest.mark.timeout(300),
]


@pytest.mark.parametrize("role", ["engine", "media worker"])
def test_preparing_starts_again(product, bars, role):
    def send():
        upload = Upload(product, client, bars)
        upload.send()
        return upload

    with product.client() as client, preparing(product, send) as upload:
        kill(product, role)

    ready_source(product, upload)
    check(product)


@pytest.mark.parametrize(
    "role", ["engine", "media worker", "media sentinel", "media", "work", "web worker", "web"]
)
def test_an_analysis_is_done(product, source, role):
    with job_at(product, source, "analysis") as job:
        kill(product, role)

    ends_well(product, job)


@pytest.mark.parametrize("role", ["ffmpeg", "web worker", "web"])
def test_a_rendering_is_done(product, source, role):
    with job_at(product, source, "rendering") as job:
        kill(product, role)

    ends_well(product, job)


@pytest.fixture(scope="module")
def clip(product, source):
    """The id of a clip that has its preview."""
    job = add_job(product, source)
    ends_well(product, job)
    return product.rows("SELECT id FROM clips_clip WHERE job_id = ?", job)[0][0]


@pytest.mark.parametrize("role", ["web worker", "web"])
def test_an_upload_goes_on_when_the_web_dies(product, bars, role):
    with product.client() as client:
        upload = Upload(product, client, bars)
        upload.send(upload.size // 2)
        kill(product, role)
        sent_before = upload.offset
        product.wait_until(upload.goes_on, "the upload to go on", seconds=MOVING_AGAIN)
        assert 0 < sent_before < upload.offset == upload.size

    source = ready_source(product, upload)
    assert product.rows("SELECT count(*) FROM clips_source WHERE upload_id = ?", upload.pk) == [
        (1,)
    ]
    assert product.rows("SELECT count(*) FROM clips_job WHERE source_id = ?", source) == [(1,)]
    check(product)


@pytest.mark.parametrize("role", ["media worker", "media monitor", "media pusher"])
def test_work_is_done_although_an_idle_process_died(product, clip, role):
    kill(product, role, idle=True)
    rendition = order_rendition(product, clip)

    query = "SELECT 1 FROM clips_rendition WHERE id = ? AND state = 'ready'"
    product.wait_until(
        lambda: product.rows(query, rendition), "the rendition", seconds=MOVING_AGAIN
    )
    check(product)


@pytest.mark.parametrize(
    "role", ["steps worker", "steps monitor", "steps pusher", "steps sentinel", "steps"]
)
def test_housekeeping_goes_on(product, role):
    kill(product, role, idle=True)
    killed_at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 4))

    query = "SELECT 1 FROM clips_heartbeat WHERE name = 'steps' AND beat_at > ?"
    product.wait_until(
        lambda: product.rows(query, killed_at), "a beat of steps", seconds=MOVING_AGAIN
    )
    check(product)


def test_cancelling_stops_the_engine_within_five_seconds(product, source):
    with product.client() as client, job_at(product, source, "analysis") as job:
        watch = Watch()
        assert client.post(f"/jobs/{job}/cancel/").status_code == 302
        product.wait_until(lambda: not working(product), "the engine to stop", every=0.05)

    assert watch.took() < 5
    assert product.rows("SELECT state FROM clips_job WHERE id = ?", job) == [("cancelled",)]
    check(product)
    assert not working(product)


def test_everything_goes_on_after_the_supervisor_died(product, source):
    with job_at(product, source, "analysis") as job:
        product.look()
        product.serve.kill()
        product.serve.wait()
        product.wait_until_nothing_is_left()

    product.start()

    ends_well(product, job)
