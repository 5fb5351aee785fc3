from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Cost, Order
from clipboard.providers.port import Allowance
from clipboard.providers.reelbot import ReelBot
from tests.providers.recorded import answer, play
from tests.providers.recorded_reelbot import DONE, FAILED, FILE, QUEUED

reelbot = ReelBot()


def test_it_orders_a_video_and_reads_only_its_number():
    options = {"videoType": "cinematic", "topic": "the sea", "brollKeys": ["shared/b-roll/sea.mp4"]}
    taken = answer({"success": True, "projectId": "abc123def456", "new": ["thing"]}, status=201)

    submitted, calls = play(reelbot, reelbot.submit(Order(options=options)), taken)

    assert submitted.remote_id == "abc123def456"
    assert (calls[0].method, calls[0].path) == ("POST", "/api/v1/video/generate")
    assert (calls[0].json, calls[0].budget) == (options, "generate")
    assert reelbot.headers("rb_live_x") == {"X-API-Key": "rb_live_x"}


def test_it_orders_a_narrated_video_with_everything_it_can_have():
    options = {
        "videoType": "narrated",
        "topic": "the sea",
        "brollKeys": ["users/7/b-roll/sea.mp4", "shared/b-roll/gulls.mp4"],
        "script": "It was a calm day.",
        "voiceId": "joanna",
        "voiceoverKey": "users/7/voice.mp3",
        "voiceoverSpeechMarksKey": "users/7/marks.json",
        "musicKey": "shared/music/slow.mp3",
        "assetTrimSettings": {"shared/b-roll/gulls.mp4": {"startTime": 0, "endTime": 4.5}},
        "aspectRatio": "1:1",
        "scriptDuration": 45,
        "captionSize": "large",
        "tone": "calm",
        "brandPreset": "ours",
    }
    assert {option.name for option in reelbot.options} == set(options)
    taken = answer({"success": True, "projectId": "abc123def456"})
    _, (call,) = play(reelbot, reelbot.submit(Order(options=options)), taken)
    assert call.json == options


@pytest.mark.parametrize("project", [None, "", "..", "x" * 256])
def test_an_order_without_a_number_is_an_unknown_outcome(project):
    with pytest.raises(ProviderError) as caught:
        play(reelbot, reelbot.submit(Order()), answer({"success": True, "projectId": project}))
    assert (caught.value.kind, caught.value.retryable) == ("unknown", False)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (QUEUED, "queued"),
        (QUEUED | {"status": "processing"}, "running"),
        (QUEUED | {"status": "dreaming"}, "running"),
        (FAILED, "failed"),
        (FAILED | {"status": "Failed"}, "failed"),
    ],
)
def test_it_reads_the_status(body, state):
    job, _ = play(reelbot, reelbot.poll("a/b"), answer(body))
    assert (job.state, job.word, job.clips) == (state, body["status"], None)
    assert (job.failure is not None) is (state == "failed")
    assert job.created_at == datetime(2025, 1, 21, 16, 30, tzinfo=UTC)


def test_it_says_why_a_job_failed():
    job, _ = play(reelbot, reelbot.poll("abc"), answer(FAILED))
    assert job.failure.message == "Failed to process B-roll asset: file not found"
    signed = FAILED | {"error": "Can't read https://b.example/a.mp4?X-Amz-Signature=abc"}
    job, _ = play(reelbot, reelbot.poll("abc"), answer(signed))
    assert job.failure.message == "Can't read https://b.example/a.mp4?…"


def test_it_asks_for_the_file_of_a_finished_job():
    job, calls = play(reelbot, reelbot.poll("a/b"), answer(DONE), answer(FILE))
    (clip,) = job.clips
    assert [call.path for call in calls] == [
        "/api/v1/video/status/a%2Fb",
        "/api/v1/video/download/a%2Fb",
    ]
    assert [call.budget for call in calls] == ["status", "download"]
    assert (job.state, clip.state, clip.score) == ("succeeded", "completed", None)
    assert job.cost == Cost(amount=1, unit="credits")
    assert clip.file.url == FILE["downloadUrl"]
    assert clip.file.expires_at == datetime(2025, 1, 21, 17, 33, 22, tzinfo=UTC)


@pytest.mark.parametrize("told", [{}, {"expiresAt": "soon"}])
def test_an_address_lasts_an_hour_where_its_end_is_not_told(time_machine, told):
    time_machine.move_to(datetime(2025, 1, 21, 16, 30, tzinfo=UTC), tick=False)
    file, _ = play(
        reelbot,
        reelbot.refresh("abc", "output"),
        answer({"downloadUrl": FILE["downloadUrl"]} | told),
    )
    assert file.expires_at == datetime(2025, 1, 21, 17, 30, tzinfo=UTC)


def test_a_used_up_download_budget_leaves_the_job_for_later():
    job, _ = play(
        reelbot, reelbot.poll("abc"), answer(DONE), ProviderError("rate", "", retry_after=60)
    )
    assert (job.state, job.clips, job.look_again_after) == ("partial", None, 60)


