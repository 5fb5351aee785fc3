from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.reka import Reka
from tests.providers.recorded import answer, any_json, play
from tests.providers.recorded_reka import DONE, NUMBER, OUTPUT, QUEUED, SIGNED, SOURCE

reka = Reka()


def poll(body):
    return play(reka, reka.poll(NUMBER), answer(body))[0]


# --- Status ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state", "stage"),
    [
        ("queued", "queued", ""),
        ("processing", "running", ""),
        ("Processing", "running", ""),
        ("preprocessing_video", "running", "preprocessing_video"),
        ("cancelled", "running", "cancelled"),
        ("failed", "failed", ""),
        ("COMPLETED", "succeeded", ""),
    ],
)
def test_a_word_it_does_not_know_is_a_stage_of_a_running_job(word, state, stage):
    job = poll(QUEUED | {"status": word})
    assert (job.state, job.word, job.stage) == (state, word, stage)


def test_it_reads_the_clips():
    job, calls = play(reka, reka.poll("a/b"), answer(DONE))
    (clip,) = job.clips
    assert (calls[0].method, calls[0].path) == ("GET", "/v1/clips/a%2Fb")
    assert job.created_at == datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
    assert (clip.state, clip.title) == ("completed", "Epic Sunset Moments")
    assert clip.caption == "Capturing the magic of golden hour"
    assert clip.hashtags == ("sunset", "goldenhour", "nature")
    assert (clip.score, clip.raw_score, clip.scale) == (85, "85", "0-100")
    assert (clip.aspect, clip.ranges, clip.duration) == ("9:16", (), None)


def test_it_assumes_that_an_address_lasts_an_hour(time_machine):
    time_machine.move_to(datetime(2024, 1, 15, 10, 40, tzinfo=UTC), tick=False)
    file = poll(DONE).clips[0].file
    assert file.url == OUTPUT["video_url"]
    assert file.expires_at == datetime.now(UTC) + timedelta(hours=1)


def test_it_falls_back_to_the_signed_address_and_believes_its_end():
    output = OUTPUT | {"video_url": None, "signed_s3_video_url": SIGNED}
    file = poll(DONE | {"output": [output]}).clips[0].file
    assert file.url == SIGNED
    assert file.expires_at == datetime(2024, 1, 15, 10, 45, tzinfo=UTC)


def test_a_clip_without_a_file_is_told():
    output = {"title": "x", "video_url": "javascript:alert(1)", "caption": None}
    (clip,) = poll(DONE | {"output": [output]}).clips
    assert (clip.state, clip.file, clip.score, clip.raw_score) == ("failed", None, None, "")
    assert clip.failure.message


def test_a_clip_is_the_same_one_wherever_it_is_listed():
    other = OUTPUT | {"title": "Another"}
    again = OUTPUT | {"video_url": f"{OUTPUT['video_url']}?Expires=1700000000&Signature=x"}
    first = poll(DONE | {"output": [OUTPUT, other]}).clips
    later = poll(DONE | {"output": [None, other, "x", again, again]}).clips
    assert len({clip.remote_id for clip in first}) == 2
    assert {clip.remote_id: clip.title for clip in first} == {
        clip.remote_id: clip.title for clip in later
    }
    assert len(later) == 2


def test_clips_that_say_the_same_are_told_apart_by_their_files():
    files = [OUTPUT | {"video_url": f"https://storage.example/{place}.mp4"} for place in "abc"]
    first = poll(DONE | {"output": files}).clips
    later = poll(DONE | {"output": files[::-1]}).clips
    assert len({clip.remote_id for clip in first}) == 3
    assert {(clip.remote_id, clip.file.url) for clip in first} == {
        (clip.remote_id, clip.file.url) for clip in later
    }


@pytest.mark.parametrize(
    ("told", "scores"),
    [
        ([60, 60], [None, None]),
        ([60], [None]),
        ([60, 85], [60, 85]),
        ([None, 60], [None, None]),
        ([0, 100], [0, 100]),
        (["72", 101], [72, None]),
    ],
)
def test_the_default_score_counts_only_beside_another(told, scores):
    outputs = [OUTPUT | {"title": str(place), "ai_score": one} for place, one in enumerate(told)]
    clips = poll(DONE | {"output": outputs}).clips
    assert [clip.score for clip in clips] == scores
    assert [clip.raw_score for clip in clips] == ["" if one is None else str(one) for one in told]


@pytest.mark.parametrize(
    ("change", "clips"),
    [
        ({"output": []}, ()),
        ({"output": None}, ()),
        ({"status": "processing", "output": []}, None),
        ({"status": "processing", "output": [OUTPUT]}, None),
        ({"status": "failed", "output": []}, None),
    ],
)
def test_no_clips_are_a_zero_only_when_the_job_is_done(change, clips):
    assert poll(DONE | change).clips == clips


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "Reka gives no reason."),
        ({"error_message": "No speech."}, "No speech."),
        ({"error_message": None, "error": "Broken."}, "Broken."),
        ({"error": {"code": "too_long", "message": "Too long."}}, "Too long."),
        (
            {"error_message": f"Can't read {SIGNED}"},
            "Can't read https://b.s3.amazonaws.com/1.mp4?…",
        ),
    ],
)
def test_it_says_why_a_job_failed(said, message):
    job = poll(QUEUED | {"status": "failed"} | said)
    assert job.failure.message == message


