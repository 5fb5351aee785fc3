from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Cost, Order
from clipboard.providers.registry import PROVIDERS
from clipboard.providers.sync import Sync
from tests.providers.recorded import answer, play
from tests.providers.recorded_sync import CATALOGUE, DONE, FAILED, RUNNING, SOUND, VIDEO
from tests.texts import texts

sync = Sync()
PRICE = {"estimatedFrameCount": 375, "estimatedGenerationCost": 0.62, "estimatedCredits": None}
BAD = answer({"message": ["timeout must be at most 10"], "statusCode": 400}, status=400)
GONE = answer({"message": "?", "errorCode": "generation_not_found"}, status=404)
ORDER = Order(options={"model": "lipsync-2", "sound": "address", "audio.url": SOUND}, address=VIDEO)


def polled(body, *answers):
    return play(sync, sync.poll("g-1"), answer(body), *answers)[0]


def done(body, *answers):
    """As `polled`, of a finished job, whose price is asked for then."""
    return polled(body, *(answers or [answer(PRICE)]))


def failed(steps, *answers):
    with pytest.raises(ProviderError) as caught:
        play(sync, steps, *answers)
    return caught.value


def test_it_is_registered_as_what_makes_versions():
    assert (PROVIDERS["sync"].makes, PROVIDERS["sync"].title) == ("version", "sync.so")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PENDING", "queued"),
        ("PROCESSING", "running"),
        ("FAILED", "failed"),
        ("REJECTED", "rejected"),
        ("CANCELED", "cancelled"),
        ("failed", "failed"),
        ("POSTPROCESSING", "running"),
    ],
)
def test_it_reads_the_status(word, state):
    job = polled(RUNNING | {"status": word})
    assert (job.state, job.word, job.clips) == (state, word, None)
    assert job.created_at == datetime(2026, 2, 3, 12, tzinfo=UTC)


def test_it_asks_for_progress():
    job, calls = play(sync, sync.poll("a/b"), answer(RUNNING | {"progress_percent": 42}))
    assert (calls[0].method, calls[0].path) == ("GET", "/v2/generate/a%2Fb")
    assert (calls[0].params, calls[0].budget) == ({"include": "progress"}, "status")
    assert job.progress == 0.42


@pytest.mark.parametrize("percent", [None, "soon", -1, 101, True, [50]])
def test_it_does_not_make_progress_up(percent):
    assert polled(RUNNING | {"progress_percent": percent}).progress is None


NO_PROGRESS = answer({"errorCode": "controller_unavailable"}, status=503)
IS_HELD = {"wait": "true", "timeout": "10"}


@pytest.mark.parametrize(
    ("refusals", "asked"), [([BAD], [None]), ([NO_PROGRESS, BAD], [IS_HELD, None])]
)
def test_it_reads_the_job_where_progress_cannot_be_had(refusals, asked):
    job, calls = play(sync, sync.poll("g-1"), *refusals, answer(RUNNING))
    assert job.state == "running"
    assert [call.params for call in calls] == [{"include": "progress"}, *asked]
    assert len(calls) <= sync.calls_a_poll


def test_the_end_is_waited_for_where_no_progress_can_be_shown():
    done = answer(DONE, headers={"Retry-After": "2"})
    job, calls = play(sync, sync.poll("g-1"), NO_PROGRESS, done, answer(PRICE))
    assert [call.params for call in calls[:2]] == [{"include": "progress"}, IS_HELD]
    assert (job.state, job.look_again_after) == ("succeeded", None)


