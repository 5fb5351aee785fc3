from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from tests.providers.recorded import answer, play
from tests.providers.recorded_scalereach import (
    CLIP,
    PAGE,
    STATUS,
    TAKEN,
    WAITING,
    clip_list,
    poll,
    raised,
    scalereach,
    status,
)


def test_it_submits_a_page_and_tells_the_minutes():
    submitted, (call,) = play(
        scalereach, scalereach.submit(Order(address=PAGE)), answer(TAKEN, status=201)
    )
    assert (call.method, call.path) == ("POST", "/api/videos/youtube")
    assert call.json == {"youtubeUrl": PAGE, "config": {"clipType": "viral-clips"}}
    assert (submitted.remote_id, submitted.state) == ("UThwmCZb75JYZi4UP9rOX", "running")
    cost = submitted.cost
    assert (cost.amount, cost.unit, cost.is_estimate) == (33, "minutes", False)
    assert scalereach.headers("sr_live_x") == {"Authorization": "Bearer sr_live_x"}


def test_it_sends_every_option_by_its_own_name():
    values = {"switch": True, "whole": 40, "number": 40.5, "list": ["ai"], "text": "x"}
    options = {
        option.name: option.choices[-1][0] if option.choices else values.get(option.kind, "x")
        for option in scalereach.options
    }
    order = Order(address=PAGE, options=options)
    _, (call,) = play(scalereach, scalereach.submit(order), answer(TAKEN))
    assert call.json.pop("config") == {
        "clipType": "tutorials",
        "clipModel": "ClipPro",
        "genre": "Entertainment",
        "customPrompt": "x",
        "topicKeywords": ["ai"],
        "language": "x",
        "timeframeStart": 40.5,
        "timeframeEnd": 40.5,
        "skipClipping": True,
        "clipDurationMin": 40,
        "clipDurationMax": 40,
        "aspectRatio": "1:1",
        "enableCaptions": True,
        "captionTemplateId": "georgia-elegance",
        "enableIntroTitle": True,
        "enableSmartCrop": True,
        "enableWatermark": True,
        "enableAiThumbnail": True,
        "enableSplitScreen": True,
        "splitScreenBgVideoId": "x",
        "splitScreenBgCategoryId": "x",
        "splitRatio": 40,
    }
    assert call.json == {"youtubeUrl": PAGE, "workspaceId": "x", "projectId": "x"}


def test_it_charges_the_chosen_part_alone():
    options = {"config.timeframeStart": 60, "config.timeframeEnd": 121}
    order = Order(address=PAGE, options=options, duration=1950)
    cost, calls = play(scalereach, scalereach.estimate(order))
    assert (cost.amount, cost.is_estimate, calls) == (2, True, [])


def test_it_asks_for_the_length_of_an_unknown_page():
    known = answer({"valid": True, "videoInfo": {"duration": 61}})
    cost, (call,) = play(scalereach, scalereach.estimate(Order(address=PAGE)), known)
    assert (cost.amount, call.params, call.with_key) == (2, {"url": PAGE}, False)
    private = answer({"valid": False, "error": "Video is private"})
    error = raised(scalereach.estimate(Order(address=PAGE)), private)
    assert error.kind == "input"
    assert "Video is private" in error.message


def test_it_sends_nothing_for_another_page():
    assert raised(scalereach.submit(Order(address="https://vimeo.com/1"))).kind == "input"


@pytest.mark.parametrize(
    "said",
    [
        answer({"error": "Failed to submit video"}, status=500),
        answer(b"<html>Bad gateway", status=502),
        answer(b"<html>", status=201),
        answer({"message": "ok", "video": None}, status=201),
        answer({"video": {"id": ".."}}, status=201),
        ProviderError("unknown", "The server took too long.", code="timeout"),
    ],
)
def test_an_order_that_may_have_been_taken_is_an_unknown_outcome(said):
    error = raised(scalereach.submit(Order(address=PAGE)), said)
    assert (error.kind, error.retryable) == ("unknown", False)