def test_a_file_that_is_gone_is_told():
    gone = answer({"success": False, "message": "Gone", "code": "OUTPUT_NOT_FOUND"}, status=404)
    job, _ = play(reelbot, reelbot.poll("abc"), answer(DONE), gone)
    assert (job.state, job.clips[0].state, job.clips[0].file) == ("expired", "failed", None)


@pytest.mark.parametrize(
    ("status", "code", "kind", "retryable"),
    [
        (401, "UNAUTHORIZED", "auth", False),
        (400, "VALIDATION_ERROR", "input", False),
        (400, "VIDEO_NOT_READY", "conflict", True),
        (402, "QUOTA_EXCEEDED", "payment", False),
        (404, "NOT_FOUND", "missing", False),
        (409, "KEY_LIMIT_REACHED", "conflict", True),
        (429, "RATE_LIMITED", "rate", True),
        (500, "INTERNAL_ERROR", "provider", True),
        (503, "SERVICE_UNAVAILABLE", "provider", True),
    ],
)
def test_it_reads_errors(status, code, kind, retryable):
    said = {"success": False, "message": "No, because.", "code": code}
    error = reelbot.error_from(answer(said, status=status))
    assert (error.kind, error.code, error.retryable) == (kind, code, retryable)
    assert "No, because." in error.message


def test_it_knows_when_the_limit_ends(time_machine):
    time_machine.move_to(datetime(2025, 1, 21, 16, 34, tzinfo=UTC), tick=False)
    body = {"code": "RATE_LIMITED", "details": {"resetAt": "2025-01-21T16:35:00.000Z"}}
    assert reelbot.error_from(answer(body, status=429)).retry_after == 60
    told = answer(b"<html>", status=429, headers={"X-RateLimit-Reset": "2025-01-21T16:36:00Z"})
    assert reelbot.error_from(told).retry_after == 120


def test_it_waits_for_the_seconds_rather_than_for_a_moment_on_another_clock(time_machine):
    time_machine.move_to(datetime(2025, 1, 21, 16, 40, tzinfo=UTC), tick=False)
    body = {"code": "RATE_LIMITED", "details": {"resetAt": "2025-01-21T16:35:00.000Z"}}
    told = answer(body, status=429, headers={"Retry-After": "45"})
    assert reelbot.error_from(told).retry_after == 45


@pytest.mark.parametrize(
    ("status", "code"), [(400, "VIDEO_NOT_READY"), (500, "INTERNAL_ERROR"), (404, "NOT_FOUND")]
)
def test_a_budget_that_is_told_beside_another_error_is_no_reason_to_wait(
    time_machine, status, code
):
    time_machine.move_to(datetime(2025, 1, 21, 16, 34, tzinfo=UTC), tick=False)
    headers = {"X-RateLimit-Remaining": "29", "X-RateLimit-Reset": "2025-01-21T17:33:00Z"}
    told = answer({"success": False, "code": code}, status=status, headers=headers)
    assert reelbot.error_from(told).retry_after is None


def test_it_reads_what_is_left_of_a_budget(time_machine):
    time_machine.move_to(datetime(2025, 1, 21, 16, 34, tzinfo=UTC), tick=False)
    headers = {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "2025-01-21T16:35:00.000Z"}
    assert reelbot.allowance_from(answer(headers=headers)) == Allowance(left=7, resets_in=60)
    assert reelbot.allowance_from(answer(headers={"X-RateLimit-Remaining": "many"})) is None
    assert reelbot.allowance_from(answer()) is None


def test_it_tests_a_key_without_spending():
    missing = answer({"success": False, "message": "?", "code": "NOT_FOUND"}, status=404)
    words, calls = play(reelbot, reelbot.greet(), missing)
    assert words == "The key is accepted."
    assert calls[0].method == "GET"
    malformed = answer({"success": False, "code": "INVALID_PROJECT_ID"}, status=400)
    for known in (malformed, answer(QUEUED)):
        assert play(reelbot, reelbot.greet(), known)[0] == "The key is accepted."
    refused = answer({"success": False, "message": "No.", "code": "UNAUTHORIZED"}, status=401)
    with pytest.raises(ProviderError) as caught:
        play(reelbot, reelbot.greet(), refused)
    assert caught.value.kind == "auth"


@pytest.mark.parametrize(
    "said",
    [answer(b"<html>", status=404), answer({"a": 1}), answer(b"<html>"), answer({}, status=400)],
)
def test_a_server_that_is_not_theirs_proves_no_key(said):
    with pytest.raises(ProviderError):
        play(reelbot, reelbot.greet(), said)


def test_it_is_followed_for_as_long_as_its_file_may_have_to_wait():
    (downloads,) = (budget for budget in reelbot.budgets if budget.name == "download")
    assert reelbot.pace.deadline > downloads.seconds + 600, "a video is done in ten minutes"
