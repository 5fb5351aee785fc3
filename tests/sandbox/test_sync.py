"""sync.so's generations as we play them, asked by our own adapter over real HTTP."""

from __future__ import annotations

import json
import threading

import httpx
import pytest

from clipboard.providers.download import download
from clipboard.providers.errors import ProviderError
from clipboard.providers.registry import PROVIDERS
from tests.sandbox.syncing import BODY, CLIP, KEY, order

sync = PROVIDERS["sync"]


@pytest.fixture
def ask(asking):
    return asking("sync", KEY)


@pytest.fixture
def client(sandbox):
    with httpx.Client(base_url=sandbox.base_url("sync"), headers={"x-api-key": KEY}) as client:
        yield client


def test_it_makes_a_version_that_can_be_fetched(ask, clock, sandbox, tmp_path):
    options = {"outputFileName": "my clip: one!"}
    job = ask(sync.submit(order(options=options))).remote_id
    seen = [(found := ask(sync.poll(job))).word]
    assert found.progress < 0.2
    clock.skip(4)
    found = ask(sync.poll(job))
    seen.append(found.word)
    assert 0.5 <= found.progress < 0.7
    clock.skip(4)
    done = ask(sync.poll(job))
    assert [*seen, done.word] == ["PENDING", "PROCESSING", "COMPLETED"]
    (version,) = done.clips
    assert (version.title, version.duration) == ("my_clip_one.mp4", pytest.approx(4, abs=0.1))
    got = download(version.file.url, tmp_path / "got.mp4", max_bytes=10**8, deadline=30)
    assert b"ftyp" in got.path.read_bytes()[:16]
    clock.skip(3601)
    with pytest.raises(ProviderError):
        download(version.file.url, tmp_path / "late.mp4", max_bytes=10**8, deadline=30)
    assert ask(sync.refresh(job, "output")).url != version.file.url
    assert [(row["id"], row["what"]) for row in sandbox.memory.ledger()] == [(job, "generate")]


def test_a_take_is_spoken_once_and_used_again(ask, clock):
    script = {"sound": "text", "text.voiceId": "voice", "text.script": "Hello there."}
    first = ask(sync.submit(order(options=script))).remote_id
    clock.skip(9)
    take = ask(sync.poll(first)).clips[0].extra["synthesizedAudioUrl"]
    assert httpx.get(take, timeout=60).content[:4] == b"RIFF"
    again = ask(sync.submit(order(options={"sound": "take", "take": first})))
    assert again.raw["input"][1]["type"] == "audio"


def test_dubbing_and_parts_are_taken(ask):
    ask(sync.submit(order(options={"sound": "dub", "dubParams.targetLang": "es"})))
    parts = {
        "sound": "parts",
        "sounds": [{"refId": "a", "type": "audio", "url": "https://me.example/a.wav"}],
        "segments": [{"startTime": 0, "endTime": 2, "audioInput": {"refId": "a"}}],
    }
    assert ask(sync.submit(order(options=parts))).raw["segments"][0]["endTime"] == 2


def test_the_same_order_under_one_key_is_made_once(ask, sandbox, refused, clock):
    wanted = order(idempotency_key="once")
    sandbox.world("sync", KEY).add_fault(matches="POST", does={"hang_up": "after"}, times=1)
    assert refused(ask, sync.submit(wanted)).kind == "unknown"
    first = ask(sync.submit(wanted)).remote_id
    assert [row["id"] for row in sandbox.memory.ledger()] == [first]

    other = refused(ask, sync.submit(order(address=f"{CLIP}?2", idempotency_key="once")))
    assert (other.kind, other.code) == ("unknown", "IDEMPOTENCY_KEY_MISMATCH")
    assert ask(sync.submit(wanted), key="sk-another").remote_id != first
    clock.skip(24 * 3600 + 1)
    assert ask(sync.submit(wanted)).remote_id != first


def test_two_at_once_under_one_key_are_one(client, sandbox):
    ids = []

    def post():
        answer = httpx.post(
            f"{sandbox.base_url('sync')}/v2/generate",
            json=BODY,
            headers={"x-api-key": KEY, "Idempotency-Key": "once"},
        )
        ids.append(answer.json()["id"])

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(ids), len(set(ids)), len(sandbox.memory.ledger())) == (6, 1, 1)