def test_it_reads_the_version_made(time_machine):
    now = datetime(2026, 2, 3, 12, 30, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    job = done(DONE)
    (clip,) = job.clips
    assert (job.state, clip.state, clip.score, clip.ranges) == ("succeeded", "completed", None, ())
    assert (clip.title, clip.duration) == ("take_two", 12.48)
    assert clip.file.url == DONE["outputUrl"]
    assert clip.file.expires_at == now + timedelta(hours=1)
    assert clip.extra == {name: DONE[name] for name in ("synthesizedAudioUrl", "segmentOutputUrl")}


@pytest.mark.parametrize(
    ("old", "new", "read"),
    [
        ("https://cdn.example/old.mp4", "https://cdn.example/new.mp4", "new"),
        (None, "https://cdn.example/new.mp4", "new"),
        ("https://cdn.example/old.mp4", "javascript:alert(1)", "old"),
    ],
)
def test_it_reads_the_address_under_both_names(old, new, read):
    job = done(DONE | {"outputUrl": old, "outputMediaUrl": new})
    assert job.clips[0].file.url == f"https://cdn.example/{read}.mp4"


def test_it_tells_about_what_a_finished_job_cost():
    job, calls = play(sync, sync.poll("g-1"), answer(DONE), answer(PRICE))
    assert job.cost == Cost(amount=0.62, unit="USD", is_estimate=True)
    assert (calls[1].path, calls[1].json) == (
        "/v2/generations/estimate",
        {"model": "lipsync-2", "duration": 12.48},
    )
    assert polled(DONE | {"outputDuration": None}).cost is None


@pytest.mark.parametrize(
    "told",
    [
        answer({"errorCode": "cost_estimate_unavailable"}, status=422),
        answer({"message": "Unauthorized"}, status=401),
        answer(b"<html>", status=502),
        answer(b"<html>"),
        answer([{"estimatedGenerationCost": "much"}]),
        ProviderError("rate", "The account's limit is used up for now."),
        ProviderError("network", "The server took too long."),
    ],
)
def test_no_price_takes_a_finished_job_away(told):
    job = done(DONE, told)
    assert (job.state, job.cost) == ("succeeded", None)
    assert job.clips[0].file.url == DONE["outputUrl"]


def test_a_finished_job_without_a_file_is_not_done_yet():
    job = polled(DONE | {"outputUrl": ""})
    assert (job.state, job.clips[0].state, job.clips[0].file) == ("partial", "generating", None)


def test_it_says_why_a_job_failed_and_what_helps():
    job, calls = play(sync, sync.poll("g-1"), answer(FAILED), answer(CATALOGUE))
    assert job.failure.message == "Could not fetch https://clips.example/media/7.mp4?…"
    assert job.failure.code == "generation_input_video_inaccessible"
    assert job.failure.suggestion == "Use a public address."
    assert job.failure.may_help_to_repeat is False
    assert (calls[1].path, calls[1].with_key, calls[1].keep_for) == ("/v2/errors", False, 3600)


def test_a_failure_without_words_takes_the_catalogue_s():
    told = FAILED | {"error": None, "errorCode": "generation_pipeline_failed"}
    failure = polled(told, answer(CATALOGUE)).failure
    assert (failure.message, failure.suggestion) == ("The pipeline failed.", "")
    assert failure.may_help_to_repeat is True


@pytest.mark.parametrize(
    "catalogue",
    [answer(b"<html>"), answer({}), answer([]), ProviderError("network", "gone"), BAD],
)
def test_a_failure_is_told_without_the_catalogue_too(catalogue):
    failure = polled(FAILED, catalogue).failure
    assert (failure.code, failure.suggestion) == ("generation_input_video_inaccessible", "")


def test_it_reads_the_code_as_webhooks_spell_it():
    told = FAILED | {"errorCode": None, "error_code": "generation_pipeline_failed"}
    assert polled(told, answer([])).failure.code == "generation_pipeline_failed"


def test_it_waits_as_long_as_it_may():
    steps = sync.wait("g-1", seconds=300)
    job, calls = play(sync, steps, answer(RUNNING, headers={"Retry-After": "2"}))
    assert calls[0].params == {"wait": "true", "timeout": "55"}
    assert calls[0].deadline > 55
    assert (job.state, job.look_again_after) == ("running", None)


def test_it_looks_at_once_where_it_may_not_wait_so_long():
    job, calls = play(sync, sync.wait("g-1", seconds=30), BAD, answer(DONE), answer(PRICE))
    assert [call.params for call in calls] == [
        {"wait": "true", "timeout": "30"},
        None,
        None,
    ]
    assert job.state == "succeeded"


@pytest.mark.parametrize("kind", ["network", "auth", "rate", "missing"])
def test_a_wait_is_not_repeated_for_other_reasons(kind):
    assert failed(sync.wait("g-1", seconds=9), ProviderError(kind, "")).kind == kind


def test_it_gives_a_fresh_address():
    file, calls = play(sync, sync.refresh("g-1", "output"), answer(DONE))
    assert file.url == DONE["outputUrl"]
    assert (calls[0].path, calls[0].params) == ("/v2/generate/g-1", None)
    assert play(sync, sync.refresh("g-1", "output"), GONE)[0] is None
    assert play(sync, sync.refresh("g-1", "output"), answer(FAILED))[0] is None
    for early in (RUNNING, DONE | {"outputUrl": None}):
        assert failed(sync.refresh("g-1", "output"), answer(early)).code == "not_made"


def test_it_deletes_and_may_do_so_twice():
    _, calls = play(sync, sync.delete("g-1"), answer(DONE))
    assert (calls[0].method, calls[0].path) == ("DELETE", "/v2/generations/g-1")
    play(sync, sync.delete("g-1"), GONE)
    early = answer({"errorCode": "generation_not_deletable_while_processing"}, status=409)
    assert failed(sync.delete("g-1"), early).kind == "conflict"


FIELDS = ("id", "status", "error", "errorCode", "outputUrl", "outputDuration", "createdAt", "input")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts() | st.just("COMPLETED"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | texts(), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(body=VALUES, status=st.sampled_from([200, 201, 400, 404, 429, 500, 503]))
def test_it_survives_any_answer(body, status):
    told = answer(body, status=status)
    for steps in (
        sync.greet(),
        sync.submit(ORDER),
        sync.poll("g-1"),
        sync.wait("g-1", seconds=1),
        sync.find(ORDER),
        sync.refresh("g-1", "output"),
        sync.estimate(ORDER),
        sync.catalogue(),
    ):
        with contextlib.suppress(ProviderError, StopIteration):
            give_always(told, steps)


def give_always(told, steps):
    next(steps)
    for _ in range(20):
        if told.status < 400:
            steps.send(told)
        else:
            steps.throw(sync.error_from(told))
    pytest.fail("it asks without end")