@pytest.mark.parametrize("body", [[], {}, None, "done", {"status": None}, DONE | {"output": {}}])
def test_nonsense_is_a_fault_of_the_service(body):
    with pytest.raises(ProviderError) as caught:
        poll(body)
    assert (caught.value.kind, caught.value.retryable) == ("provider", True)


# --- Errors and budgets ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, {"type": "validation_error", "message": "No, because."}, "input", "validation_error"),
        (401, {"type": "authentication_error", "message": "No, because."}, "auth", None),
        (403, {"message": "No, because."}, "auth", "403"),
        (404, {"type": "not_found_error", "message": "No, because."}, "missing", None),
        (409, {"type": "new_word", "message": "No, because."}, "conflict", "new_word"),
        (422, {"type": "validation_error", "message": "No, because."}, "input", None),
        (429, {"type": "rate_limit_error", "message": "No, because."}, "rate", None),
        (429, {"code": "rate_limit_exceeded", "message": "No, because."}, "rate", None),
        (500, {"type": "server_error", "message": "No, because."}, "provider", None),
        (503, {"message": "No, because."}, "provider", "503"),
    ],
)
def test_it_reads_both_envelopes_of_errors(status, body, kind, code):
    error = reka.error_from(answer({"error": body}, status=status))
    assert (error.kind, error.code) == (kind, code or body.get("type") or body["code"])
    assert "No, because." in error.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "Bad.", "param": "video_urls"}}, "Bad. (video_urls)"),
        ({"error": {"message": "Bad.", "details": ["a", {"param": "b", "message": "c"}]}}, "b: c"),
        ({"detail": [{"loc": ["body", "prompt"], "msg": "Too long"}]}, "body.prompt: Too long"),
        ({"detail": "Not Found"}, "Not Found"),
        ({"error": "Broken"}, "Broken"),
    ],
)
def test_it_repeats_what_an_error_speaks_of(body, words):
    assert words in reka.error_from(answer(body, status=422)).message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": "0", "x-ratelimit-requests-reset": "3600"}, 3600),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon", "x-ratelimit-requests-reset": "later"}, None),
        ({"retry-after": "315360000"}, 24 * 3600),
        ({}, None),
    ],
)
def test_it_knows_when_the_limit_ends(headers, seconds):
    body = {"error": {"code": "rate_limit_exceeded", "message": "Slow down."}}
    assert reka.error_from(answer(body, status=429, headers=headers)).retry_after == seconds


def test_a_retry_after_of_nothing_means_nothing():
    headers = {"retry-after": "0", "x-ratelimit-requests-reset": "3600"}
    assert reka.error_from(answer({}, status=500, headers=headers)).retry_after is None
    job, _ = play(reka, reka.poll(NUMBER), answer(DONE, headers=headers))
    assert job.look_again_after is None


def test_it_reads_what_is_left_of_a_budget():
    headers = {
        "x-ratelimit-requests-limit": "10",
        "x-ratelimit-requests-remaining": "7",
        "x-ratelimit-requests-reset": "3600",
        "retry-after": "0",
    }
    told = reka.allowance_from(answer(DONE, headers=headers))
    assert (told.limit, told.left, told.resets_in) == (10, 7, 3600)
    assert reka.allowance_from(answer(DONE, headers={"retry-after": "0"})) is None
    nonsense = {"x-ratelimit-requests-limit": "many", "x-ratelimit-requests-remaining": "-1"}
    assert reka.allowance_from(answer(DONE, headers=nonsense)) is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_json(*DONE, *OUTPUT, "items", "error", "message", "detail", "loc", "msg", "completed"))
def test_any_answer_is_survived(body):
    done = DONE | (body if isinstance(body, dict) else {"output": [body, {"ai_score": body}]})
    for steps, said in (
        (reka.poll(NUMBER), body),
        (reka.poll(NUMBER), done | {"status": "completed"}),
        (reka.poll(NUMBER), done | {"status": "failed", "output": [body], "error": body}),
        (reka.refresh(NUMBER, "any"), body),
        (reka.greet(), body),
        (reka.delete(NUMBER), body),
        (reka.submit(Order(address=SOURCE)), body),
    ):
        with suppress(ProviderError):
            play(reka, steps, answer(said))
    reka.error_from(answer(body, status=400))
    reka.error_from(answer({"error": body, "detail": [body]}, status=429))
    listing = [[body, DONE | {"prompt": body, "video_urls": [body]}], []]
    with suppress(ProviderError):
        reply_to(
            reka.find(Order(address=SOURCE)),
            lambda call: {"items": listing.pop(0)} if call.params else body,
        )


def reply_to(steps, reply):
    """As `play`, for who can't know what will be asked."""
    with suppress(StopIteration):
        call = next(steps)
        while True:
            call = steps.send(answer(reply(call)))