def test_what_an_idempotency_key_made_and_lost_is_not_known(ask, clock, refused):
    wanted = order(idempotency_key="once")
    job = ask(sync.submit(wanted)).remote_id
    clock.skip(9)
    ask(sync.delete(job))
    error = refused(ask, sync.submit(wanted))
    assert (error.kind, error.code) == ("unknown", "IDEMPOTENCY_OUTCOME_UNKNOWN")
    assert error.remote_id == job


def test_a_bad_idempotency_key_is_refused(client):
    answer = client.post("/v2/generate", json=BODY, headers={"Idempotency-Key": "a b"})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_IDEMPOTENCY_KEY")


def test_a_form_with_files_is_taken(client, sample, clock):
    files = {"video": ("a.mp4", sample.read_bytes()), "audio": ("a.wav", b"RIFF")}
    data = {"model": "lipsync-2", "options": '{"sync_mode": "loop"}'}
    said = client.post("/v2/generate", data=data, files=files)
    assert (said.status_code, said.json()["options"]) == (201, {"sync_mode": "loop"})
    again = [
        client.post("/v2/generate", data=data, files=files, headers={"Idempotency-Key": "k"})
        for _ in "ab"
    ]
    assert again[0].json()["id"] == again[1].json()["id"]
    assert httpx.get(said.json()["input"][0]["url"], timeout=60).content == sample.read_bytes()
    clock.skip(9)
    url = client.get(f"/v2/generations/{said.json()['id']}/download").text
    assert b"ftyp" in httpx.get(url, timeout=60).content[:16]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"model": "sync-99"}, 400, "generation_unsupported_model"),
        ({"input": []}, 400, "generation_input_validation_failed"),
        ({"input": BODY["input"][:1]}, 400, "generation_input_validation_failed"),
        ({"options": {"temperature": 2}}, 400, "generation_input_validation_failed"),
        ({"segments": [{"audioInput": {"refId": "x"}}]}, 400, "generation_input_validation_failed"),
        ({"segments": [{"audioInput": {"refId": []}}]}, 400, "generation_input_validation_failed"),
        (
            {"input": [{"type": "video", "url": f"{CLIP}?missing"}, BODY["input"][1]]},
            422,
            "generation_input_video_inaccessible",
        ),
        (
            {"input": [{"type": "video", "assetId": "unknown"}, BODY["input"][1]]},
            404,
            "asset_not_found",
        ),
    ],
)
def test_it_refuses_what_its_pages_refuse(client, sandbox, change, status, code):
    answer = client.post("/v2/generate", json=BODY | change)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert answer.json()["statusCode"] == status
    assert sandbox.memory.ledger() == []


def test_a_refused_order_keeps_what_was_said_to_it(ask, refused):
    """And not what was said last, which is the catalogue of advice."""
    error = refused(ask, sync.submit(order(address=f"{CLIP}?missing")))
    assert "Its advice" in error.message
    assert json.loads(error.body)["errorCode"] == "generation_input_video_inaccessible"


def test_only_so_many_run_at_once(ask, refused, clock):
    job = ask(sync.submit(order()), key="sk-free").remote_id
    error = refused(ask, sync.submit(order()), key="sk-free")
    assert (error.kind, error.code) == ("rate", "concurrency_limit_reached")
    assert error.retry_after == 5
    clock.skip(9)
    assert ask(sync.submit(order()), key="sk-free").remote_id != job


def test_it_counts_calls(client, sandbox):
    world = sandbox.world("sync", KEY)
    for _ in range(60):
        world.take("generate", calls=60, seconds=60)
    answer = client.post("/v2/generate", json=BODY)
    assert (answer.status_code, answer.json()["errorCode"]) == (429, "rate_limit_exceeded")
    assert client.get("/v2/generations").json() == []


def test_faults_of_a_job_are_told_with_their_advice(ask, clock):
    broken = ask(sync.submit(order(address=f"{CLIP}?broken"))).remote_id
    script = {"sound": "text", "text.voiceId": "v", "text.script": "forbidden"}
    rejected = ask(sync.submit(order(options=script))).remote_id
    assert ask(sync.poll(rejected)).state == "rejected"
    clock.skip(9)
    failure = ask(sync.poll(broken)).failure
    assert (failure.message, failure.code) == ("Pipeline failed.", "generation_pipeline_failed")
    assert failure.suggestion == "Wait a little, then try again."
    assert failure.may_help_to_repeat
