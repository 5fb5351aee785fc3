from __future__ import annotations

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Cost, Order
from clipboard.providers.sync import Sync
from tests.providers.recorded import answer, play

sync = Sync()
VIDEO = "https://clips.example/media/7.mp4?token=abc"
SOUND = "https://a.example/voice.wav"
RUNNING = {
    "id": "g-1",
    "createdAt": "2026-02-03T12:00:00.000Z",
    "model": "lipsync-2",
    "status": "PROCESSING",
    "input": [{"type": "video", "url": VIDEO}, {"type": "audio", "url": SOUND}],
}
BAD = answer({"message": ["no such thing"], "statusCode": 400}, status=400)
ORDER = Order(options={"model": "lipsync-2", "sound": "address", "audio.url": SOUND}, address=VIDEO)


def failed(steps, *answers):
    with pytest.raises(ProviderError) as caught:
        play(sync, steps, *answers)
    return caught.value


def listed(**more):
    return RUNNING | more


@pytest.mark.parametrize(
    ("job", "is_found"),
    [
        (listed(), True),
        (listed(input=[{"type": "video", "url": "https://clips.example/media/7.mp4"}]), True),
        (listed(input=[{"type": "video", "url": "https://Clips.example:443/media/%37.mp4"}]), True),
        (listed(model="sync-3"), False),
        (listed(input=[{"type": "video", "url": "https://clips.example/media/8.mp4"}]), False),
        (
            listed(input=[*RUNNING["input"][:1], {"type": "audio", "url": "https://b.example/"}]),
            False,
        ),
        (listed(webhookUrl="https://clips.example/other"), False),
        (listed(webhookUrl="https://clips.example/mine"), True),
        (listed(input=None), False),
    ],
)
def test_it_finds_what_may_have_come_of_an_order(job, is_found):
    order = Order(options=ORDER.options, address=VIDEO, webhook_url="https://clips.example/mine")
    found, calls = play(sync, sync.find(order), answer([job]))
    assert [one.remote_id for one in found] == (["g-1"] if is_found else [])
    assert (calls[0].path, calls[0].params) == ("/v2/generations", {"limit": "100"})


@pytest.mark.parametrize("odd", [{"model": "lipsync-2"}, None, "odd"])
@pytest.mark.parametrize("others", [[], [listed()], [listed(model="sync-3")]])
def test_a_list_that_is_not_read_whole_is_no_proof_that_nothing_was_taken(odd, others):
    assert failed(sync.find(ORDER), answer([*others, odd])).code == "not_a_list"


def test_it_finds_what_may_have_come_of_a_clip_that_was_sent_along():
    order = Order(options=ORDER.options)
    there = [{"type": "video", "url": "https://store.example/upload/1"}, RUNNING["input"][1]]
    for job, is_found in ((listed(input=there), True), (listed(model="sync-3"), False)):
        assert bool(play(sync, sync.find(order), answer([job]))[0]) is is_found
    other = [there[0], {"type": "audio", "url": "https://b.example/"}]
    assert play(sync, sync.find(order), answer([listed(input=other)]))[0] == []


def test_it_tells_scripts_and_languages_apart():
    video = {"type": "video", "url": VIDEO}
    spoken = {"type": "text", "provider": {"voiceId": "v", "script": "Other."}}
    options = {"model": "lipsync-2", "sound": "text", "text.voiceId": "v", "text.script": "Hi."}
    order = Order(options=options, address=VIDEO)
    assert play(sync, sync.find(order), answer([listed(input=[video, spoken])]))[0] == []
    options = {"model": "lipsync-2", "sound": "dub", "dubParams.targetLang": "es"}
    order = Order(options=options, address=VIDEO)
    told = [listed(id=lang, dubParams={"targetLang": lang}) for lang in ("es", "fr")]
    assert [job.remote_id for job in play(sync, sync.find(order), answer(told))[0]] == ["es"]


def test_it_looks_through_the_pages_newest_first():
    def page(start, count):
        stamps = range(start, start + count)
        return answer(
            [
                listed(id=f"g-{n}", createdAt=f"2026-02-03T12:{n // 60:02}:{n % 60:02}Z")
                for n in stamps
            ]
        )

    found, calls = play(sync, sync.find(ORDER), page(0, 100), page(100, 30))
    assert [call.params.get("cursor") for call in calls] == [None, "g-99"]
    assert [job.remote_id for job in found] == [f"g-{n}" for n in reversed(range(130))]


def test_it_does_not_turn_in_circles_where_the_cursor_is_ignored():
    same = answer([listed(id=f"g-{n}") for n in range(100)])
    assert len(play(sync, sync.find(ORDER), same, same)[0]) == 100
    others = answer([listed(id=f"g-{n}", model="sync-3") for n in range(100)])
    assert failed(sync.find(ORDER), others, others).code == "too_many"


@pytest.mark.parametrize("body", [{"data": []}, None, "[]", b"", b"<html>"])
def test_an_unreadable_list_is_not_an_empty_one(body):
    assert failed(sync.find(ORDER), answer(body)).kind == "provider"


