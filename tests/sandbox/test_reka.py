"""Reka's clip jobs as we play them, asked by our own adapter over real HTTP."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from clipboard.providers.download import download
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.registry import PROVIDERS
from clipboard.sandbox.world import World
from tests.processes import wait_for

reka = PROVIDERS["reka"]
KEY = "reka-0123456789"
TALK = "https://me.example/talk.mp4?signature=1"
ORDER = Order(address=TALK, options={"prompt": "the sea"})


@pytest.fixture
def ask(asking):
    return asking("reka", KEY)


def test_it_finds_clips_that_can_be_fetched(ask, clock, sandbox, tmp_path):
    job = ask(reka.submit(ORDER)).remote_id
    seen = [ask(reka.poll(job)).word]
    for _ in range(3):
        clock.skip(3)
        seen.append(ask(reka.poll(job)).word)
    assert seen == ["queued", "preprocessing", "processing", "completed"]

    done = ask(reka.poll(job))

    assert (done.state, len(done.clips), done.clips[0].score) == ("succeeded", 3, 85)
    assert all(clip.file and clip.title and clip.hashtags for clip in done.clips)
    url = done.clips[2].file.url
    got = download(url, tmp_path / "got.mp4", max_bytes=10**8, deadline=30)
    assert b"ftyp" in got.path.read_bytes()[:16]
    clock.skip(3601)
    with pytest.raises(ProviderError) as caught:
        download(url, tmp_path / "late.mp4", max_bytes=10**8, deadline=30)
    assert caught.value.kind == "auth"
    fresh = ask(reka.refresh(job, done.clips[2].remote_id))
    assert download(fresh.url, tmp_path / "new.mp4", max_bytes=10**8, deadline=30).size
    assert [(row["what"], row["id"]) for row in sandbox.memory.ledger()] == [("clips", job)]


def test_it_takes_every_option(ask):
    options = {
        "prompt": "the sea",
        "video_urls": ["https://me.example/two.mp4"],
        "generation_config.template": "compilation",
        "generation_config.num_generations": 2,
        "generation_config.max_duration_seconds": 30,
        "generation_config.translated_subtitles_target_language": "es_ES",
        "rendering_config.resolution": "240",
        "rendering_config.aspect_ratio": "9:16-split",
        "rendering_config.caption_style.text_color": "#FF7E4F",
        "rendering_config.caption_style.position": "middle",
    }
    raw = ask(reka.submit(Order(address=TALK, options=options))).raw
    assert raw["generation_config"]["num_generations"] == 2
    assert raw["rendering_config"]["caption_style"] == {
        "text_color": "#FF7E4F",
        "position": "middle",
    }
    assert raw["rendering_config"]["resolution"] == 240
    assert len(raw["video_urls"]) == 2


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "video_urls"),
        ({"video_urls": []}, "video_urls"),
        ({"video_urls": [TALK], "generation_config": []}, "generation_config"),
        (
            {"video_urls": [TALK], "generation_config": {"num_generations": 4}},
            "generation_config.num_generations",
        ),
        (
            {"video_urls": [TALK], "rendering_config": {"caption_style": {"position": "left"}}},
            "caption_style.position",
        ),
    ],
)
def test_it_refuses_what_its_pages_refuse(sandbox, body, param):
    answer = httpx.post(f"{sandbox.base_url('reka')}/v1/clips", json=body, headers=bearer())
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert sandbox.memory.ledger() == []


def bearer(key=KEY):
    return {"Authorization": f"Bearer {key}"}


def test_it_streams_what_becomes_of_a_job_to_those_who_ask_for_that(sandbox, clock):
    url, asked = f"{sandbox.base_url('reka')}/v1/clips", {"video_urls": [TALK], "stream": True}
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(httpx.post, url, json=asked, headers=bearer(), timeout=60)
        wait_for(lambda: sandbox.world("reka", KEY).all("clips"), "the job to be taken")
        clock.skip(10)
        answer = told.result()
    events = [line.partition(": ")[2] for line in answer.text.split("\n\n") if line]
    last = json.loads(events[-1])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
    assert (last["status"], len(last["output"])) == ("completed", 3)
    assert {json.loads(event)["id"] for event in events} == {last["id"]}


def test_it_fails_or_finds_nothing_when_asked_to(ask, clock):
    lost = ask(reka.submit(Order(address="https://me.example/missing.mp4"))).remote_id
    empty = ask(reka.submit(Order(address=TALK, options={"prompt": "nothing"}))).remote_id
    clock.skip(10)
    job = ask(reka.poll(lost))
    assert job.state == "failed"
    assert "could not be downloaded" in job.failure.message
    job = ask(reka.poll(empty))
    assert (job.state, job.clips) == ("succeeded", ())


def test_it_lists_what_an_unanswered_order_became(ask, sandbox):
    world = World(sandbox.memory, "reka", KEY)
    world.add_fault(matches="POST /v1/clips", does={"hang_up": "after"}, times=1)
    with pytest.raises(ProviderError) as caught:
        ask(reka.submit(ORDER))
    assert caught.value.kind == "unknown"
    found = ask(reka.find(ORDER))
    assert [job.remote_id for job in found] == [sandbox.memory.ledger()[0]["id"]]
    assert ask(reka.find(Order(address="https://me.example/else.mp4"))) == []


def test_it_pages_and_filters_its_list(sandbox, ask, clock):
    for _ in range(3):
        ask(reka.submit(ORDER))
        clock.skip(9)
    url = f"{sandbox.base_url('reka')}/v1/clips"
    first = httpx.get(url, params={"limit": 2}, headers=bearer()).json()["items"]
    rest = httpx.get(url, params={"limit": 2, "offset": 2}, headers=bearer()).json()["items"]
    assert (len(first), len(rest)) == (2, 1)
    assert {*map(tuple, first)} == {("id", "video_urls", "prompt", "status")}
    ask(reka.submit(ORDER))
    queued = httpx.get(url, params={"status": "queued"}, headers=bearer()).json()["items"]
    assert [item["status"] for item in queued] == ["queued"]
    for odd in ("x", "²"):
        assert httpx.get(url, params={"limit": odd}, headers=bearer()).status_code == 400


def test_it_deletes_only_what_has_ended(ask, refused, clock):
    job = ask(reka.submit(ORDER)).remote_id
    assert refused(ask, reka.delete(job)).kind == "conflict"
    clock.skip(10)
    ask(reka.delete(job))
    assert refused(ask, reka.poll(job)).kind == "missing"
    ask(reka.delete(job))


def test_it_knows_keys_apart(ask, refused):
    job = ask(reka.submit(ORDER)).remote_id
    for key, kind in (("other", "missing"), ("bad", "auth"), ("", "auth")):
        assert refused(ask, reka.poll(job), key=key).kind == kind
    assert ask(reka.greet())


def test_it_counts_orders_of_a_day(ask, refused, clock, sandbox):
    for _ in range(10):
        ask(reka.submit(ORDER))
    error = refused(ask, reka.submit(ORDER))
    assert (error.kind, error.code) == ("rate", "rate_limit_exceeded")
    assert 86_300 < error.retry_after <= 86_400
    assert len(sandbox.memory.ledger()) == 10
    assert ask(reka.submit(ORDER), key="another").remote_id
    clock.skip(86_401)
    assert ask(reka.submit(ORDER)).remote_id


def test_every_answer_tells_what_is_left(sandbox):
    answer = httpx.get(f"{sandbox.base_url('reka')}/v1/clips", headers={"x-api-key": KEY})
    assert answer.headers["retry-after"] == "0"
    assert answer.headers["x-request-id"]
    assert int(answer.headers["x-ratelimit-requests-reset"]) > 0


def test_it_answers_nonsense_in_its_envelope(sandbox):
    url = f"{sandbox.base_url('reka')}/v1/clips"
    endless = (
        b'{"video_urls": ["https://me.example"], "generation_config": {"num_generations": 1e999}}'
    )
    for body in (b"{nonsense", b"[" * 100_000, b"NaN", endless):
        answer = httpx.post(url, content=body, headers=bearer())
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "validation_error")
    half = {"content": b'{"video_ids": ["\\ud800"]}', "headers": bearer()}
    gone = httpx.request("DELETE", f"{sandbox.base_url('reka')}/videos/delete", **half)
    assert gone.json()["error"]["type"] == "validation_error"
    answer = httpx.get(f"{sandbox.base_url('reka')}/v9/else", headers=bearer())
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found_error")
