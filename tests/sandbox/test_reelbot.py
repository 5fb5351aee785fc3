"""ReelBot as we play it, asked by our own adapter over real HTTP."""

from __future__ import annotations

import pytest

from clipboard.providers.download import download
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.outbound import open_client
from clipboard.providers.registry import PROVIDERS
from clipboard.providers.speak import carry_out

reelbot = PROVIDERS["reelbot"]
KEY = "rb_live_0123456789"
ORDER = Order(options={"videoType": "cinematic", "topic": "sea", "brollKeys": ["shared/sea.mp4"]})


@pytest.fixture
def ask(connect):
    def asked(steps, key=KEY):
        with open_client() as client:
            return carry_out(steps, connect("reelbot", key), client)

    return asked


def test_it_makes_a_video_that_can_be_fetched(ask, clock, sandbox, tmp_path):
    project = ask(reelbot.submit(ORDER)).remote_id
    assert ask(reelbot.poll(project)).state == "queued"
    clock.skip(3)
    assert ask(reelbot.poll(project)).state == "running"
    clock.skip(4)

    job = ask(reelbot.poll(project))

    assert job.state == "succeeded"
    url = job.clips[0].file.url
    got = download(url, tmp_path / "got.mp4", max_bytes=10**8, deadline=30)
    assert got.content_type == "video/mp4"
    assert b"ftyp" in got.path.read_bytes()[:16]
    clock.skip(3601)
    with pytest.raises(ProviderError) as caught:
        download(url, tmp_path / "late.mp4", max_bytes=10**8, deadline=30)
    assert caught.value.kind == "auth"
    assert [(row["what"], row["amount"]) for row in sandbox.memory.ledger()] == [("generate", 1)]


def test_it_fails_where_footage_is_missing_and_costs_nothing_then(ask, clock, sandbox):
    order = Order(options=ORDER.options | {"brollKeys": ["shared/missing.mp4"]})
    project = ask(reelbot.submit(order)).remote_id
    clock.skip(10)
    job = ask(reelbot.poll(project))
    assert (job.state, job.failure.message) == (
        "failed",
        "Failed to process B-roll asset: file not found",
    )
    assert [(row["id"], row["amount"]) for row in sandbox.memory.ledger()] == [(project, 0)]


@pytest.mark.parametrize("wrong", [{"aspectRatio": "2:1"}, {"brollKeys": ["sea.mp4"]}])
def test_it_refuses_what_its_pages_refuse(ask, sandbox, wrong):
    with pytest.raises(ProviderError) as caught:
        ask(reelbot.submit(Order(options=ORDER.options | wrong)))
    assert (caught.value.kind, caught.value.code) == ("input", "VALIDATION_ERROR")
    assert next(iter(wrong)) in caught.value.message
    assert sandbox.memory.ledger() == []


def test_it_knows_keys_apart(ask):
    project = ask(reelbot.submit(ORDER)).remote_id
    for key, kind in (("rb_live_other", "missing"), ("rb_live_bad", "auth"), ("", "auth")):
        with pytest.raises(ProviderError) as caught:
            ask(reelbot.poll(project), key)
        assert caught.value.kind == kind


def test_it_tells_an_id_that_is_none_from_one_that_it_does_not_know(ask):
    for project, code in (("proj0123", "NOT_FOUND"), ("a b", "INVALID_PROJECT_ID")):
        with pytest.raises(ProviderError) as caught:
            ask(reelbot.poll(project))
        assert caught.value.code == code
    assert ask(reelbot.greet()) == "The key is accepted."


def test_a_free_key_has_three_videos_and_pays_for_none_that_failed(ask):
    lost = Order(options=ORDER.options | {"brollKeys": ["shared/missing.mp4"]})
    for order in (lost, ORDER, ORDER, ORDER):
        assert ask(reelbot.submit(order), "rb_live_free").remote_id
    with pytest.raises(ProviderError) as caught:
        ask(reelbot.submit(ORDER), "rb_live_free")
    assert (caught.value.kind, caught.value.code) == ("payment", "QUOTA_EXCEEDED")


def test_a_file_that_is_gone_is_told_of(ask, clock):
    order = Order(options=ORDER.options | {"brollKeys": ["shared/vanished.mp4"]})
    project = ask(reelbot.submit(order)).remote_id
    with pytest.raises(ProviderError) as caught:
        ask(reelbot.refresh(project, "output"))
    assert caught.value.code == "VIDEO_NOT_READY"
    clock.skip(10)
    assert ask(reelbot.poll(project)).state == "expired"
    assert ask(reelbot.refresh(project, "output")) is None


def test_it_counts_calls_for_the_key(ask):
    for _ in range(10):
        ask(reelbot.submit(ORDER))
    with pytest.raises(ProviderError) as caught:
        ask(reelbot.submit(ORDER))
    assert (caught.value.kind, caught.value.code) == ("rate", "RATE_LIMITED")
    assert 3590 < caught.value.retry_after <= 3600


@pytest.mark.parametrize(
    ("does", "kind", "billed"),
    [
        ({"hang_up": "before"}, "unknown", 0),
        ({"hang_up": "after"}, "unknown", 1),
        ({"status": 503, "body": {"code": "SERVICE_UNAVAILABLE"}}, "provider", 0),
        ({"raw": "<html>Bad gateway</html>"}, "provider", 1),
        ({"cut": 0.5}, "unknown", 1),
    ],
)
def test_faults_can_be_switched_on(ask, sandbox, does, kind, billed):
    sandbox.world("reelbot", KEY).add_fault(matches="POST", does=does, times=1)
    with pytest.raises(ProviderError) as caught:
        ask(reelbot.submit(ORDER))
    assert caught.value.kind == kind
    assert len(sandbox.memory.ledger()) == billed
    ask(reelbot.submit(ORDER))
    assert len(sandbox.memory.ledger()) == billed + 1, "a fault is used up"