def test_a_refused_order_is_a_refusal():
    no = answer({"error": "Invalid YouTube URL"}, status=400)
    assert raised(scalereach.submit(Order(address=PAGE)), no).kind == "input"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", "queued"),
        ("pending_config", "queued"),
        ("downloading", "running"),
        ("uploading", "running"),
        ("transcribing", "running"),
        ("analyzing", "running"),
        ("generating_clips", "running"),
        ("Dreaming", "running"),
        ("failed", "failed"),
        ("expired", "expired"),
    ],
)
def test_it_reads_the_status(word, state):
    job, (call,) = poll(status(word))
    assert (job.state, job.word, job.clips, job.progress) == (state, word, None, 0.7)
    assert call.path == "/api/videos/v/status"


def test_it_reads_a_status_without_a_queue_and_one_that_goes_back():
    words = ["analyzing", "downloading", "transcribing"]
    jobs = [poll(status(word, job=None))[0] for word in words]
    assert [(job.state, job.word, job.progress) for job in jobs] == [
        ("running", word, None) for word in words
    ]


def test_it_says_why_a_video_failed():
    assert poll(status("failed", errorMessage="No speech"))[0].failure.message == "No speech"
    leaked = {"failedReason": "No https://s.example/a.mp4?sig=abc", "progress": {"odd": 1}}
    job, _ = poll(status("failed", job=leaked))
    assert job.failure.message == "No https://s.example/a.mp4?…"


