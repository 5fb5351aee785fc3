"""ScaleReach as we play it, asked by our own adapter over real HTTP."""

from __future__ import annotations

import httpx
import pytest

from clipboard.providers.download import download
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.registry import PROVIDERS

scalereach = PROVIDERS["scalereach"]
KEY = "sr_live_0123456789"
LATE = "sr_live_late_0123456789"
PAGE = "https://www.youtube.com/watch?v=wVXAFlueS9Y"
ORDER = Order(address=PAGE, options={"config.clipType": "viral-clips"})


@pytest.fixture
def ask(asking):
    return asking("scalereach", KEY)


@pytest.fixture
def client(sandbox):
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=sandbox.base_url("scalereach"), headers=headers) as client:
        yield client


def test_it_finds_clips_that_can_be_fetched(ask, clock, sandbox, tmp_path):
    taken = ask(scalereach.submit(ORDER))
    video = taken.remote_id
    assert (taken.word, taken.cost.amount, taken.cost.unit) == ("downloading", 1, "minutes")
    words = []
    for _ in range(5):
        job = ask(scalereach.poll(video))
        words.append(job.word)
        assert 0 < job.progress < 1
        clock.skip(1.8)
    assert words == ["downloading", "uploading", "transcribing", "analyzing", "generating_clips"]

    done = ask(scalereach.poll(video))

    assert (done.state, [clip.score for clip in done.clips]) == ("succeeded", [92, 81, 0])
    assert done.clips[0].extra["hooks"]["question"]
    assert done.clips[0].extra["emotions"] == {"primary": "curiosity"}
    assert all(clip.ranges and clip.poster for clip in done.clips)
    old = done.clips[0].file.url
    got = download(old, tmp_path / "got.mp4", max_bytes=10**8, deadline=30)
    assert b"ftyp" in got.path.read_bytes()[:16]
    assert httpx.get(done.clips[0].poster.url, timeout=60).content[:4] == b"RIFF"
    clock.skip(3601)
    with pytest.raises(ProviderError):
        download(old, tmp_path / "late.mp4", max_bytes=10**8, deadline=30)
    fresh = ask(scalereach.refresh(video, done.clips[0].remote_id)).url
    assert fresh != old
    assert download(fresh, tmp_path / "new.mp4", max_bytes=10**8, deadline=30).size
    assert [(row["id"], row["amount"]) for row in sandbox.memory.ledger()] == [(video, 1)]


def test_a_late_key_renders_clips_after_the_video_is_completed(ask, clock):
    video = ask(scalereach.submit(ORDER), key=LATE).remote_id
    clock.skip(7.5)
    job = ask(scalereach.poll(video), key=LATE)
    assert (job.state, job.word) == ("partial", "completed")
    assert [clip.state for clip in job.clips] == ["generating", "detected", "detected"]
    assert not any(clip.file for clip in job.clips)
    clock.skip(3)
    job = ask(scalereach.poll(video), key=LATE)
    assert [clip.state for clip in job.clips] == ["completed", "generating", "detected"]
    clock.skip(10)
    job = ask(scalereach.poll(video), key=LATE)
    assert job.state == "succeeded"
    assert {clip.extra["word"] for clip in job.clips} == {"ready"}
    assert job.clips[0].extra["hooks"] == [
        job.clips[0].title,
        "Listen to the pause before the answer.",
    ]


def test_without_a_config_nothing_runs_and_nothing_is_charged(client, ask, clock, sandbox):
    answer = client.post("/api/videos/youtube", json={"youtubeUrl": PAGE})
    assert answer.status_code == 201
    assert answer.json()["redirectUrl"]
    video = answer.json()["video"]["id"]
    clock.skip(3600)
    said = client.get(f"/api/videos/{video}/status").json()
    assert (said["video"]["status"], said["job"]) == ("pending_config", None)
    assert ask(scalereach.poll(video)).state == "queued"
    assert sandbox.memory.ledger() == []


def test_the_queue_forgets_a_finished_job(client, ask, clock):
    video = ask(scalereach.submit(ORDER)).remote_id
    clock.skip(24 * 3600 + 1)
    assert client.get(f"/api/videos/{video}/status").json()["job"] is None
    assert ask(scalereach.poll(video)).state == "succeeded"


def test_clips_are_filtered_and_bad_filters_passed_over(client, ask, clock):
    video = ask(scalereach.submit(ORDER)).remote_id
    clock.skip(10)
    assert [clip.score for clip in ask(scalereach.clips(video, minScore=80))] == [92, 81]
    lowest = ask(scalereach.clips(video, maxScore=85, sortBy="score", sortOrder="asc"))
    assert [clip.score for clip in lowest] == [0, 81]
    assert ask(scalereach.clips(video, favorited=True)) == ()
    assert ask(scalereach.clips(video, status="failed")) == ()
    shown = client.get(f"/api/videos/{video}/clips?minScore=80&favorited=False").json()
    wanted = {"minScore": 80, "favorited": False, "sortBy": "score", "sortOrder": "desc"}
    assert (shown["count"], shown["filters"]) == (2, wanted)
    bad = {"minScore": "high", "status": "great", "sortBy": "luck", "favorited": "maybe"}
    said = client.get(f"/api/videos/{video}/clips", params=bad).json()
    assert (said["count"], said["filters"]) == (3, {"sortBy": "score", "sortOrder": "desc"})


