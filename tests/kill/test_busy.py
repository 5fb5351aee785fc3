"""kill -9 of any one process while recordings are looked at, cut and drawn: nothing lost, nothing
doubled, moving again within 90 seconds."""

from __future__ import annotations

import pytest

from tests.kill.killing import check, ends_well, job_at, kill, ready_source
from tests.kill.upload import Upload

pytestmark = [
    pytest.mark.kill,
    pytest.mark.timeout(400),
]


@pytest.mark.parametrize("role", ["engine", "media worker"])
def test_preparing_starts_again(product, bars, role):
    with product.client() as client:
        upload = Upload(product, client, bars)
        upload.send()
    product.wait_until(lambda: "engine" in product.processes(), "the engine", every=0.05)
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
