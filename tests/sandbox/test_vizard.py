"""Vizard as we play it, asked by our own adapter over real HTTP."""

from __future__ import annotations

import httpx
import pytest

from clipboard.providers.download import download
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.registry import PROVIDERS

vizard = PROVIDERS["vizard"]
KEY = "vizard-0123456789"
TALK = "https://me.example/talk.mp4"


@pytest.fixture
def ask(asking):
    return asking("vizard", KEY)


def test_it_finds_clips_that_can_be_fetched(ask, clock, sandbox, tmp_path):
    job = ask(vizard.submit(Order(address=TALK, options={"ratioOfClip": "2"}))).remote_id
    assert ask(vizard.poll(job)).state == "running"
    clock.skip(9)
    done = ask(vizard.poll(job))
    assert (done.state, [clip.score for clip in done.clips]) == ("succeeded", [91, 74, 0])
    assert done.clips[0].extra["topics"] == ["question", "interview", "insight"]
    url = done.clips[0].file.url
    got = download(url, tmp_path / "got.mp4", max_bytes=10**8, deadline=30)
    assert b"ftyp" in got.path.read_bytes()[:16]
    clock.skip(3 * 3600 + 1)
    with pytest.raises(ProviderError):
        download(url, tmp_path / "late.mp4", max_bytes=10**8, deadline=30)
    fresh = ask(vizard.refresh(job, done.clips[0].remote_id)).url
    assert download(fresh, tmp_path / "new.mp4", max_bytes=10**8, deadline=30).size
    assert [(row["id"], row["amount"]) for row in sandbox.memory.ledger()] == [(job, 1)]


def test_it_fails_or_finds_nothing_when_asked_to(ask, clock):
    lost = ask(vizard.submit(Order(address="https://me.example/missing.mp4"))).remote_id
    empty = ask(vizard.submit(Order(address="https://me.example/nothing.mp4"))).remote_id
    clock.skip(9)
    job = ask(vizard.poll(lost))
    assert (job.state, job.failure.code) == ("failed", "4008")
    assert ask(vizard.poll(empty)).clips == ()


def test_it_knows_keys_apart(ask, refused):
    job = ask(vizard.submit(Order(address=TALK))).remote_id
    for key, kind in (("other", "input"), ("bad", "auth")):
        assert refused(ask, vizard.poll(job), key=key).kind == kind
    assert ask(vizard.greet())
    assert refused(ask, vizard.greet(), key="bad").kind == "auth"


def test_it_counts_orders(ask, refused, clock, sandbox):
    for _ in range(3):
        ask(vizard.submit(Order(address=TALK)))
    error = refused(ask, vizard.submit(Order(address=TALK)))
    assert (error.kind, error.code) == ("rate", "4003")
    assert len(sandbox.memory.ledger()) == 3
    clock.skip(61)
    assert ask(vizard.submit(Order(address=TALK)))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"videoUrl": "talk.mp4"}, 4009),
        ({"videoType": 99}, 4006),
        ({"preferLength": []}, 4006),
        ({"preferLength": [{}]}, 4006),
        ({"ratioOfClip": {}}, 4006),
        ({"maxClipNumber": "many"}, 4006),
        ({"ext": "mkv"}, 4004),
    ],
)
def test_it_refuses_with_a_code_in_a_good_answer(sandbox, change, code):
    body = {"lang": "en", "preferLength": [0], "videoUrl": TALK, "videoType": 1, "ext": "mp4"}
    answer = httpx.post(
        f"{sandbox.base_url('vizard')}/project/create",
        json=body | change,
        headers={"VIZARDAI_API_KEY": KEY},
    )
    assert (answer.status_code, answer.json()["code"]) == (200, code)