def test_the_favourite_is_a_toggle_that_our_adapter_sets(client, ask, clock):
    video = ask(scalereach.submit(ORDER)).remote_id
    clock.skip(10)
    clip = ask(scalereach.poll(video)).clips[0].remote_id
    for on in (True, True, False):
        ask(scalereach.favourite(video, clip, on=on))
        found = ask(scalereach.clips(video, favorited=True))
        assert [each.remote_id for each in found] == ([clip] if on else [])
    told = [client.post(f"/api/clips/{clip}/favorite").json()["clip"]["favorited"] for _ in "ab"]
    assert told == [True, False]


def test_a_download_marks_a_ready_clip_as_exported(ask, clock, client):
    video = ask(scalereach.submit(ORDER), key=LATE).remote_id
    clock.skip(7.5)
    clip = ask(scalereach.poll(video), key=LATE).clips[0].remote_id
    late = {"Authorization": f"Bearer {LATE}"}
    path = f"/api/clips/{clip}/download"
    assert client.get(path, headers=late).status_code == 400
    clock.skip(20)
    assert client.get(path, params={"expiresIn": 59}, headers=late).status_code == 400
    said = client.get(path, params={"expiresIn": 600}, headers=late).json()
    assert httpx.get(said["downloadUrl"], timeout=60).content
    assert client.get(f"/api/clips/{clip}", headers=late).json()["status"] == "exported"
    assert client.get(f"/api/clips/{clip}/status", headers=late).json()["status"] == "exported"
    assert ask(scalereach.poll(video), key=LATE).state == "succeeded"
    assert client.delete(f"/api/clips/{clip}", headers=late).status_code == 200
    assert len(ask(scalereach.poll(video), key=LATE).clips) == 2


def test_it_lists_and_deletes_videos(client, ask, refused, sandbox):
    world = sandbox.world("scalereach", KEY)
    world.add_fault(matches="POST /api/videos", does={"hang_up": "after"}, times=1)
    assert refused(ask, scalereach.submit(ORDER)).kind == "unknown"
    (job,) = ask(scalereach.find(ORDER))
    assert job.remote_id == sandbox.memory.ledger()[0]["id"]
    assert isinstance(client.get("/api/videos/my-videos").json(), list)
    for word, count in (("all", 1), ("processing", 1), ("completed", 0), ("failed", 0)):
        listed = client.get("/api/videos/my-videos", params={"filter": word}).json()
        assert len(listed) == count
    ask(scalereach.delete(job.remote_id))
    ask(scalereach.delete(job.remote_id))
    assert client.get("/api/videos/my-videos").json() == []
    assert client.get(f"/api/videos/{job.remote_id}").json() == {"error": "Video not found"}


def test_what_fails_is_given_back(ask, clock, sandbox):
    lost = Order(address="https://youtu.be/missing0001", options=ORDER.options)
    video = ask(scalereach.submit(lost)).remote_id
    clock.skip(10)
    for _ in range(2):
        job = ask(scalereach.poll(video))
        assert job.state == "failed"
        assert job.failure.message == "The video could not be downloaded"
    assert sum(row["amount"] for row in sandbox.memory.ledger()) == 0


def test_a_page_may_have_no_clips(ask, clock):
    empty = Order(address="https://youtu.be/nothing0001", options=ORDER.options)
    video = ask(scalereach.submit(empty)).remote_id
    clock.skip(10)
    job = ask(scalereach.poll(video))
    assert (job.state, job.clips) == ("succeeded", ())


def test_it_knows_keys_and_workspaces_apart(ask, refused, client):
    video = ask(scalereach.submit(ORDER)).remote_id
    for key, kind in (("sr_live_x", "missing"), ("sr_live_bad", "auth"), ("rb_live_x", "auth")):
        assert refused(ask, scalereach.poll(video), key=key).kind == kind
    assert "Sandbox" in ask(scalereach.greet())
    foreign = Order(address=PAGE, options=ORDER.options | {"workspaceId": "ws_else"})
    assert refused(ask, scalereach.submit(foreign)).kind == "input"
    assert client.get("/api/videos/my-videos?workspaceId=ws_else").status_code == 403


def test_it_checks_pages_and_tells_lengths_to_anybody(ask, refused):
    assert ask(scalereach.estimate(ORDER), key="").amount == 1
    other = Order(address="https://me.example/talk.mp4")
    assert refused(ask, scalereach.estimate(other)).kind == "input"


def test_minutes_run_out(ask, refused, sandbox):
    sandbox.world("scalereach", KEY).bill("before", "video", 10_000, "minutes")
    error = refused(ask, scalereach.submit(ORDER))
    assert (error.kind, error.code) == ("payment", "INSUFFICIENT_MINUTES")
    assert "1 minutes needed, 0 left" in error.message


def test_each_path_is_limited(client, ask, refused, clock):
    video = ask(scalereach.submit(ORDER)).remote_id
    path = f"/api/videos/{video}/status"
    answers = [client.get(path) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].headers["x-ratelimit-remaining"] == "99"
    reset = int(answers[0].headers["x-ratelimit-reset"])
    assert 55 < reset - clock() <= 62
    error = refused(ask, scalereach.poll(video))
    assert error.kind == "rate"
    assert 0 < error.retry_after <= 60
    assert client.get("/api/workspaces").status_code == 200
    clock.skip(61)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("config", ["all", [1], {"timeframeStart": "now"}, {"aspectRatio": "2:1"}])
def test_a_config_that_is_none_is_refused(client, sandbox, config):
    said = client.post("/api/videos/youtube", json={"youtubeUrl": PAGE, "config": config})
    assert (said.status_code, said.json()) == (400, {"error": "Invalid config"})
    assert sandbox.memory.ledger() == []


def test_it_answers_nonsense_in_its_envelope(client):
    answer = client.post("/api/videos/youtube", content=b"{nonsense")
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid JSON"})
    assert client.get("/api/else").json() == {"error": "Not found"}
