from __future__ import annotations

import io
import json

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.sync import Sync
from tests.providers.recorded import answer, play

sync = Sync()
VIDEO = "https://clips.example/media/7.mp4?token=abc"
TAKEN = {
    "id": "6533643b-acbe-4c40-967e-d9ba9baac39e",
    "createdAt": "2026-02-03T12:00:00.000Z",
    "model": "lipsync-2",
    "status": "PENDING",
    "input": [{"type": "video", "url": VIDEO}],
    "outputUrl": None,
}
SOUND = {"model": "lipsync-2", "sound": "address", "audio.url": "https://a.example/voice.wav"}
SPOKEN = {
    "model": "sync-3",
    "sound": "text",
    "text.voiceId": "EXAVITQu4vr4xnSDxMaL",
    "text.script": "Hello, sea.",
    "text.stability": 0.5,
    "text.similarityBoost": 0.8,
}
CATALOGUE = [
    {
        "code": "generation_input_video_inaccessible",
        "message": "The video can't be reached.",
        "suggestion": "Use a public address.",
    }
]


def order(options=None, **more):
    return Order(options=SOUND if options is None else options, address=VIDEO, **more)


def refusal(error_code, status=422, **more):
    said = {"message": "No, because.", "statusCode": status, "errorCode": error_code} | more
    return answer(said, status=status)


def sent(options, **more):
    _, calls = play(sync, sync.submit(order(options, **more)), answer(TAKEN, status=201))
    return calls[0].json


def failed(*answers, ordered=None):
    with pytest.raises(ProviderError) as caught:
        play(sync, sync.submit(ordered or order()), *answers)
    return caught.value


def test_it_orders_a_version_under_its_key():
    ordered = order(idempotency_key="job-7", webhook_url="https://clips.example/hooks/7/")

    submitted, calls = play(sync, sync.submit(ordered), answer(TAKEN, status=201))

    assert (submitted.remote_id, submitted.state) == (TAKEN["id"], "queued")
    assert (calls[0].method, calls[0].path) == ("POST", "/v2/generate")
    assert calls[0].budget == "generate"
    assert calls[0].headers == {"Idempotency-Key": "job-7"}
    assert calls[0].json == {
        "model": "lipsync-2",
        "input": [
            {"type": "video", "url": VIDEO},
            {"type": "audio", "url": "https://a.example/voice.wav"},
        ],
        "webhookUrl": "https://clips.example/hooks/7/",
    }
    assert sync.headers("sk-x") == {"x-api-key": "sk-x"}


def test_it_makes_any_key_fit():
    ordered = order(idempotency_key="job 7/ä")
    (first, second) = (
        play(sync, sync.submit(ordered), answer(TAKEN))[1][0].headers for _ in range(2)
    )
    assert first == second
    assert len(first["Idempotency-Key"]) == 64
    assert play(sync, sync.submit(order()), answer(TAKEN))[1][0].headers == {}


def test_it_sends_a_script_to_be_spoken():
    assert sent(SPOKEN)["input"][1] == {
        "type": "text",
        "provider": {
            "name": "elevenlabs",
            "voiceId": "EXAVITQu4vr4xnSDxMaL",
            "script": "Hello, sea.",
            "stability": 0.5,
            "similarityBoost": 0.8,
        },
    }


def test_it_names_what_is_kept_there_by_its_id():
    options = {"model": "lipsync-2", "sound": "asset", "audio.assetId": "a-1"}
    assert sent(options, asset="v-1")["input"] == [
        {"type": "video", "assetId": "v-1"},
        {"type": "audio", "assetId": "a-1"},
    ]


def test_it_dubs_with_no_other_sound():
    body = sent(
        SPOKEN | {"sound": "dub", "dubParams.targetLang": "es", "dubParams.sourceLang": "en"}
    )
    assert body["dubParams"] == {"targetLang": "es", "sourceLang": "en"}
    assert [item["type"] for item in body["input"]] == ["video"]


def test_it_sends_a_sound_for_each_part():
    sounds = [
        {"refId": "a", "type": "audio", "url": "https://a.example/a.wav"},
        {
            "refId": "b",
            "type": "text",
            "provider": {"name": "elevenlabs", "voiceId": "v", "script": "Hi"},
        },
    ]
    segments = [
        {"startTime": 0, "endTime": 4.5, "audioInput": {"refId": "a", "startTime": 1}},
        {"startTime": 5, "endTime": 8, "audioInput": {"refId": "b"}},
    ]
    parts = {"model": "lipsync-2", "sound": "parts", "sounds": sounds, "segments": segments}
    body = sent(parts)
    assert body["input"][1:] == sounds
    assert body["segments"] == segments
    assert failed(ordered=order(parts | {"sounds": sounds[:1]})).code == "parts"