def test_a_completed_video_whose_clips_are_there_has_succeeded(time_machine):
    now = datetime(2026, 4, 3, 10, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    job, calls = poll(status("completed"), clip_list(CLIP))
    (clip,) = job.clips
    assert [call.path for call in calls] == ["/api/videos/v/status", "/api/videos/v/clips"]
    assert (job.state, clip.state, clip.remote_id) == ("succeeded", "completed", "clip_abc123")
    assert (clip.score, clip.raw_score, clip.scale) == (92, "92", "0-100")
    assert (clip.ranges, clip.duration, clip.aspect) == (((245, 302),), 57, "9:16")
    assert clip.file.url == CLIP["downloadUrl"]
    assert (clip.file.expires_at - now).total_seconds() == 3600
    assert (clip.is_favourite, clip.extra["hooks"]) == (False, CLIP["hooks"])
    assert job.raw["clips"]["clips"] == [CLIP]


def test_a_completed_video_stays_partial_until_each_clip_is_rendered_or_has_failed():
    rendering = WAITING | {"id": "clip_3", "status": "generating"}
    job, _ = poll(status("completed"), clip_list(CLIP, WAITING, rendering))
    assert (job.state, job.is_terminal) == ("partial", False)
    assert job.stage == "1 of 3 clips rendered"
    assert [clip.state for clip in job.clips] == ["completed", "detected", "generating"]
    ready = CLIP | {"id": "clip_2", "status": "ready"}
    failed = rendering | {"status": "failed", "errorMessage": "Too dark"}
    job, _ = poll(status("completed"), clip_list(CLIP, ready, failed))
    assert job.state == "succeeded"
    assert job.clips[2].failure.message == "Too dark"


@pytest.mark.parametrize("word", ["completed", "ready", "exported", "READY", "polished"])
def test_a_clip_is_completed_when_its_file_can_be_had(word):
    done, (undone,) = CLIP | {"status": word}, [WAITING | {"status": word}]
    job, _ = poll(status("completed"), clip_list(done, undone))
    assert [clip.state for clip in job.clips] == ["completed", "generating"]


def test_no_clips_is_a_success_and_no_list_is_a_fault():
    job, _ = poll(status("completed"), clip_list())
    assert (job.state, job.clips) == ("succeeded", ())
    wrong = (None, {"id": 1}, ["clip"], [[CLIP]])
    for body in ({}, None, *({"clips": clips} for clips in wrong)):
        error = raised(scalereach.poll("v"), status("completed"), answer(body))
        assert (error.kind, error.retryable) == ("provider", True)


def test_it_takes_hooks_and_emotions_as_lists_too_and_survives_odd_fields():
    listed = CLIP | {"hooks": ["What?", None], "emotions": ["joy"], "favorited": None}
    odd = {"id": 7, "score": "high", "startTime": 9, "endTime": 3, "duration": -1, "title": None}
    job, _ = poll(status("completed"), clip_list(listed, odd, listed, "clip"))
    first, second = job.clips
    assert (first.extra["hooks"], first.extra["emotions"]) == (["What?"], ["joy"])
    assert first.is_favourite is None
    assert (second.remote_id, second.score, second.raw_score) == ("7", None, "high")
    assert (second.ranges, second.duration, second.title) == ((), None, "")


def test_a_score_of_zero_is_a_score():
    job, _ = poll(status("completed"), clip_list(CLIP | {"score": 0}, WAITING | {"score": None}))
    assert [clip.score for clip in job.clips] == [0, None]


@pytest.mark.parametrize(
    ("code", "body", "kind", "word"),
    [
        (400, {"error": "YouTube URL is required"}, "input", "400"),
        (401, {"error": "Unauthorized"}, "auth", "401"),
        (402, {"error": "No.", "reason": "INSUFFICIENT_MINUTES"}, "payment", None),
        (400, {"error": "No.", "reason": "VIDEO_TOO_LONG", "upgrade": True}, "input", None),
        (400, {"error": "No.", "reason": "FILE_TOO_LARGE"}, "input", None),
        (400, {"error": "No.", "reason": "REGENERATION_LIMIT_REACHED"}, "input", None),
        (403, {"error": "Split-screen is for Pro. Please upgrade."}, "input", "403"),
        (403, {"error": "Forbidden"}, "auth", "403"),
        (404, {"error": "Video not found"}, "missing", "404"),
        (500, {"error": "Failed to fetch video"}, "provider", "500"),
        (500, ["odd"], "provider", "500"),
    ],
)
def test_it_reads_errors(code, body, kind, word):
    error = scalereach.error_from(answer(body, status=code))
    assert (error.kind, error.code) == (kind, word or body["reason"])
    assert not isinstance(body, dict) or body["error"] in error.message


def test_it_says_how_many_minutes_are_missing():
    body = {"error": "Not enough.", "minutesNeeded": 33, "minutesRemaining": 12}
    told = scalereach.error_from(answer(body, status=402)).message
    assert "(33 minutes needed, 12 left)" in told


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "20"}, {"retryAfter": 50}, 20),
        ({}, {"error": "Too Many Requests", "retryAfter": 50}, 50),
        ({"X-RateLimit-Reset": "1738000060"}, {}, 60),
        ({"X-RateLimit-Reset": "1737999000"}, {}, 0),
        ({"Retry-After": "-4", "X-RateLimit-Reset": "soon"}, {"retryAfter": "later"}, None),
        ({}, b"<html>", None),
    ],
)
def test_it_knows_when_the_limit_ends(time_machine, headers, body, seconds):
    time_machine.move_to(datetime.fromtimestamp(1_738_000_000, UTC), tick=False)
    error = scalereach.error_from(answer(body, status=429, headers=headers))
    assert (error.kind, error.retry_after) == ("rate", seconds)


@settings(max_examples=100, deadline=None, phases=[Phase.generate])
@given(
    field=st.sampled_from(["id", *CLIP]),
    value=st.sampled_from(
        [
            None,
            True,
            "",
            "\ud800",
            -1,
            1e308,
            10**40,
            float("nan"),
            [],
            {},
            [{}],
            {"a": [1]},
            "x" * 9999,
        ]
    ),
    whole=st.sampled_from(["clip", "video", "job", "clips"]),
)
def test_it_survives_any_field_in_any_place(field, value, whole):
    told, listed = copy.deepcopy(STATUS), {"clips": [CLIP, WAITING]}
    told["video"]["status"] = "completed"
    if whole == "clip":
        listed["clips"] = [CLIP | {field: value}, WAITING | {field: value}]
    elif whole == "clips":
        listed["clips"] = value
    else:
        told[whole] = {"status": "completed", "progress": value, field: value}
    if told["video"].get("status") != "completed":
        listed = None
    answers = [answer(told)] if listed is None else [answer(told), answer(listed)]
    try:
        came = poll(*answers)[0].state
    except ProviderError as error:
        came = error.code
    assert came in {"partial", "succeeded", "running"} or (whole, came) == ("clips", "shape")