def test_it_lists_by_state_and_id():
    steps = sync.listed(limit=5, states=["FAILED", "REJECTED"], ids=["a", "b"], cursor="c")
    _, calls = play(sync, steps, answer([]))
    assert calls[0].params == {
        "limit": "5",
        "cursor": "c",
        "status": "FAILED,REJECTED",
        "ids": "a,b",
    }


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        ([{"estimatedFrameCount": 300, "estimatedGenerationCost": 0.5}], 0.5),
        ([{"estimatedGenerationCost": 0.5}, {"estimatedGenerationCost": "0.25"}], 0.75),
        ({"estimatedGenerationCost": 0.5, "estimatedCredits": None}, 0.5),
        ([{"estimatedGenerationCost": -1}], None),
        ([], None),
        ("?", None),
    ],
)
def test_it_asks_for_the_price_first(body, cost):
    found, calls = play(sync, sync.estimate(ORDER), answer(body))
    assert found == (cost and Cost(amount=cost, unit="USD", is_estimate=True))
    assert (calls[0].method, calls[0].path) == ("POST", "/v2/analyze/cost")
    assert calls[0].json["input"] == RUNNING["input"]


def test_it_asks_by_length_where_the_first_way_is_closed():
    order = Order(options=ORDER.options, address=VIDEO, duration=12.5)
    priced = answer({"estimatedGenerationCost": None, "estimatedCredits": 40})
    found, calls = play(sync, sync.estimate(order), answer({}, status=404), priced)
    assert found == Cost(amount=40, unit="credits", is_estimate=True)
    assert calls[1].path == "/v2/generations/estimate"
    assert calls[1].json == {"model": "lipsync-2", "duration": 12.5}
    unknown = answer({"errorCode": "cost_estimate_unavailable"}, status=422)
    assert play(sync, sync.estimate(order), BAD, unknown)[0] is None
    assert play(sync, sync.estimate(ORDER), BAD)[0] is None


def test_a_price_is_not_asked_for_twice_where_the_order_is_wrong():
    wrong = answer({"errorCode": "generation_input_video_inaccessible"}, status=422)
    assert failed(sync.estimate(ORDER), wrong).code == "generation_input_video_inaccessible"


def test_it_tests_a_key_without_spending():
    words, calls = play(sync, sync.greet(), answer([]))
    assert (words, calls[0].method) == ("The key is accepted.", "GET")
    refused = answer({"message": "Unauthorized", "statusCode": 401}, status=401)
    assert failed(sync.greet(), refused).kind == "auth"


@pytest.mark.parametrize(
    ("status", "body", "kind", "retryable"),
    [
        (401, {"message": "Unauthorized", "statusCode": 401}, "auth", False),
        (401, {"message": "Either Cookie or x-api-key …", "error": "Unauthorized"}, "auth", False),
        (400, {"errorCode": "INVALID_IDEMPOTENCY_KEY"}, "input", False),
        (409, {"errorCode": "IDEMPOTENCY_KEY_REUSED"}, "unknown", False),
        (400, {"message": ["model must be one of …"], "error": "Bad Request"}, "input", False),
        (402, {"errorCode": "free_tier_generations_exhausted"}, "payment", False),
        (403, {"errorCode": "plan_feature_unavailable"}, "input", False),
        (402, {"errorCode": "generation_plan_duration_exceeded"}, "input", False),
        (402, {"errorCode": "account_payment_required"}, "payment", False),
        (404, {"errorCode": "generation_not_found"}, "missing", False),
        (404, {"errorCode": "voice_not_found"}, "input", False),
        (409, {"errorCode": "generation_not_deletable_while_processing"}, "conflict", True),
        (413, {"errorCode": "generation_input_validation_failed"}, "input", False),
        (422, {"errorCode": "file_size_exceeds_plan_limit"}, "input", False),
        (422, {"errorCode": "generation_media_probe_timeout"}, "provider", True),
        (422, {"errorCode": "of_tomorrow"}, "input", False),
        (429, {"errorCode": "elevenlabs_quota_exceeded"}, "input", False),
        (500, {"errorCode": "internal_error", "requestId": "r"}, "provider", True),
        (503, {"errorCode": "controller_unavailable"}, "provider", True),
        (504, b"<html>gateway</html>", "provider", True),
        (500, [["odd"]], "provider", True),
        (400, {"errorCode": {"a": 1}, "message": {"b": 2}}, "input", False),
    ],
)
def test_it_reads_errors(status, body, kind, retryable):
    error = sync.error_from(answer(body, status=status))
    assert (error.kind, error.retryable) == (kind, retryable)


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"errorCode": "rate_limit_exceeded", "error": "Too Many Requests"}, {}, None),
        ({"errorCode": "rate_limit_exceeded"}, {"retry-after": "7"}, 7),
        ({"errorCode": "concurrency_limit_reached", "retryAfterSeconds": 30}, {}, 30),
        ({"errorCode": "concurrency_limit_reached", "retryAfterSeconds": "-1"}, {}, None),
        ({"errorCode": "concurrency_limit_reached", "retryAfterSeconds": 1e9}, {}, 86_400),
        ({"errorCode": "concurrency_limit_reached", "retryAfterSeconds": "soon"}, {}, None),
        (b"", {}, None),
    ],
)
def test_it_tells_how_long_to_hold_back(body, headers, seconds):
    error = sync.error_from(answer(body, status=429, headers=headers))
    assert (error.kind, error.retryable, error.retry_after) == ("rate", True, seconds)