def test_it_sends_every_choice_as_the_service_names_it():
    speaker = "options.active_speaker_detection"
    body = sent(
        SOUND
        | {
            "options.sync_mode": "cut_off",
            "options.temperature": 0.4,
            "options.model_mode": "face",
            "options.prompt": "happy",
            "options.occlusion_detection_enabled": True,
            f"{speaker}.auto_detect": False,
            f"{speaker}.frame_number": 12,
            f"{speaker}.coordinates": [640, 360],
            f"{speaker}.bounding_boxes": [[1, 2, 3, 4], None],
            "outputFileName": "take two",
            "projectId": "0b0c7a0e-0000-4000-8000-000000000000",
            "dubParams.targetLang": "es",  # left over from another choice
        }
    )
    assert body["options"] == {
        "sync_mode": "cut_off",
        "temperature": 0.4,
        "model_mode": "face",
        "prompt": "happy",
        "occlusion_detection_enabled": True,
        "active_speaker_detection": {
            "auto_detect": False,
            "frame_number": 12,
            "coordinates": [640, 360],
            "bounding_boxes": [[1, 2, 3, 4], None],
        },
    }
    assert body["outputFileName"] == "take two"
    assert body["projectId"] == "0b0c7a0e-0000-4000-8000-000000000000"
    assert "dubParams" not in body


def test_it_uses_an_earlier_voice_again():
    earlier = TAKEN | {"status": "COMPLETED", "synthesizedAudioUrl": "https://s.example/take.wav"}
    options = {"model": "lipsync-2", "sound": "take", "take": "job/1"}

    _, calls = play(sync, sync.submit(order(options)), answer(earlier), answer(TAKEN))

    assert [call.path for call in calls] == ["/v2/generate/job%2F1", "/v2/generate"]
    assert calls[1].json["input"][1] == {"type": "audio", "url": "https://s.example/take.wav"}
    assert failed(answer(TAKEN), ordered=order(options)).code == "no_take"
    missing = refusal("generation_not_found", 404)
    assert failed(missing, ordered=order(options)).code == "no_take"


@pytest.mark.parametrize(
    "options",
    [
        {"model": "lipsync-2"},
        {"model": "lipsync-2", "sound": "address"},
        {"model": "lipsync-2", "sound": "asset"},
        {"model": "lipsync-2", "sound": "take"},
        {"model": "lipsync-2", "sound": "dub"},
        {"model": "lipsync-2", "sound": "parts"},
        SPOKEN | {"text.script": "  "},
    ],
)
def test_it_spends_nothing_on_an_order_without_sound(options):
    error = failed(ordered=order(options))
    assert (error.kind, error.retryable) == ("input", False)


def test_it_spends_nothing_on_an_order_without_a_clip():
    assert failed(ordered=Order(options=SOUND)).code == "no_video"


@pytest.mark.parametrize("body", [{"status": "PENDING"}, [], b"<html>", b"", {"id": {}}])
def test_an_order_without_a_number_is_an_unknown_outcome(body):
    error = failed(answer(body, status=201))
    assert (error.kind, error.retryable) == ("unknown", False)


def test_a_refused_order_carries_the_advice():
    refused = refusal("generation_input_video_inaccessible", message=["No", "because."])
    with pytest.raises(ProviderError) as caught:
        play(sync, sync.submit(order()), refused, answer(CATALOGUE))
    error = caught.value
    assert (error.kind, error.code) == ("input", "generation_input_video_inaccessible")
    assert "“No; because.”" in error.message
    assert "“Use a public address.”" in error.message


def test_a_refused_order_is_told_without_advice_too():
    refused = refusal("plan_feature_unavailable", 402)
    error = failed(refused, ProviderError("network", "gone"))
    assert (error.kind, error.code) == ("input", "plan_feature_unavailable")
    assert "No, because." in error.message


def test_an_outcome_that_the_service_does_not_know_stays_open():
    error = failed(refusal("IDEMPOTENCY_OUTCOME_UNKNOWN", 503))
    assert (error.kind, error.retryable, error.remote_id) == ("unknown", False, "")


def test_an_unknown_outcome_that_names_its_job_is_looked_up():
    doubtful = refusal("IDEMPOTENCY_OUTCOME_UNKNOWN", 503, generationId="g-1")
    there = answer(TAKEN | {"id": "g-1", "status": "PROCESSING"})

    submitted, calls = play(sync, sync.submit(order()), doubtful, there)

    assert (submitted.remote_id, submitted.state) == ("g-1", "running")
    assert [call.method for call in calls] == ["POST", "GET"]
    error = failed(doubtful, refusal("generation_not_found", 404))
    assert (error.kind, error.remote_id) == ("unknown", "g-1")


@pytest.mark.parametrize(
    ("key", "kind", "retryable"), [("job-7", "provider", True), ("", "unknown", False)]
)
def test_only_a_key_makes_a_repeat_safe(key, kind, retryable):
    error = failed(answer(b"<html>", status=502), ordered=order(idempotency_key=key))
    assert (error.kind, error.retryable) == (kind, retryable)


def test_every_choice_can_be_sent():
    assert len({option.name for option in sync.options}) == len(sync.options)
    needed = {option.needed_when[1] for option in sync.options if option.needed_when}
    (sound,) = (option for option in sync.options if option.name == "sound")
    assert needed == {value for value, _ in sound.choices}


def test_it_sends_the_clips_file_along_as_a_form():
    file = io.BytesIO(b"video")
    dub = {"model": "sync-3", "sound": "dub", "dubParams.targetLang": "es"}
    wanted = Order(options=dub, file=file)
    _, (call,) = play(sync, sync.submit(wanted), answer(TAKEN, status=201))

    assert call.json is None
    assert call.files == {"video": ("clip.mp4", file, "video/mp4")}
    assert json.loads(call.data["dubParams"]) == {"targetLang": "es"}
    assert (call.data["model"], json.loads(call.data["input"])) == ("sync-3", [])
    assert call.deadline > 600
